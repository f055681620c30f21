"""make cost: dollars a month for what is played, from measured units and dated prices.

make cost PLAYS=1000000 GAMES=3 VIEWS=5
make cost PLAYERS=20000              at twenty plays each
make cost PLAYS=1000000 REFUSED=5000000 ARGS="--forwarded 0.4 --cached 0.95"
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from config.environments import DELIVERED, PRODUCTION, Environment
from config.prices import FreeTier, price_table
from local.terminal.arguments import Arguments
from local.terminal.errors import VariableError
from operations.costs.bill import (
    Line,
    Month,
    at_list_price,
    bill,
    by_service,
    dollars,
    on_a_plan,
    parts,
)

PLAYS_EACH: Final = 20
_MILLION: Final = 1_000_000
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
    "boards": ("a whole number from 1 to 4, as many as a game has", lambda n: n in {1, 2, 3, 4}),
    "events_a_request": ("from 1 to 25, as many as one request takes", lambda n: 1 <= n <= 25),
    "plays_a_session": ("a number above 0", lambda n: n > 0),
    "days": ("above 0 and at most 30", lambda n: 0 < n <= 30),
}
_EXAMPLES: Final = {"plays": 100_000, "players": 5_000, "cached": 0.8, "accepted": 0.2}
_HELP: Final = {
    "plays": "plays started in the month",
    "games": "games on the site",
    "boards": "boards that each play is submitted to, 1 to 4",
    "views": "rankings looked at for each play",
    "cached": "share of those that CloudFront's cache answers",
    "forwarded": "share of submissions that the edge lets through",
    "accepted": "share of those that enter a board",
    "refused": "submissions besides, by cheats",
    "events": "telemetry events for each play",
    "events_a_request": "how many of them go in one request, 1 to 25",
    "plays_a_session": "plays until the player leaves the page",
    "visits": "loads of your own pages; 0 leaves them out",
    "page_kilobytes": "size of such a load",
    "page_requests": "requests of such a load",
    "billed_ms": "Lambda time of a request, cold starts included; not measured, read your own",
    "days": "into how many days of the month it is crowded",
}


def main(arguments: Sequence[str]) -> None:
    try:
        month = month_of(arguments)
    except VariableError as error:
        sys.exit(str(error))
    print("\n".join(report(month, PRODUCTION)))


def month_of(arguments: Sequence[str]) -> Month:
    parser = Arguments(
        prog="make cost", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for field in fields(Month):
        meaning = f"{_HELP[field.name]} ({_short(field.default)})"
        parser.add_argument(f"--{field.name.replace('_', '-')}", help=meaning)
    parser.add_argument("--players", help=f"instead of plays: {PLAYS_EACH} each")
    given = vars(parser.parse_args(arguments))
    values: dict[str, Any] = {
        name: _value(name, text) for name, text in given.items() if text is not None
    }
    if "players" in values:
        values["plays"] = values.pop("players") * PLAYS_EACH
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


def _short(value: object) -> str:
    return f"{value:,g}" if isinstance(value, int | float) else str(value)


def report(month: Month, environment: Environment = DELIVERED) -> Iterator[str]:
    table = price_table()
    lines = bill(month, environment)
    yield assumptions(month)
    yield f"{table.region}, prices read on {table.read}; see docs/reference/costs.md for estimates"
    yield ""
    yield f"{'':58}{'you pay':>9}  {'first year':>10}  {'no free tier':>12}"
    for service, of_service in by_service(lines).items():
        yield _row(service, of_service)
        for line in of_service:
            yield _row(f"  {line.price.what:24}{quantity(line):>24}", [line])
    yield _row("together", lines)
    for plan in table.plans:
        if plan.fits and plan.requests >= _requests(lines):
            name = f"on CloudFront's {plan.name} plan"
            yield f"{name:58}{on_a_plan(lines, plan):9,.2f}"
            break
    yield ""
    yield "where it comes from, without any free tier:"
    for part in parts(month, environment):
        cost = at_list_price(part.usage, month, environment)
        if cost:
            yield f"  {part.name:56}{cost:9,.2f}"
    more = bill(replace(month, plays=month.plays + _MILLION), environment)
    marginal = dollars(more, FreeTier.NONE) - dollars(lines, FreeTier.NONE)
    yield f"  {'a million plays more':56}{marginal:9,.2f}"


def _requests(lines: Sequence[Line]) -> float:
    return sum(line.amount for line in lines if line.price.id == "cloudfront.requests")


def quantity(line: Line) -> str:
    in_gigabytes = line.price.unit.startswith("GB")
    return f"{line.amount:,.1f} {line.price.unit}" if in_gigabytes else f"{line.amount:,.0f}"


def assumptions(month: Month) -> str:
    return (
        f"{month.plays:,.0f} plays a month of {month.games} "
        f"game{'s' * (month.games != 1)}, each submitted to {month.boards} "
        f"board{'s' * (month.boards != 1)} and followed by {month.views:g} looks at a ranking, "
        f"{month.cached:.0%} of them cached; {month.forwarded:.0%} of submissions reach the "
        f"origin, {month.accepted:.0%} of those enter a board"
        + (f"; {month.events:g} events a play" if month.events else "")
    )


def _row(name: str, lines: list[Line]) -> str:
    listed, always, first_year = (dollars(lines, tier) for tier in FreeTier)
    return f"{name:58}{always:9,.2f}  {first_year:10,.2f}  {listed:12,.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
