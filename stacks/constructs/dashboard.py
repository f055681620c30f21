"""One page that answers: is it healthy, who plays what, what did the last 24 hours cost?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from config import alarms, names
from config.capabilities import ARCHIVE, Capability
from config.environments import LAMBDA_MEMORY_MB
from config.prices import price_table
from config.units import END, LEAST_FIREHOSE_BYTES, LOG_BYTES, START, submission

_DAY: Final = Duration.days(1)
_STEP: Final = Duration.minutes(5)
_FULL: Final = 24

PLAYS: Final = (
    "filter ispresent(game) and ispresent(accepted)",
    "stats count(*) as submissions by game",
    "sort submissions desc",
)
LOOKS: Final = (
    "filter ispresent(game) and ispresent(period)",
    "stats count(*) as looks by game, period",
    "sort looks desc",
)
REFUSALS: Final = (
    "filter ispresent(refused)",
    "stats count(*) as refusals by refused",
    "sort refusals desc",
)

Metrics = Mapping[str, cloudwatch.IMetric]


class Dashboard(cloudwatch.Dashboard):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        capabilities: Sequence[Capability],
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, id, dashboard_name=names.DASHBOARD, default_interval=_DAY)
        self._apis = [each.name for each in capabilities if each.api is not None]
        self._tables = {
            name.rpartition("/")[2]: self._parameter(name)
            for capability in capabilities
            for name in capability.tables
        }
        self._archives = ARCHIVE in capabilities
        self._distribution = {
            "DistributionId": self._parameter(names.DISTRIBUTION_ID),
            "Region": "Global",
        }
        self.add_widgets(_title("Is it healthy?"))
        self.add_widgets(cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=_FULL))
        self.add_widgets(*self._health())
        self.add_widgets(_title("Who plays what?"))
        self.add_widgets(*_plays())
        self.add_widgets(_title("What did it cost?"), _text(_OF_THE_DOLLARS, height=3))
        self.add_widgets(*self._costs())

    def _parameter(self, name: str) -> str:
        return ssm.StringParameter.value_for_string_parameter(self, name)

    def _health(self) -> Iterator[cloudwatch.IWidget]:
        for name in self._apis:
            requests = [_ours(alarms.server_errors_metric(name), of, label) for of, label in _BOTH]
            yield _graph(f"Requests that reach the {name} API", requests)
        yield _graph(
            "Of all requests to the site, per cent that failed, at the edge or behind it",
            [
                _cloudfront(
                    alarms.EDGE_SERVER_ERRORS,
                    self._distribution,
                    statistic="Average",
                    period=_STEP,
                    label="failed",
                )
            ],
        )
        yield _graph("An invocation's milliseconds", [_ours(alarms.BILLED_MS, "p95", "p95")])
        yield _graph(
            "What went wrong",
            [
                _ours(metric, "Sum", metric)
                for metric in (alarms.FAILURES, alarms.DATABASE_THROTTLES, alarms.DRIFT_HEALED)
            ],
        )
        yield _graph(
            "Tables: units taken",
            [
                _table(table, kind, _STEP, label=f"{name} {kind.lower()}s")
                for name, table in self._tables.items()
                for kind in _UNITS
            ],
        )

    def _costs(self) -> Iterator[cloudwatch.IWidget]:
        yield _dollars("At the origin", ORIGIN_COST, self._used_at_the_origin())
        yield _dollars("At the edge", EDGE_COST, self._used_at_the_edge(), alarms.CLOUDFRONT_REGION)

    def _used_at_the_origin(self) -> Metrics:
        requests = [alarms.server_errors_metric(name) for name in self._apis]
        reads, writes = (
            [_table(table, kind, _DAY) for table in self._tables.values()] for kind in _UNITS
        )
        return {
            **_each("calls", [_ours(alarms.BILLED_MS, "SampleCount", "calls", _DAY)]),
            **_each("ms", [_ours(alarms.BILLED_MS, "Sum", "ms", _DAY)]),
            **_each("api", [_ours(each, "SampleCount", "requests", _DAY) for each in requests]),
            **_each("reads", reads),
            **_each("writes", writes),
            **(self._archived() if self._archives else {}),
        }

    def _archived(self) -> Metrics:
        return {
            **_each("rows", [_firehose("IncomingRecords")]),
            **_each("filed", [_firehose("DeliveryToS3.Bytes")]),
            **_each("objects", [_firehose("DeliveryToS3.ObjectCount")]),
        }

    def _used_at_the_edge(self) -> Metrics:
        begun, ended, judged = (
            _cloudfront("FunctionInvocations", {"FunctionName": each, "Region": "Global"})
            for each in (names.GET_START, names.GET_END, names.VALIDATE)
        )
        return {
            **_each("requests", [_cloudfront("Requests", self._distribution)]),
            **_each("sent", [_cloudfront("BytesDownloaded", self._distribution)]),
            **_each("received", [_cloudfront("BytesUploaded", self._distribution)]),
            **_each("begun", [begun]),
            **_each("ended", [ended]),
            **_each("judged", [judged]),
        }


_UNITS: Final = ("Read", "Write")
_BOTH: Final = (("Sum", "failed"), ("SampleCount", "requests"))
ORIGIN_COST: Final = (
    ("calls", "lambda.requests", 1.0),
    ("ms", "lambda.gb_seconds", LAMBDA_MEMORY_MB / 1024 / 1000),
    ("api", "http_api.requests", 1.0),
    ("api", "logs.ingest", LOG_BYTES / 1e9),
    ("reads", "dynamodb.reads", 1.0),
    ("writes", "dynamodb.writes", 1.0),
    ("rows", "firehose.ingest", LEAST_FIREHOSE_BYTES / 1e9),
    ("filed", "firehose.sorting", 1e-9),
    ("objects", "firehose.objects", 1.0),
    ("objects", "s3.puts", 1.0),
)
"""What is counted, its price, and how many of the price's units one of it is."""
BOARDS: Final = 2
"""That a play is submitted to, as make cost guesses it: nobody counts them at the edge."""
_READS: Final = "cloudfront.store_reads"
EDGE_COST: Final = (
    ("requests", "cloudfront.requests", 1.0),
    ("sent", "cloudfront.transfer", 1e-9),
    ("received", "cloudfront.upload", 1e-9),
    ("begun", "cloudfront.functions", 1.0),
    ("ended", "cloudfront.functions", 1.0),
    ("judged", "cloudfront.functions", 1.0),
    ("begun", _READS, START[_READS]),
    ("ended", _READS, END[_READS]),
    ("judged", _READS, submission(BOARDS)[_READS]),
)
_OF_THE_DOLLARS: Final = (
    "In the time that is shown, the last 24 hours unless you choose another; free tiers not taken "
    f"off. Reads of the edge's store are reckoned from calls, {BOARDS} boards to a submission. "
    "**Left out, for want of a metric:** invalidated paths, calls that write the edge's store, "
    "KMS, what is stored, and what costs by the month. `make cost` has them; the bill is AWS's."
)

