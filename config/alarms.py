"""What is worth waking somebody for: from which lines and numbers it is told, and what to do.

Custom metrics are made from log lines by metric filters, which are free; a metric that fits a
line twice, with 1 where it is bad and 0 where it is not, tells a ratio by its average.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from config import names
from config.capabilities import Capability
from config.functions import Function

NAMESPACE: Final = names.PROJECT
MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR

TRIM_FINISHED: Final = "TrimFinished"
KEY_AGE: Final = "TokenKeyAgeDays"
FAILURES: Final = "Failures"
DATABASE_THROTTLES: Final = "DatabaseThrottles"
EDGE_STORE_FAILURES: Final = "EdgeStoreFailures"
INVALIDATIONS_SPENT: Final = "InvalidationsSpent"
DRIFT_HEALED: Final = "DriftHealed"
CLOUDFRONT: Final = "AWS/CloudFront"
CLOUDFRONT_REGION: Final = "us-east-1"
"""Where CloudFront counts, wherever it serves."""
EDGE_SERVER_ERRORS: Final = "5xxErrorRate"
"""Per cent of all requests to the distribution, by whomever they are answered."""
BILLED_MS: Final = "BilledMs"
"""Its sum is what Lambda bills, its sample count how often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Each line of these log groups that fits the pattern adds the value to the metric."""

    metric: str
    groups: tuple[str, ...]
    pattern: str
    value: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    name: str
    means: str
    first: str
    """The first thing to do."""
    metric: str
    filters: tuple[Filter, ...] = ()
    namespace: str = NAMESPACE
    dimensions: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    """Dimensions whose values SSM parameters hold."""
    region: str | None = None
    """The one region that has the metric: an alarm cannot look into another."""
    statistic: Literal["Average", "Maximum", "Sum"] = "Sum"
    period: int
    threshold: float
    fires: Literal["at_least", "below"] = "at_least"
    periods: int = 1
    of: int = 1
    """So many of the latest periods must be bad."""
    missing: Literal["good", "bad", "ignored"] = "good"
    fill: bool = False
    """Hours without a line count as zero, so that the window is exactly as long as it says."""
    quiet_minutes: int = field(default=0)
    """After it is made it waits so long for a first line."""

    @property
    def description(self) -> str:
        return f"{self.means} First: {self.first} More: docs/operate/runbook.md#{self.name}"


def alarms(capabilities: Sequence[Capability]) -> Iterator[Alarm]:
    functions = [function for each in capabilities for function in each.functions]
    for capability in capabilities:
        if capability.api is not None:
            yield _server_errors(capability.name, capability.api)
            yield _throttled(capability.name, capability.api)
    yield _EDGE_SERVER_ERRORS
    yield _failures(functions)
    yield _LAMBDA_THROTTLES
    yield _database_throttles(functions)
    yield _TRIM_MISSED
    yield _DRIFT
    yield _KEY_AGE
    yield _edge_store(functions)
    yield _INVALIDATIONS


def billed(capabilities: Sequence[Capability]) -> Filter:
    """Lambda's own last line of each invocation, word by word."""
    words = (
        'type = "REPORT", id_is, id, took, ms, unit, billed_is = "Billed", duration, billed, ...'
    )
    functions = [function for each in capabilities for function in each.functions]
    return Filter(
        metric=BILLED_MS, groups=_groups(functions), pattern=f"[{words}]", value="$billed"
    )


def _groups(functions: Iterable[Function]) -> tuple[str, ...]:
    return tuple(names.function_log_group(function.name) for function in functions)


def server_errors_metric(capability: str) -> str:
    """Its average is the share of failed requests, its sample count that of all requests."""
    return f"{capability.capitalize()}ServerErrors"


def _server_errors(capability: str, api: str) -> Alarm:
    metric, groups = server_errors_metric(capability), (names.api_log_group(api),)
    return Alarm(
        name=f"{capability}-5xx",
        means=f"Of the requests that reach the {capability} API, one in twenty or more fails.",
        first=f"look for level ERROR in the logs of htmlgame's {capability} functions.",
        metric=metric,
        filters=(
            Filter(metric=metric, groups=groups, pattern='{ $.status = "5*" }'),
            Filter(metric=metric, groups=groups, pattern='{ $.status != "5*" }', value="0"),
        ),
        statistic="Average",
        period=5 * MINUTE,
        threshold=0.05,
        periods=2,
        of=3,
    )


_EDGE_SERVER_ERRORS: Final = Alarm(
    name="edge-5xx",
    means="Of all requests to the site, one in twenty or more fails, at the edge perhaps.",
    first="htmlgame doctor: it knows what the edge needs, and no other alarm sees that missing.",
    metric=EDGE_SERVER_ERRORS,
    namespace=CLOUDFRONT,
    dimensions=(("Region", "Global"),),
    parameters=(("DistributionId", names.DISTRIBUTION_ID),),
    region=CLOUDFRONT_REGION,
    statistic="Average",
    period=5 * MINUTE,
    threshold=5,
    periods=2,
    of=3,
)


