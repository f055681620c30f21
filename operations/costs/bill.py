"""A month's bill: what is played, times the units that tests measured, times the prices."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from config import alarms, units
from config.dashboards import dashboards
from config.environments import DELIVERED, LAMBDA_MEMORY_MB, Environment
from config.manifests import enabled
from config.prices import FreeTier, Plan, Price, price_table
from config.units import Usage
from operations.costs.month import DAYS, Month
from operations.costs.part import Part
from operations.deployed import scheduled_runs
from operations.rooms import modules

_HALF_A_CENT: Final = 0.005


@dataclass(frozen=True, slots=True)
class Line:
    price: Price
    amount: float

    def cost(self, tier: FreeTier) -> float:
        return self.price.of(self.amount, tier)


def contributions(name: str) -> Iterator[Callable[..., Any]]:
    """The function of this name of every capability that defines it in costs.py."""
    for module in modules("costs"):
        if (function := getattr(module, name, None)) is not None:
            yield function


def parts(month: Month, environment: Environment = DELIVERED) -> list[Part]:
    for environment_for in contributions("environment_for"):
        environment = environment_for(month, environment)
    return [
        *(part for parts_of in contributions("parts") for part in parts_of(month, environment)),
        Part("your pages", _pages(month)),
        Part("at rest", at_rest(month.games, environment)),
    ]


def bill(month: Month, environment: Environment = DELIVERED) -> list[Line]:
    usage = units.total(part.usage for part in parts(month, environment))
    return list(_lines(_with_consequences(usage, month, environment)))


def at_list_price(
    usage: Usage, month: Month | None = None, environment: Environment = DELIVERED
) -> float:
    lines = _lines(_with_consequences(usage, month or Month(), environment))
    return sum(line.cost(FreeTier.NONE) for line in lines)


def dollars(lines: Iterable[Line], tier: FreeTier) -> float:
    return sum(line.cost(tier) for line in lines)


def on_a_plan(lines: Iterable[Line], plan: Plan) -> float:
    """The flat rate instead of CloudFront's lines."""
    return plan.usd + sum(
        line.cost(FreeTier.ALWAYS) for line in lines if line.price.service != "CloudFront"
    )


def by_service(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """The lines that cost something without any free tier."""
    services: dict[str, list[Line]] = {}
    for line in lines:
        if line.cost(FreeTier.NONE) >= _HALF_A_CENT:
            services.setdefault(line.price.service, []).append(line)
    return services


def stored(byte_months: float) -> Usage:
    """Items of a DynamoDB table, with their point-in-time recovery."""
    gigabytes = byte_months / units.GB
    return Usage({"dynamodb.storage": gigabytes, "dynamodb.backup": gigabytes})


def _pages(month: Month) -> Usage:
    return Usage(
        {
            "cloudfront.requests": month.visits * month.page_requests,
            "cloudfront.transfer": month.visits * month.page_kilobytes * 1000 / units.GB,
        }
    )


_RUN_SECONDS: Final = 3
"""Of a scheduled function, including its imports."""
_ASSETS_GB: Final = 0.1


def at_rest(games: int, environment: Environment = DELIVERED) -> Usage:
    """A month in which nobody plays, a year after the first deploy."""
    runs = scheduled_runs(environment)
    return (
        units.total(rest_of(games, environment) for rest_of in contributions("at_rest"))
        + Usage(
            {
                "lambda.requests": runs,
                "lambda.gb_seconds": runs * _RUN_SECONDS * LAMBDA_MEMORY_MB / 1024,
                "logs.ingest": runs * units.LOG_BYTES / units.GB,
                "s3.storage": _ASSETS_GB,
                "eventbridge.schedules": runs,
            }
        )
        + _monitored(environment)
    )


def _monitored(environment: Environment) -> Usage:
    """As if each metric were written in every hour."""
    ops = environment.ops
    if ops is None:
        return units.NOTHING
    capabilities = enabled(environment)
    every = list(alarms.alarms(capabilities))
    own = {alarm.metric for alarm in every if alarm.namespace == alarms.NAMESPACE}
    metrics = {alarms.billed(capabilities).metric, *own}
    return Usage(
        {
            "cloudwatch.alarms": len([alarm for alarm in every if alarm.name not in ops.off]),
            "cloudwatch.metrics": len(metrics),
            "cloudwatch.dashboards": len(dashboards(capabilities)) if ops.dashboard else 0,
            "budgets.notifications": int(ops.budget_usd is not None),
        }
    )


def _with_consequences(usage: Usage, month: Month, environment: Environment) -> Usage:
    """Adds what follows from requests: Lambda time, and kept logs."""
    requests = usage["http_api.requests"]
    return usage + Usage(
        {
            "lambda.gb_seconds": requests * month.billed_ms / 1000 * LAMBDA_MEMORY_MB / 1024,
            "logs.storage": usage["logs.ingest"] * environment.log_days / DAYS,
        }
    )


def _lines(usage: Usage) -> Iterator[Line]:
    for price in price_table().prices.values():
        if usage[price.id]:
            yield Line(price, usage[price.id])