Costs = Sequence[tuple[str, str, float]]


def cost_expression(costs: Costs, used: Metrics) -> str:
    """Dollars, as metric math: what has not been counted counts as nothing."""
    prices = price_table().prices
    terms = []
    for kind, price, units in costs:
        dollars = prices[price].usd / prices[price].per * units
        counted = [name for name in used if name.rstrip("0123456789") == kind]
        terms += [f"FILL({name}, 0) * {dollars:.15f}" for name in counted]
    return f"SUM([{', '.join(terms)}])"


def _each(kind: str, metrics: Sequence[cloudwatch.IMetric]) -> Metrics:
    return {f"{kind}{number}": metric for number, metric in enumerate(metrics)}


def _title(text: str) -> cloudwatch.TextWidget:
    return _text(f"## {text}", height=1)


def _text(markdown: str, *, height: int) -> cloudwatch.TextWidget:
    return cloudwatch.TextWidget(markdown=markdown, width=_FULL, height=height)


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=_FULL // 2)


def _dollars(
    title: str, costs: Costs, used: Metrics, region: str | None = None
) -> cloudwatch.SingleValueWidget:
    dollars = cloudwatch.MathExpression(
        expression=cost_expression(costs, used),
        using_metrics=dict(used),
        label="dollars",
        period=_DAY,
        search_region=region,
    )
    return cloudwatch.SingleValueWidget(
        title=title,
        metrics=[dollars],
        region=region,
        full_precision=True,
        set_period_to_time_range=True,
        width=_FULL // 2,
    )


def _plays() -> Iterator[cloudwatch.IWidget]:
    for title, query, function in (
        ("Scores submitted", PLAYS, names.PUT_SCORE),
        ("Rankings read past the cache", LOOKS, names.GET_RANKING),
        ("Scores refused by the origin, and why", REFUSALS, names.PUT_SCORE),
    ):
        yield cloudwatch.LogQueryWidget(
            title=title,
            log_group_names=[names.function_log_group(function)],
            query_lines=list(query),
            view=cloudwatch.LogQueryVisualizationType.TABLE,
            width=_FULL // 3,
        )


def _ours(metric: str, statistic: str, label: str, period: Duration = _STEP) -> cloudwatch.Metric:
    drift = {"service": "edge"} if metric == alarms.DRIFT_HEALED else {}
    return cloudwatch.Metric(
        namespace=alarms.NAMESPACE,
        metric_name=metric,
        dimensions_map=drift,
        statistic=statistic,
        period=period,
        label=label,
    )


def _table(table: str, kind: str, period: Duration, label: str | None = None) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/DynamoDB",
        metric_name=f"Consumed{kind}CapacityUnits",
        dimensions_map={"TableName": table},
        statistic="Sum",
        period=period,
        label=label,
    )


def _firehose(metric: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/Firehose",
        metric_name=metric,
        dimensions_map={"DeliveryStreamName": names.ARCHIVE_STREAM},
        statistic="Sum",
        period=_DAY,
    )


def _cloudfront(
    metric: str,
    dimensions: Mapping[str, str],
    *,
    statistic: str = "Sum",
    period: Duration = _DAY,
    label: str | None = None,
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=alarms.CLOUDFRONT,
        metric_name=metric,
        dimensions_map=dict(dimensions),
        statistic=statistic,
        period=period,
        region=alarms.CLOUDFRONT_REGION,
        label=label,
    )
