"""The report of make cost: dollars a month, from measured units and dated prices."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from config.environments import DELIVERED, Environment
from config.prices import FreeTier, price_table
from operations.costs.bill import (
    Line,
    at_list_price,
    bill,
    by_service,
    contributions,
    dollars,
    on_a_plan,
    parts,
)
from operations.costs.month import Month
from operations.docs.pages import COSTS

_MILLION: Final = 1_000_000


def report(month: Month, environment: Environment = DELIVERED) -> Iterator[str]:
    table = price_table()
    lines = bill(month, environment)
    yield assumptions(month)
    yield f"{table.region}, prices read on {table.read}; see {COSTS} for estimates"
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
        f"board{'s' * (month.boards != 1)} and followed by {month.views:g} views of a ranking "
        f"({month.cached:.0%} of them cached). {month.forwarded:.0%} of submissions reach the "
        f"origin, {month.accepted:.0%} of those enter a board"
        + "".join(f"; {text}" for assumed in contributions("assumed") for text in assumed(month))
    )


def _row(name: str, lines: list[Line]) -> str:
    listed, always, first_year = (dollars(lines, tier) for tier in FreeTier)
    return f"{name:58}{always:9,.2f}  {first_year:10,.2f}  {listed:12,.2f}"
