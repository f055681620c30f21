"""The emulator that stands in for AWS on this machine."""

from local.cloud.process import (
    NODE,
    STRICT,
    Cloud,
    CloudError,
    free_port,
    refuse_busy_port,
    running_cloud,
)

__all__ = [
    "NODE",
    "STRICT",
    "Cloud",
    "CloudError",
    "free_port",
    "refuse_busy_port",
    "running_cloud",
]
