"""The checks, in the order in which they run."""

from operations.verify_aws.checks import (  # isort: skip
    account,
    distribution,
    edge,
    site,
    apis,
    functions,
    tables,
    schedules,
    logs,
    watch,
    telemetry,
    ci,
)
from operations.verify_aws.check import CHECKS as CHECKS

__all__ = [
    "CHECKS",
    "account",
    "apis",
    "ci",
    "distribution",
    "edge",
    "functions",
    "logs",
    "schedules",
    "site",
    "tables",
    "telemetry",
    "watch",
]
