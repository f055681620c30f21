"""What plays cost at the edge, and what the edge refuses."""

from collections.abc import Iterator

from config import units
from config.environments import Environment
from config.units import Usage
from operations.costs.month import DAYS, Month
from operations.costs.part import Part


def parts(month: Month, _environment: Environment) -> Iterator[Part]:
    yield Part("starts and ends", (units.START + units.END) * month.plays)
    yield Part("other refusals", units.refused(month.boards)["banned"] * month.refused)


def store_keys(games: int) -> int:
    """Two token keys, and the entries of each game and its periods."""
    return 2 + 5 * games


def at_rest(games: int, _environment: Environment) -> Usage:
    """The monthly rotation of the token keys."""
    return units.store_change(store_keys(games), 2)


def scheduled_runs(_environment: Environment) -> int:
    """The drift guard every hour, the rotation every month."""
    return DAYS * 24 + 1


def requests() -> dict[str, Usage]:
    return {
        "start of a play": units.START,
        "end of a play": units.END,
        "submission, refused at the edge": units.refused(1)["below_threshold"],
    }
