"""The tables of docs/reference/costs.md: none of their numbers is typed by hand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import ceil
from typing import Final

from config import units
from config.environments import COMPLETE, DELIVERED
from config.prices import FreeTier, Price, price_table
from config.telemetry import Telemetry
from config.units import Usage
from lambdas.scores.submission import MOST_PERIODS
from lambdas.telemetry.submission import MOST_DATA_BYTES, MOST_EVENTS
from operations.costs.bill import (
    DAYS,
    EVENT_ROW_BYTES,
    Line,
    Month,
    at_list_price,
    bill,
    by_service,
    dollars,
    events_kept,
    parts,
)

_MILLION: Final = 1_000_000
_BOARDS: Final = 2


def sections() -> dict[str, str]:
    return {name: make() for name, make in _SECTIONS.items()}


_TIERS: Final = ("you pay", "older account, first year", "without any free tier")


def _costs(lines: list[Line]) -> list[str]:
    tiers = (FreeTier.ALWAYS, FreeTier.FIRST_YEAR, FreeTier.NONE)
    return [_usd(dollars(lines, tier)) for tier in tiers]


def _months() -> str:
    rows = []
    for plays in (0, 1_000, 10_000, 100_000, _MILLION, 10 * _MILLION):
        lines = bill(Month(plays=plays))
        rows.append([f"{plays:,}", *_costs(lines)])
    return _table(["plays a month", *_TIERS], rows)


_EVENTS: Final = 10


def _with_telemetry() -> str:
    archiving = replace(DELIVERED, capabilities=COMPLETE.capabilities)
    rows = []
    for plays in (0, 10_000, 100_000, _MILLION):
        told = Month(plays=plays, events=_EVENTS)
        bills = (bill(Month(plays=plays)), bill(told), bill(told, archiving))
        rows.append([f"{plays:,}", *(_usd(dollars(lines, FreeTier.ALWAYS)) for lines in bills)])
    return _table(
        ["plays a month", "without", f"with {_EVENTS} events a play", "and the archive"], rows
    )


def _at_rest() -> str:
    rows = []
    for name, month in (
        ("scores and their edge", Month(plays=0)),
        ("telemetry, too", Month(plays=0, events=_EVENTS)),
    ):
        lines = bill(month)
        of_it = ", ".join(
            f"{line.price.what} {_usd(cost)}"
            for line in lines
            if (cost := line.cost(FreeTier.ALWAYS)) >= 0.005
        )
        rows.append([name, _usd(dollars(lines, FreeTier.ALWAYS)), of_it])
        rows[-1].append(_usd(dollars(lines, FreeTier.NONE)))
    return _table(["nobody plays", "you pay", "for", "without any free tier"], rows)


def _services() -> str:
    lines = bill(Month(plays=_MILLION))
    rows = [
        [service, _told(of_service), *_costs(of_service)]
        for service, of_service in by_service(lines).items()
    ]
    rows.append(["together", "", *_costs(lines)])
    return _table(["service", "what for, without any free tier", *_TIERS], rows)


def _told(lines: Iterable[Line]) -> str:
    return ", ".join(f"{line.price.what} {_usd(line.cost(FreeTier.NONE))}" for line in lines)


def _units() -> str:
    requests = {
        "start of a play": units.START,
        "end of a play": units.END,
        "submission, refused at the edge": units.refused(1)["below_threshold"],
        "submission, not good enough for its board": units.submission(1),
        "submission, accepted on a full board": units.submission(1)
        + units.ACCEPTED
        + units.EVICTED,
        "each further board": _further_board(),
        "ranking from CloudFront's cache": units.RANKING_CACHED,
        "ranking from the origin": units.RANKING_FRESH,
        "telemetry: a session of a known player": units.SESSION + units.PLAYER_KEY,
        "telemetry: ten events in one request": units.events(10),
        "telemetry: the end of a session": units.SESSION_END,
        "telemetry: a window of counters": units.COUNTED,
    }
    columns = {
        "function": "cloudfront.functions",
        "store reads": "cloudfront.store_reads",
        "Lambda": "lambda.requests",
        "read units": "dynamodb.reads",
        "write units": "dynamodb.writes",
    }
    rows = [
        [name, *(f"{usage[price]:g}" for price in columns.values())]
        for name, usage in requests.items()
    ]
    return _table(["request", *columns], rows)


def _further_board() -> Usage:
    return units.submission(2) + units.submission(1) * -1 + units.ACCEPTED + units.EVICTED


def _refusals() -> str:
    rows = [
        [f"`{code}`", f"{usage['cloudfront.store_reads']:g}", _usd(at_list_price(usage * _MILLION))]
        for code, usage in units.refused(_BOARDS).items()
    ]
    reached = units.submission(_BOARDS)
    rows.append(["let through, for comparison", f"{reached['cloudfront.store_reads']:g}"])
    rows[-1].append(_usd(at_list_price(reached * _MILLION)))
    return _table(["refused as", "store reads each", "a million of them"], rows)


def _ceiling() -> str:
    scores = DELIVERED.requests_per_second
    telemetry = Telemetry.requests_per_second
    rows = [
        [
            name,
            f"{rate:g}",
            _usd(at_list_price(usage * rate * _DAY)),
            _usd(at_list_price(usage * rate * _DAY * DAYS)),
        ]
        for name, rate, usage in (
            ("rankings, each for another address", scores, units.RANKING_FRESH),
            (f"plays accepted on {MOST_PERIODS} full boards", scores, _accepted_play()),
            (f"telemetry, {MOST_EVENTS} events in each", telemetry, _events()),
            ("the same, each event as long as may be", telemetry, _longest_events()),
        )
    ]
    return _table(["requests without a pause", "a second", "a day", f"{DAYS} days"], rows)


_DAY: Final = 24 * 3600
_WRITE_UNIT_BYTES: Final = 1024


def _accepted_play() -> Usage:
    entries = (units.ACCEPTED + units.EVICTED) * MOST_PERIODS
    return units.START + units.END + units.submission(MOST_PERIODS) + entries


def _events() -> Usage:
    return units.events(MOST_EVENTS) + events_kept(MOST_EVENTS)


def _longest_events() -> Usage:
    row = EVENT_ROW_BYTES + MOST_DATA_BYTES
    longer = {
        "dynamodb.writes": MOST_EVENTS * (ceil(row / _WRITE_UNIT_BYTES) - 1),
        "cloudfront.upload": MOST_EVENTS * MOST_DATA_BYTES / units.GB,
    }
    return units.events(MOST_EVENTS) + Usage(longer) + events_kept(MOST_EVENTS, row)


def _viral() -> str:
    month = Month(plays=_MILLION, days=1)
    lines = bill(month)
    through = month.plays * (month.forwarded + month.views * (1 - month.cached))
    rows = [
        ["you pay", _usd(dollars(lines, FreeTier.ALWAYS))],
        ["without any free tier", _usd(dollars(lines, FreeTier.NONE))],
        ["requests that reach the API", f"{through:,.0f}"],
        ["on average a second", f"{through / (24 * 3600):.0f}"],
        ["the throttle as it is delivered", f"{DELIVERED.requests_per_second:g}"],
    ]
    return _table(["a million plays in a day", ""], rows)


def _plans() -> str:
    rows = [
        [
            plan.name,
            f"${plan.usd:,.0f}",
            f"{plan.requests / _MILLION:,.0f} million",
            f"{plan.gigabytes:,} GB",
            str(plan.behaviours),
            "yes" if plan.store else "no",
            "yes" if plan.cache_policies else "no",
            "yes" if plan.fits else "no",
        ]
        for plan in price_table().plans
    ]
    heads = ["plan", "a month", "requests", "transfer", "behaviours", "key-value store"]
    return _table([*heads, "own cache policy", "htmlgame runs"], rows)


def _allowance() -> str:
    """What the cheapest fitting plan allows, paid as it goes."""
    plan = next(plan for plan in price_table().plans if plan.fits)
    plays = plan.requests / _requests_a_play()
    replaced = by_service(bill(Month(plays=plays)))["CloudFront"]
    paid = dollars(replaced, FreeTier.ALWAYS)
    verdict = "so the plan saves nothing but surprises" if paid < plan.usd else "so the plan saves"
    return (
        f"At these defaults the {plan.requests / _MILLION:.0f} million requests of {plan.name} are "
        f"{plays / _MILLION:.0f} million plays, for which CloudFront's own lines come to "
        f"${paid:,.0f} of its ${plan.usd:,.0f}: {verdict}."
    )


def _requests_a_play() -> float:
    month = Month(plays=1)
    usage = units.total(part.usage for part in parts(month))
    return usage["cloudfront.requests"]


def _prices() -> str:
    rows = [
        [
            price.service,
            f"{price.what} ({price.note})" if price.note else price.what,
            _rate(price),
            f"{price.free:,.0f} {price.unit}, {price.lasts}" if price.free else "",
            price.source,
            price.dated or "not dated",
        ]
        for price in price_table().prices.values()
    ]
    return _table(["service", "what", "price", "free a month", "read in", "of"], rows)


def _rate(price: Price) -> str:
    if not price.usd:
        return "free"
    usd = f"${price.usd:.10f}".rstrip("0").rstrip(".")
    if price.per != 1:
        return f"{usd} for {price.per:,.0f} {price.unit}"
    return f"{usd} a {_one(price.unit)}" if "GB" in price.unit else f"{usd} each"


def _one(unit: str) -> str:
    """GB-month for GB-months; GB-s has no plural."""
    return unit.removesuffix("s") if unit.endswith("months") else unit


def _usd(amount: float) -> str:
    return f"${amount:,.2f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    return "\n".join([line(heads), line(["---"] * len(heads)), *map(line, rows)])


_SECTIONS: Final[dict[str, Callable[[], str]]] = {
    "months": _months,
    "at-rest": _at_rest,
    "telemetry": _with_telemetry,
    "services": _services,
    "units": _units,
    "refusals": _refusals,
    "ceiling": _ceiling,
    "viral": _viral,
    "plans": _plans,
    "allowance": _allowance,
    "prices": _prices,
}
