"""What the key that seals creators' secrets costs."""

from config import units
from config.environments import Environment
from config.units import Usage
from operations.deployed import has


def at_rest(_games: int, environment: Environment) -> Usage:
    return Usage({"kms.keys": 1}) if has(environment, "secrets") else units.NOTHING
