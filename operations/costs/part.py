"""What a capability's operations/<name>/costs.py is made of.

It may define
- parts(month, environment) -> Iterator[Part]: what the month's use is billed;
- at_rest(games, environment) -> Usage: what a month without use is billed, besides scheduled runs;
- requests() -> dict[str, Usage]: what each kind of request is billed, for the cost page;
- refusals() -> dict[str, Usage]: what each kind of refusal is billed, for the cost page;
- ceilings() -> Iterator[Ceiling]: the most that its throttle lets through, for the cost page;
- abused(environment) -> Iterator[Abused]: what each public route costs when it is flooded;
- throttles() -> dict[str, float]: requests a second that its throttles let through, for the page;
- environment_for(month, environment) -> Environment: the environment that the month implies;
- QUANTITIES: further numbers that describe a month, each with its option of make cost;
- assumed(month) -> Iterator[str]: the values of them that the report of make cost repeats;
- months_at_rest() -> dict[str, Month]: months without a play, for the cost page;
- sections() -> dict[str, str]: further tables of the cost page, by their names there.
"""

from dataclasses import dataclass

from config.units import NOTHING, Usage


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class Ceiling:
    name: str
    a_second: float
    usage: Usage
    """Of one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abused:
    """A public route that someone floods."""

    route: str
    edge: Usage
    """Of every request, at CloudFront."""
    origin: Usage = NOTHING
    """Of a request that passes the throttle, behind CloudFront."""
    one_a_second: float | None = None
    """The requests that the throttle lets through from one address. None where none gets there."""
    all_a_second: float | None = None
    """The same from any number of addresses, where that is more."""
