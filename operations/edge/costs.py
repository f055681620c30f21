"""What the edge's store costs while nobody plays."""

from config import units
from config.environments import Environment
from config.units import Usage


def store_keys(games: int) -> int:
    """Two token keys, and the entries of each game and its periods."""
    return 2 + 5 * games


def at_rest(games: int, _environment: Environment) -> Usage:
    """The monthly rotation of the token keys."""
    return units.store_change(store_keys(games), 2)
