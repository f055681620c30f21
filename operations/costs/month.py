"""What is played in a month, and the options that describe it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from local.terminal.errors import VariableError

DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What is played. Nothing of it is measured; every default is a guess."""

    plays: float = 100_000
    games: int = 1
    boards: int = 2
    """Boards that each play is submitted to."""
    views: float = 2
    """Rankings viewed for each play."""
    cached: float = 0.8
    """Share of views that CloudFront answers from its cache."""
    forwarded: float = 1
    """Share of submissions that the edge forwards: all of them while boards are not full."""
    accepted: float = 0.2
    """Share of forwarded submissions that enter a board, on each board."""
    refused: float = 0
    """Further submissions, by cheaters, that the edge refuses in its last check."""
    events: float = 0
    """Telemetry events for each play, if telemetry is deployed."""
    events_a_request: int = 10
    plays_a_session: float = 5
    visits: float = 0
    """Loads of your own pages; 0 leaves your files out of the bill."""
    page_kilobytes: float = 300
    page_requests: float = 10
    billed_ms: float = 60
    """Lambda time of a request, including its share of cold starts."""
    days: float = DAYS
    """The days of the month in which all of it happens."""


_PLAYS_EACH: Final = 20
_WHOLE: Final = {"boards", "games", "events_a_request"}
_OF_MAKE: Final = {
    "PLAYS",
    "PLAYERS",
    "GAMES",
    "BOARDS",
    "VIEWS",
    "EVENTS",
    "REFUSED",
    "VISITS",
}
Limit = tuple[str, Callable[[float], bool]]

_ANY: Final[Limit] = ("a number of 0 or more", lambda value: value >= 0)
_SHARE: Final[Limit] = ("a share, from 0 to 1", lambda value: 0 <= value <= 1)
_LIMITS: Final[dict[str, Limit]] = {
    "cached": _SHARE,
    "forwarded": _SHARE,
    "accepted": _SHARE,
    "boards": (
        "a whole number from 1 to 4, as many as a game can have",
        lambda n: n in {1, 2, 3, 4},
    ),
    "events_a_request": ("from 1 to 25, as many as one request can hold", lambda n: 1 <= n <= 25),
    "plays_a_session": ("a number above 0", lambda n: n > 0),
    "days": ("above 0 and at most 30", lambda n: 0 < n <= 30),
}
_EXAMPLES: Final = {"plays": 100_000, "players": 5_000, "cached": 0.8, "accepted": 0.2}
_HELP: Final = {
    "plays": "plays started in the month",
    "games": "games on the site",
    "boards": "boards that each play is submitted to, 1 to 4",
    "views": "rankings viewed for each play",
    "cached": "share of views that CloudFront's cache answers",
    "forwarded": "share of submissions that the edge forwards",
    "accepted": "share of forwarded submissions that enter a board",
    "refused": "further submissions, by cheaters",
    "events": "telemetry events for each play",
    "events_a_request": "events in one request, 1 to 25",
    "plays_a_session": "plays until the player leaves the page",
    "visits": "loads of your own pages; 0 leaves them out",
    "page_kilobytes": "size of such a load",
    "page_requests": "requests of such a load",
    "billed_ms": "Lambda time of a request, including cold starts; not measured, use your own",
    "days": "days of the month in which all of it happens",
}


def options() -> dict[str, str]:
    """The help of each option, by name."""
    found = {
        field.name: f"{_HELP[field.name]} ({_short(field.default)})" for field in fields(Month)
    }
    return {**found, "players": f"instead of plays: {_PLAYS_EACH} each"}


def _short(value: object) -> str:
    return f"{value:,g}" if isinstance(value, int | float) else str(value)


def month_of(given: Mapping[str, str]) -> Month:
    """The month of these options; raises VariableError for the first wrong value."""
    values: dict[str, Any] = {name: _value(name, text) for name, text in given.items()}
    if "players" in values:
        values["plays"] = values.pop("players") * _PLAYS_EACH
    for name in _WHOLE & values.keys():
        values[name] = int(values[name])
    return Month(**values)


def _value(name: str, text: str) -> float:
    value = _parsed(text)
    limit, holds = _LIMITS.get(name, _ANY)
    if math.isfinite(value) and holds(value):
        return value
    option = f"--{name.replace('_', '-')}"
    example = _EXAMPLES.get(name, 1)
    if name.upper() in _OF_MAKE:
        raise VariableError(name.upper(), text, limit, f"make cost {name.upper()}={example}")
    raise VariableError("ARGS", f"{option}={text}", limit, f'make cost ARGS="{option}={example}"')


def _parsed(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return math.nan
