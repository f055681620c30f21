"""The types of alarms, and the alarms that every capability has. The others are in manifests.

Metric filters make custom metrics from log lines, and are free. A metric that takes each line
twice, as 1 where it is bad and as 0 where it is not, has the ratio of bad lines as its average.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal

from config import names
from config.model import part_of_manifest

if TYPE_CHECKING:
    from config.manifest import Capability, Endpoint, Function

NAMESPACE: Final = names.PROJECT
MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR

FAILURES: Final = "Failures"
DATABASE_THROTTLES: Final = "DatabaseThrottles"
EDGE_STORE_FAILURES: Final = "EdgeStoreFailures"
CLOUDFRONT: Final = "AWS/CloudFront"
CLOUDFRONT_REGION: Final = "us-east-1"
"""CloudFront writes its metrics in this region, wherever it serves."""
DISTRIBUTION_ERRORS: Final = "5xxErrorRate"
"""CloudFront's metric: per cent of all requests to a distribution, whoever answers them."""
BILLED_MS: Final = "BilledMs"
"""Its sum is what Lambda bills, and its sample count is the number of invocations."""


@part_of_manifest
class Filter:
    """Each line of these log groups that matches the pattern adds the value to the metric."""

    metric: str
    groups: tuple[str, ...]
    pattern: str
    value: str = "1"


@part_of_manifest
class Alarm:
    name: str
    means: str
    first: str
    """The first step to take."""
    metric: str
    filters: tuple[Filter, ...] = ()
    namespace: str = NAMESPACE
    dimensions: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    """Dimensions whose values SSM parameters hold."""
    region: str | None = None
    """The one region that has the metric. An alarm reads only metrics of its own region."""
    statistic: Literal["Average", "Maximum", "Sum"] = "Sum"
    period: int
    threshold: float
    fires: Literal["at_least", "below"] = "at_least"
    periods: int = 1
    of: int = 1
    """So many of the latest periods must be bad."""
    missing: Literal["good", "bad", "ignored"] = "good"
    fill: bool = False
    """Periods without a line count as zero, so that the window has its full length."""
    quiet_minutes: int = 0
    """How long a new alarm waits for its first line."""
    shown: bool = False
    """Whether the dashboard's graph of problems has the metric."""

    @property
    def description(self) -> str:
        return f"{self.means} First: {self.first} More: docs/operate/runbook.md#{self.name}"


def alarms(capabilities: Sequence["Capability"]) -> Iterator[Alarm]:
    functions = [function for each in capabilities for function in each.functions]
    for capability in capabilities:
        for endpoint in capability.apis:
            yield _server_errors(capability.name, endpoint)
            yield _throttled(capability.name, endpoint)
    yield _failures(functions)
    yield _LAMBDA_THROTTLES
    yield _database_throttles(functions)
    yield _edge_store(functions)
    for capability in capabilities:
        yield from capability.alarms


def billed(capabilities: Sequence["Capability"]) -> Filter:
    """The last line that Lambda itself writes of each invocation, word by word."""
    words = (
        'type = "REPORT", id_is, id, took, ms, unit, billed_is = "Billed", duration, billed, ...'
    )
    functions = [function for each in capabilities for function in each.functions]
    return Filter(
        metric=BILLED_MS, groups=_groups(functions), pattern=f"[{words}]", value="$billed"
    )


def _groups(functions: Iterable["Function"]) -> tuple[str, ...]:
    return tuple(names.function_log_group(function.name) for function in functions)


def server_errors_metric(capability: str) -> str:
    """Its average is the share of failed requests, its sample count the number of requests."""
    return f"{capability.capitalize()}ServerErrors"


def _server_errors(capability: str, endpoint: "Endpoint") -> Alarm:
    metric, groups = server_errors_metric(capability), (names.api_log_group(endpoint.name),)
    return Alarm(
        name=f"{capability}-5xx",
        means=f"One in twenty or more of the requests that reach the {capability} API fails.",
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


def _throttled(capability: str, endpoint: "Endpoint") -> Alarm:
    """The API's own throttle stops a request before any integration answers it."""
    metric, groups = f"{capability.capitalize()}Throttled", (names.api_log_group(endpoint.name),)
    return Alarm(
        name=f"{capability}-429",
        means=f"The throttle of the {capability} API refuses one request in ten or more.",
        first="check on the dashboard whether players or a flood cause it; raise it for players.",
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


def _failures(functions: Iterable["Function"]) -> Alarm:
    """One failure may be transient: Lambda retries twice, so a lasting fault shows again."""
    return Alarm(
        name="failures",
        means="Functions failed more than once within 15 minutes: an error, a timeout or a crash.",
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
        shown=True,
    )


_LAMBDA_THROTTLES: Final = Alarm(
    name="lambda-throttles",
    means="Lambda refuses invocations: the account's concurrency in this region is used up.",
    first="find the function that uses it in Lambda's console; ask AWS for more for players.",
    metric="Throttles",
    namespace="AWS/Lambda",
    period=5 * MINUTE,
    threshold=1,
    periods=2,
    of=3,
)


def _database_throttles(functions: Iterable["Function"]) -> Alarm:
    codes = (
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
    )
    pattern = " || ".join(f'($.cause = "{code}")' for code in codes)
    return Alarm(
        name="database-throttles",
        means="DynamoDB, SSM or KMS refused requests, retries included; players were asked to try "
        "again.",
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
        shown=True,
    )


def _edge_store(functions: Iterable["Function"]) -> Alarm:
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
