"""The use of a month, and the options that describe it."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Final

from local.terminal.errors import VariableError
from operations.rooms import modules

DAYS: Final = 30
_PLAYS_EACH: Final = 20

Limit = tuple[str, Callable[[float], bool]]
_ANY: Final[Limit] = ("a number of 0 or more", lambda value: value >= 0)
_SHARE: Final[Limit] = ("a share, from 0 to 1", lambda value: 0 <= value <= 1)
ABOVE_ZERO: Final[Limit] = ("a number above 0", lambda value: value > 0)
_BOARDS: Final[Limit] = (
    "a whole number from 1 to 4, as many as a game can have",
    lambda value: value in {1, 2, 3, 4},
)
_DAYS: Final[Limit] = ("above 0 and at most 30", lambda value: 0 < value <= DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number that describes a month. `make cost` has an option for it."""

    name: str
    default: float
    help: str
    limit: Limit = _ANY
    example: float = 1
    whole: bool = False
    """Decimals are cut off."""
    variable: bool = False
    """make cost takes it as a variable, too: PLAYS=1000."""


def _given(default: float, help: str, limit: Limit = _ANY, **more: Any) -> Any:
    return field(default=default, metadata={"help": help, "limit": limit, **more})


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """No number of it is measured; every default is a guess.

    Capabilities declare further quantities as QUANTITIES of their costs.py: month["events"].
    """

    plays: float = _given(100_000, "plays started in the month", example=100_000, variable=True)
    games: int = _given(1, "games on the site", whole=True, variable=True)
    boards: int = _given(
        2, "boards that each play is submitted to, 1 to 4", _BOARDS, whole=True, variable=True
    )
    views: float = _given(2, "rankings viewed for each play", variable=True)
    cached: float = _given(
        0.8, "share of views that CloudFront's cache answers", _SHARE, example=0.8
    )
    forwarded: float = _given(1, "share of submissions that the edge forwards", _SHARE)
    """All of them while boards are not full."""
    accepted: float = _given(
        0.2, "share of forwarded submissions that enter a board", _SHARE, example=0.2
    )
    refused: float = _given(0, "further submissions, by cheaters", variable=True)
    """The edge refuses them in its last check."""
    visits: float = _given(0, "loads of your own pages; 0 leaves them out", variable=True)
    page_kilobytes: float = _given(300, "size of such a load")
    page_requests: float = _given(10, "requests of such a load")
    billed_ms: float = _given(
        60, "Lambda time of a request, including cold starts; not measured, use your own"
    )
    days: float = _given(DAYS, "days of the month in which all of it happens", _DAYS)
    more: Mapping[str, float] = field(default_factory=dict)
    """Values of the quantities that capabilities declare. The others have their defaults."""

    def __getitem__(self, name: str) -> float:
        return self.more.get(name, _declared()[name].default)


def _own() -> Iterator[Quantity]:
    for each in fields(Month):
        if each.metadata:
            default: Any = each.default
            yield Quantity(name=each.name, default=default, **each.metadata)


@cache
def _declared() -> dict[str, Quantity]:
    return {
        quantity.name: quantity
        for module in modules("costs")
        for quantity in getattr(module, "QUANTITIES", ())
    }


_PLAYERS: Final = Quantity(
    name="players",
    default=math.nan,
    help=f"instead of plays: {_PLAYS_EACH} each",
    example=5_000,
    variable=True,
)


def options() -> dict[str, str]:
    """The help of each option, by name."""
    quantities = [*_own(), *_declared().values()]
    found = {each.name: f"{each.help} ({each.default:,g})" for each in quantities}
    return {**found, _PLAYERS.name: _PLAYERS.help}


def month_of(given: Mapping[str, str]) -> Month:
    """The month of these options; raises VariableError for the first wrong value."""
    own = {each.name: each for each in [*_own(), _PLAYERS]}
    known = own | _declared()
    values: dict[str, Any] = {name: _value(known[name], text) for name, text in given.items()}
    if _PLAYERS.name in values:
        values["plays"] = values.pop(_PLAYERS.name) * _PLAYS_EACH
    more = {name: values.pop(name) for name in given if name in _declared()}
    return Month(**values, more=more)


def _value(quantity: Quantity, text: str) -> float:
    value = _parsed(text)
    limit, holds = quantity.limit
    if math.isfinite(value) and holds(value):
        return int(value) if quantity.whole else value
    variable, option = quantity.name.upper(), f"--{quantity.name.replace('_', '-')}"
    example = quantity.example
    if quantity.variable:
        raise VariableError(variable, text, limit, f"make cost {variable}={example}")
    raise VariableError("ARGS", f"{option}={text}", limit, f'make cost ARGS="{option}={example}"')


def _parsed(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return math.nan