def _throttled(capability: str, api: str) -> Alarm:
    """What no integration answered was stopped by the API's own throttle, not by a rule of ours."""
    metric, groups = f"{capability.capitalize()}Throttled", (names.api_log_group(api),)
    return Alarm(
        name=f"{capability}-429",
        means=f"The {capability} API's throttle turns away one request in ten or more.",
        first="see on the dashboard whether that is players or a flood; raise it if players.",
        metric=metric,
        filters=(
            Filter(
                metric=metric,
                groups=groups,
                pattern='{ ($.status = "429") && ($.integrationStatus = "-") }',
            ),
            Filter(
                metric=metric,
                groups=groups,
                pattern='{ ($.status != "429") || ($.integrationStatus != "-") }',
                value="0",
            ),
        ),
        statistic="Average",
        period=5 * MINUTE,
        threshold=0.1,
        periods=2,
        of=3,
    )


def _failures(functions: Iterable[Function]) -> Alarm:
    """Once in a quarter hour may be a passing fault; Lambda tries thrice, so what lasts shows."""
    return Alarm(
        name="failures",
        means="Functions fail: an error, a timeout or a crash, more than once in a quarter hour.",
        first="find the function by ERROR in /aws/lambda/htmlgame-*, and read its traceback.",
        metric=FAILURES,
        filters=(
            Filter(
                metric=FAILURES,
                groups=_groups(functions),
                pattern='?ERROR ?CRITICAL ?"Task timed out" ?"Runtime exited"',
            ),
        ),
        period=15 * MINUTE,
        threshold=2,
    )


_LAMBDA_THROTTLES: Final = Alarm(
    name="lambda-throttles",
    means="Lambda turns away invocations: the account's concurrency in this region is used up.",
    first="see in Lambda's console which function uses it; ask AWS for more if it is players.",
    metric="Throttles",
    namespace="AWS/Lambda",
    period=5 * MINUTE,
    threshold=1,
    periods=2,
    of=3,
)


def _database_throttles(functions: Iterable[Function]) -> Alarm:
    codes = (
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
    )
    pattern = " || ".join(f'($.cause = "{code}")' for code in codes)
    return Alarm(
        name="database-throttles",
        means="DynamoDB, SSM or KMS turned requests away, retries included; players were told to "
        "try again.",
        first="read the operation in the log lines that have a cause: GetParameter and "
        "GetParameters are SSM, at cold starts; Encrypt is KMS; any other is DynamoDB.",
        metric=DATABASE_THROTTLES,
        filters=(
            Filter(
                metric=DATABASE_THROTTLES, groups=_groups(functions), pattern=f"{{ {pattern} }}"
            ),
        ),
        period=5 * MINUTE,
        threshold=3,
    )


_TRIM_LOG: Final = (names.function_log_group(names.TRIM_TOP),)

_TRIM_MISSED: Final = Alarm(
    name="trim-missed",
    means="The daily trim has not finished for 26 hours: thresholds at the edge grow old.",
    first=f"aws lambda invoke --function-name {names.TRIM_TOP} /dev/stdout, and read what it says.",
    metric=TRIM_FINISHED,
    filters=(
        Filter(metric=TRIM_FINISHED, groups=_TRIM_LOG, pattern='{ $.message = "trim finished" }'),
    ),
    period=HOUR,
    threshold=1,
    fires="below",
    periods=26,
    of=26,
    missing="bad",
    fill=True,
    quiet_minutes=27 * 60,
)

_DRIFT: Final = Alarm(
    name="drift",
    means="Somebody changed the distribution and took htmlgame's part out; it is back by now.",
    first="find out who deploys the distribution; see docs/explanation/edge.md.",
    metric=DRIFT_HEALED,
    dimensions=(("service", "edge"),),
    period=HOUR,
    threshold=1,
)

_KEY_AGE: Final = Alarm(
    name="token-key-age",
    means="The key that signs plays is older than 40 days, and should have changed after 30.",
    first="make rotate-keys, and read the log of htmlgame-rotate-keys for why it had not.",
    metric=KEY_AGE,
    filters=(
        Filter(
            metric=KEY_AGE,
            groups=_TRIM_LOG,
            pattern="{ $.key_age_days >= 0 }",
            value="$.key_age_days",
        ),
    ),
    statistic="Maximum",
    period=DAY,
    threshold=40,
    missing="ignored",
)


def _edge_store(functions: Iterable[Function]) -> Alarm:
    calls = ("UpdateKeys", "DescribeKeyValueStore", "ListKeys")
    return Alarm(
        name="edge-store",
        means="The edge's key-value store could not be read or written, retries included.",
        first="read the error in the logs of htmlgame-trim-top, -rotate-keys and -edge-store.",
        metric=EDGE_STORE_FAILURES,
        filters=(
            Filter(
                metric=EDGE_STORE_FAILURES,
                groups=_groups(each for each in functions if each.writes_edge_store),
                pattern=" ".join(f'?"calling the {call} operation"' for call in calls),
            ),
        ),
        period=HOUR,
        threshold=1,
    )


_INVALIDATIONS: Final = Alarm(
    name="invalidations-spent",
    means="The month's invalidations are spent: cached rankings are up to ten minutes old.",
    first="nothing, or raise invalidations_a_month; each path beyond 1,000 costs half a cent.",
    metric=INVALIDATIONS_SPENT,
    filters=(
        Filter(
            metric=INVALIDATIONS_SPENT,
            groups=(names.function_log_group(names.PUT_SCORE),),
            pattern='{ $.message = "invalidation budget spent" }',
        ),
    ),
    period=HOUR,
    threshold=1,
)
