"""What the key that seals creators' secrets costs."""

from config import units
from config.environments import Environment
from config.units import Usage


def at_rest(_games: int, environment: Environment) -> Usage:
    return units.NOTHING if environment.telemetry is None else Usage({"kms.keys": 1})
