"""The dashboard's two sums of dollars, in CloudWatch's metric math."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from aws_cdk import aws_cloudwatch as cloudwatch

from config import alarms
from config.environments import LAMBDA_MEMORY_MB
from config.manifest import BilledMetric, Capability
from config.prices import price_table
from config.units import LOG_BYTES
from stacks.ops.metrics import DAY, cloudfront, consumed, logged

Metrics = Mapping[str, Sequence[cloudwatch.IMetric]]
"""The metrics of each kind."""
Cost = tuple[str, str, float]
"""A kind of metrics, the id of a price, and how many of its units one of the kind is."""

_AT_THE_ORIGIN: Final[tuple[Cost, ...]] = (
    ("calls", "lambda.requests", 1.0),
    ("ms", "lambda.gb_seconds", LAMBDA_MEMORY_MB / 1024 / 1000),
    ("api", "http_api.requests", 1.0),
    ("api", "logs.ingest", LOG_BYTES / 1e9),
    ("reads", "dynamodb.reads", 1.0),
    ("writes", "dynamodb.writes", 1.0),
)
_AT_THE_EDGE: Final[tuple[Cost, ...]] = (
    ("requests", "cloudfront.requests", 1.0),
    ("sent", "cloudfront.transfer", 1e-9),
    ("received", "cloudfront.upload", 1e-9),
)


def origin_metrics(capabilities: Sequence[Capability], tables: Iterable[str]) -> Metrics:
    names = list(tables)
    requests = [alarms.server_errors_metric(each.name) for each in capabilities if each.apis]
    return {
        "calls": [logged(alarms.BILLED_MS, "SampleCount", "calls", DAY)],
        "ms": [logged(alarms.BILLED_MS, "Sum", "ms", DAY)],
        "api": [logged(each, "SampleCount", "requests", DAY) for each in requests],
        "reads": [consumed(each, "Read", DAY) for each in names],
        "writes": [consumed(each, "Write", DAY) for each in names],
        **_declared(capabilities, "origin"),
    }


def edge_metrics(capabilities: Sequence[Capability], distribution: Mapping[str, str]) -> Metrics:
    return {
        "requests": [cloudfront("Requests", distribution)],
        "sent": [cloudfront("BytesDownloaded", distribution)],
        "received": [cloudfront("BytesUploaded", distribution)],
        **_declared(capabilities, "cloudfront"),
    }


def origin_costs(capabilities: Sequence[Capability]) -> list[Cost]:
    return [*_AT_THE_ORIGIN, *_declared_costs(capabilities, "origin")]


def edge_costs(capabilities: Sequence[Capability]) -> list[Cost]:
    return [*_AT_THE_EDGE, *_declared_costs(capabilities, "cloudfront")]


def cost_expression(costs: Sequence[Cost], used: Metrics) -> str:
    """Dollars. A metric without data counts as zero."""
    prices = price_table().prices
    terms = []
    for kind, price, units in costs:
        dollars = prices[price].usd / prices[price].per * units
        terms += [
            f"FILL({kind}{number}, 0) * {dollars:.15f}" for number in range(len(used.get(kind, ())))
        ]
    return f"SUM([{', '.join(terms)}])"


def by_id(used: Metrics) -> dict[str, cloudwatch.IMetric]:
    """With the ids that the expression has."""
    return {
        f"{kind}{number}": metric
        for kind, metrics in used.items()
        for number, metric in enumerate(metrics)
    }


_Place = Literal["origin", "cloudfront"]


def _billed(capabilities: Sequence[Capability], place: _Place) -> Iterator[BilledMetric]:
    return (each for one in capabilities for each in one.billed if each.at == place)


def _declared(capabilities: Sequence[Capability], place: _Place) -> Metrics:
    return {
        each.id: [
            cloudfront(each.metric, each.dimensions)
            if each.namespace == alarms.CLOUDFRONT
            else cloudwatch.Metric(
                namespace=each.namespace,
                metric_name=each.metric,
                dimensions_map=dict(each.dimensions),
                statistic="Sum",
                period=DAY,
            )
        ]
        for each in _billed(capabilities, place)
    }


def _declared_costs(capabilities: Sequence[Capability], place: _Place) -> Iterator[Cost]:
    """Price by price."""
    costs = [
        (each.id, price, units)
        for each in _billed(capabilities, place)
        for price, units in each.prices
    ]
    for price in dict.fromkeys(price for _, price, _ in costs):
        yield from (cost for cost in costs if cost[1] == price)
