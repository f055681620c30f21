"""CloudWatch metrics, as the dashboard shows them."""

from collections.abc import Mapping
from typing import Final, Literal

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from config import alarms

DAY: Final = Duration.days(1)
STEP: Final = Duration.minutes(5)


def logged(
    metric: str,
    statistic: str,
    label: str,
    period: Duration = STEP,
    dimensions: Mapping[str, str] | None = None,
) -> cloudwatch.Metric:
    """One of the metrics that filters make from log lines."""
    return cloudwatch.Metric(
        namespace=alarms.NAMESPACE,
        metric_name=metric,
        dimensions_map=dict(dimensions or {}),
        statistic=statistic,
        period=period,
        label=label,
    )


def consumed(
    table: str, kind: Literal["Read", "Write"], period: Duration, label: str | None = None
) -> cloudwatch.Metric:
    """The units that a table has used."""
    return cloudwatch.Metric(
        namespace="AWS/DynamoDB",
        metric_name=f"Consumed{kind}CapacityUnits",
        dimensions_map={"TableName": table},
        statistic="Sum",
        period=period,
        label=label,
    )


def cloudfront(
    metric: str,
    dimensions: Mapping[str, str],
    *,
    statistic: str = "Sum",
    period: Duration = DAY,
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
