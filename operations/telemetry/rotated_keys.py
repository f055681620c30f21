"""The keys that sign the sessions of telemetry."""

from config import names
from operations.edge.rotated import RotatedKeys

KEYS = RotatedKeys(
    option="sessions",
    help="The keys of telemetry sessions instead.",
    function=names.TELEMETRY_KEYS,
    sentence="Rotate the sessions' keys",
)
