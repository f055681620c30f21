"""The tables of the cost page. All their numbers are computed."""

from collections.abc import Callable, Iterable
from typing import Final

from config import units
from config.prices import FreeTier, Price, price_table
from config.units import Usage
from operations.costs import abuse
from operations.costs.bill import (
    Line,
    at_list_price,
    bill,
    by_service,
    contributions,
    dollars,
    parts,
)
from operations.costs.month import DAYS, Month
from operations.costs.tables import table, usd

_MILLION: Final = 1_000_000


def sections() -> dict[str, str]:
    own = {name: make() for name, make in _SECTIONS.items()}
    return own | {
        name: section
        for contributed in contributions("sections")
        for name, section in contributed().items()
    }


_TIERS: Final = ("you pay", "older account, first year", "without any free tier")


def _costs(lines: list[Line]) -> list[str]:
    tiers = (FreeTier.ALWAYS, FreeTier.FIRST_YEAR, FreeTier.NONE)
    return [usd(dollars(lines, tier)) for tier in tiers]


def _months() -> str:
    rows = []
    for plays in (0, 1_000, 10_000, 100_000, _MILLION, 10 * _MILLION):
        lines = bill(Month(plays=plays))
        rows.append([f"{plays:,}", *_costs(lines)])
    return table(["plays a month", *_TIERS], rows)


def _at_rest() -> str:
    rows = []
    months = {"scores and their edge": Month(plays=0)}
    for more in contributions("months_at_rest"):
        months |= more()
    for name, month in months.items():
        lines = bill(month)
        services = ", ".join(
            f"{line.price.what} {usd(cost)}"
            for line in lines
            if (cost := line.cost(FreeTier.ALWAYS)) >= 0.005
        )
        rows.append([name, usd(dollars(lines, FreeTier.ALWAYS)), services])
        rows[-1].append(usd(dollars(lines, FreeTier.NONE)))
    return table(["nobody plays", "you pay", "for", "without any free tier"], rows)


def _services() -> str:
    lines = bill(Month(plays=_MILLION))
    rows = [
        [service, _prices_of(of_service), *_costs(of_service)]
        for service, of_service in by_service(lines).items()
    ]
    rows.append(["together", "", *_costs(lines)])
    return table(["service", "what for, without any free tier", *_TIERS], rows)


def _prices_of(lines: Iterable[Line]) -> str:
    return ", ".join(f"{line.price.what} {usd(line.cost(FreeTier.NONE))}" for line in lines)


def _units() -> str:
    columns = {
        "function": "cloudfront.functions",
        "store reads": "cloudfront.store_reads",
        "Lambda": "lambda.requests",
        "read units": "dynamodb.reads",
        "write units": "dynamodb.writes",
    }
    rows = [
        [name, *(f"{usage[price]:g}" for price in columns.values())]
        for requests in contributions("requests")
        for name, usage in requests().items()
    ]
    return table(["request", *columns], rows)


def _refusals() -> str:
    rows = [
        [name, f"{usage['cloudfront.store_reads']:g}", usd(at_list_price(usage * _MILLION))]
        for refusals in contributions("refusals")
        for name, usage in refusals().items()
    ]
    return table(["refused as", "store reads each", "a million of them"], rows)


def _ceiling() -> str:
    rows = [
        [
            each.name,
            f"{each.a_second:g}",
            usd(at_list_price(each.usage * each.a_second * _DAY)),
            usd(at_list_price(each.usage * each.a_second * _DAY * DAYS)),
        ]
        for ceilings in contributions("ceilings")
        for each in ceilings()
    ]
    return table(["requests without a pause", "a second", "a day", f"{DAYS} days"], rows)


_DAY: Final = 24 * 3600


def _abuse() -> str:
    listed = [
        [each.route, f"{each.reach:g}", usd(each.laptop), usd(each.bots)] for each in abuse.rows()
    ]
    heads = ["every second, for an hour", "reach the origin, a second at most"]
    people = [f"{each.name}: {each.a_second:,.0f} a second" for each in (abuse.LAPTOP, abuse.BOTS)]
    return table([*heads, *people], listed)


_WAF_RULES: Final = 2


def _waf() -> str:
    usage = Usage({"waf.acls": 1, "waf.rules": _WAF_RULES})
    rows = []
    for millions in (1, 10, 100):
        requests = Usage({"waf.requests": millions * _MILLION})
        rows.append([f"{millions} million", usd(at_list_price(usage + requests))])
    return table(["requests a month", f"a web ACL with {_WAF_RULES} rules"], rows)


def _viral() -> str:
    month = Month(plays=_MILLION, days=1)
    lines = bill(month)
    through = month.plays * (month.forwarded + month.views * (1 - month.cached))
    rows = [
        ["you pay", usd(dollars(lines, FreeTier.ALWAYS))],
        ["without any free tier", usd(dollars(lines, FreeTier.NONE))],
        ["requests that reach the API", f"{through:,.0f}"],
        ["on average a second", f"{through / (24 * 3600):.0f}"],
        *(
            [f"the throttle of {name}, a second", f"{rate:g}"]
            for throttles in contributions("throttles")
            for name, rate in throttles().items()
        ),
    ]
    return table(["a million plays in a day", ""], rows)


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
    return table([*heads, "own cache policy", "htmlgame runs"], rows)


def _allowance() -> str:
    """What the cheapest fitting plan allows, at pay-as-you-go prices."""
    plan = next(plan for plan in price_table().plans if plan.fits)
    plays = plan.requests / _requests_a_play()
    replaced = by_service(bill(Month(plays=plays)))["CloudFront"]
    paid = dollars(replaced, FreeTier.ALWAYS)
    verdict = (
        "The plan costs more, but it caps the bill" if paid < plan.usd else "The plan costs less"
    )
    return (
        f"At these defaults the {plan.requests / _MILLION:.0f} million requests of {plan.name} are "
        f"{plays / _MILLION:.0f} million plays. CloudFront alone would cost "
        f"${paid:,.0f} for them, and the plan costs ${plan.usd:,.0f}. {verdict}."
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
    return table(["service", "what", "price", "free a month", "read in", "of"], rows)


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


_SECTIONS: Final[dict[str, Callable[[], str]]] = {
    "months": _months,
    "at-rest": _at_rest,
    "services": _services,
    "units": _units,
    "refusals": _refusals,
    "ceiling": _ceiling,
    "abuse": _abuse,
    "waf": _waf,
    "viral": _viral,
    "plans": _plans,
    "allowance": _allowance,
    "prices": _prices,
}
