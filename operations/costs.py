"""make cost: dollars a month for what is played, from measured units and dated prices.

make cost PLAYS=1000000 GAMES=3 VIEWS=5
make cost PLAYERS=20000              at twenty plays each
make cost PLAYS=1000000 REFUSED=5000000 ARGS="--forwarded 0.4 --cached 0.95"
"""

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Final

from config.environments import DELIVERED, PRODUCTION, Environment
from config.prices import FreeTier, price_table
from operations.bill import Line, Month, at_list_price, bill, by_service, dollars, on_a_plan, parts

PLAYS_EACH: Final = 20
_MILLION: Final = 1_000_000
_SHARES: Final = {"cached", "forwarded", "accepted"}
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
    month = month_of(arguments)
    print("\n".join(report(month, PRODUCTION)))


def month_of(arguments: Sequence[str]) -> Month:
    parser = argparse.ArgumentParser(
        prog="make cost", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for field in fields(Month):
        name = field.name
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=_share if name in _SHARES else _number,
            default=field.default,
            help=f"{_HELP[name]} ({_short(field.default)})",
        )
    parser.add_argument("--players", type=_number, help=f"instead of plays: {PLAYS_EACH} each")
    options = vars(parser.parse_args(arguments))
    players = options.pop("players")
    if players is not None:
        options["plays"] = players * PLAYS_EACH
    if not 1 <= options["boards"] <= 4 or options["boards"] % 1:
        parser.error("argument --boards: 1 to 4, since a game has at most four")
    if not 1 <= options["events_a_request"] <= 25:
        parser.error("argument --events-a-request: 1 to 25, as many as one request takes")
    if options["plays_a_session"] <= 0:
        parser.error("argument --plays-a-session: more than 0")
    if not 0 < options["days"] <= 30:
        parser.error("argument --days: more than 0 and at most 30")
    for name in ("boards", "games", "events_a_request"):
        options[name] = int(options[name])
    return Month(**options)


def _number(text: str) -> float:
    number = _parsed(text)
    if not math.isfinite(number) or number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 0 or more")
    return number


def _share(text: str) -> float:
    number = _parsed(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share, from 0 to 1")
    return number


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
    yield f"{table.region}, prices read on {table.read}; docs/costs.md tells what is a guess"
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
