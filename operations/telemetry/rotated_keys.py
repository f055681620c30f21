"""The keys that sign the sessions of telemetry."""

from config.capabilities import telemetry as telemetry_manifest
from operations.rotated_keys import RotatedKeys

KEYS = RotatedKeys(
    option="sessions",
    help="The keys of telemetry sessions instead.",
    function=telemetry_manifest.KEYS.name,
    sentence="Rotate the sessions' keys",
)
