"""OpsStack: alarms, metrics, budget and their topic. test_ops_stack.py triggers each alarm."""

from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import DISTRIBUTION_ID, Json, Row, allow, deny_plain_http
from tests.stacks.policies import ACCOUNT

STACK: Final = "OpsStack"
FILTERS: Final = "metric filters"
MINUTES: Final = 60
HOURS: Final = 3600

_SCORES: Final = ("put-score", "get-ranking", "refresh-ranking", "trim-top")
_EDGE: Final = ("origin-lock", "edge-store", "distribution-patch", "drift-guard", "rotate-keys")
_TELEMETRY: Final = (
    "telemetry-ingest",
    "telemetry-data",
    "telemetry-count",
    "telemetry-analytics",
    "telemetry-keys",
    "telemetry-projects",
    "telemetry-secrets",
    "telemetry-erase",
    "resolve-env",
)
_ARCHIVE: Final = ("telemetry-archive", "telemetry-archive-return", "telemetry-archive-prune")
_PLAYERS: Final = (
    "players-sign-in",
    "players-me",
    "players-chat",
    "players-rank",
    "players-erase",
    "players-keys",
)
_INSIGHTS: Final = (
    "insights-fold",
    "insights-aggregate",
    "insights-register",
    "insights-gather",
    "insights-api",
    "functions-api",
    "sandbox",
)
_TUNNELS: Final = (
    "tunnels",
    "tunnels-hosts",
    "tunnels-authorize",
    "tunnels-connections",
    "tunnels-push",
    "tunnels-certificates",
)
_WRITE_THE_STORE: Final = ("trim-top", "edge-store", "rotate-keys")


def rows(environment: Environment) -> Iterator[Row]:
    topic = {"TopicName": "htmlgame-alarms", "DisplayName": "htmlgame, see docs/operate/runbook.md"}
    yield "AWS::SNS::Topic", f"{STACK} Alarms", topic
    yield "AWS::SNS::TopicPolicy", f"{STACK} AlarmsPolicy", _may_publish(environment)
    yield from _alarms(environment)
    yield from _filters(environment)
    yield "AWS::CloudWatch::Dashboard", f"{STACK} Dashboard", {"DashboardName": "htmlgame"}
    if environment.telemetry:  # it and the other capabilities have too many tables for one
        costs = {"DashboardName": "htmlgame-costs"}
        yield "AWS::CloudWatch::Dashboard", f"{STACK} Costs", costs
    if not environment.local:  # the emulator knows no budgets
        yield "AWS::Budgets::Budget", f"{STACK} Budget", _budget()


def _may_publish(environment: Environment) -> list[str]:
    """Only this account's alarms and budgets may."""
    [publish] = allow("sns:Publish", "{Alarms}")
    here = f"if StringEquals aws:SourceAccount={ACCOUNT}"
    return [
        *deny_plain_http(environment, "sns:Publish", "{Alarms}"),
        f"allow cloudwatch.amazonaws.com {publish} {here}",
        f"allow budgets.amazonaws.com {publish} {here}",
    ]


def _alarms(environment: Environment) -> Iterator[Row]:
    for api in _apis(environment):
        said = api.capitalize()
        # in two of the last three periods
        yield _alarm(f"{api}-5xx", f"{said}ServerErrors", "Average", 5 * MINUTES, 0.05, "2/3")
        yield _alarm(f"{api}-429", f"{said}Throttled", "Average", 5 * MINUTES, 0.1, "2/3")
    yield _alarm(
        "edge-5xx",
        "5xxErrorRate",
        "Average",
        5 * MINUTES,
        5,  # per cent
        "2/3",
        Namespace="AWS/CloudFront",
        Dimensions=[
            {"Name": "DistributionId", "Value": DISTRIBUTION_ID},
            {"Name": "Region", "Value": "Global"},
        ],
        # CloudFront's metrics are in us-east-1. Only the local environment names its region.
        **({} if environment.local else {"condition": "edge5xxhere"}),
    )
    yield _alarm("failures", "Failures", "Sum", 15 * MINUTES, 2)
    yield _alarm(
        "lambda-throttles", "Throttles", "Sum", 5 * MINUTES, 1, "2/3", Namespace="AWS/Lambda"
    )
    yield _alarm("database-throttles", "DatabaseThrottles", "Sum", 5 * MINUTES, 3)
    yield _alarm(
        "drift",
        "DriftHealed",
        "Sum",
        1 * HOURS,
        1,
        Dimensions=[{"Name": "service", "Value": "edge"}],
    )
    yield _alarm(
        "token-key-age", "TokenKeyAgeDays", "Maximum", 24 * HOURS, 40, TreatMissingData="ignore"
    )
    yield _alarm("edge-store", "EdgeStoreFailures", "Sum", 1 * HOURS, 1)
    yield _alarm("invalidations-spent", "InvalidationsSpent", "Sum", 1 * HOURS, 1)
    if environment.players:
        yield _alarm("model-budget-spent", "ModelBudgetSpent", "Sum", 1 * HOURS, 1)
        yield _alarm("characters-silent", "CharacterSilent", "Sum", 1 * HOURS, 10)
    if environment.tunnels:
        yield _alarm("tunnels-certificates", "CertificatesExpiring", "Sum", 24 * HOURS, 1)
    if not environment.local:  # the emulator knows no metric math
        yield _missed("trim-missed", "TrimFinished")
    if environment.insights:
        yield _alarm("insights-unreadable", "InsightsUnreadable", "Sum", 1 * HOURS, 1)
        if not environment.local:
            yield _missed("insights-not-aggregated", "InsightsAggregated")


def _apis(environment: Environment) -> tuple[str, ...]:
    return (
        "scores",
        *(("telemetry",) if environment.telemetry else ()),
        *(("players",) if environment.players else ()),
        *(("insights",) if environment.insights else ()),
        *(("tunnels",) if environment.tunnels else ()),
    )


def _alarm(
    name: str,
    metric: str,
    statistic: str,
    period: int,
    at_least: float,
    bad: str = "1/1",
    **more: Json,
) -> Row:
    """Fires when `bad` of the latest periods, such as 2/3, reach the threshold."""
    count, of = bad.split("/")
    row = {
        "AlarmName": f"htmlgame-{name}",
        "Namespace": "htmlgame",
        "MetricName": metric,
        "Statistic": statistic,
        "Period": period,
        "Threshold": at_least,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "DatapointsToAlarm": int(count),
        "EvaluationPeriods": int(of),
        "TreatMissingData": "notBreaching",
        **_TOLD,
        **more,
    }
    return "AWS::CloudWatch::Alarm", f"{STACK} {name.replace('-', '')}", row


_TOLD: Final = {"AlarmActions": ["{Alarms}"], "OKActions": ["{Alarms}"]}


def _missed(name: str, counted: str) -> Row:
    """Fires after 26 hours without a nightly run. A new stack waits 27 hours for its first."""
    metric = {"MetricName": counted, "Namespace": "htmlgame"}
    row = {
        "AlarmName": f"htmlgame-{name}",
        "Metrics": [
            {
                "Id": "expr_1",
                "Expression": "FILL(counted, 0)",
                "Label": counted,
                "ReturnData": True,
            },
            {
                "Id": "counted",
                "MetricStat": {"Metric": metric, "Period": 1 * HOURS, "Stat": "Sum"},
                "ReturnData": False,
            },
        ],
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "DatapointsToAlarm": 26,
        "EvaluationPeriods": 26,
        "TreatMissingData": "breaching",
        "WarmUpConfiguration": {
            "OnlyStartEvaluatingAfterWarmUpPeriodEnds": True,
            "WarmUpPeriodDurationInMinutes": 27 * 60,
        },
        **_TOLD,
    }
    return "AWS::CloudWatch::Alarm", f"{STACK} {name.replace('-', '')}", row


def _filters(environment: Environment) -> Iterator[Row]:
    """The log lines that each metric counts."""
    every = _lambdas(
        *_SCORES,
        *_EDGE,
        *((*_TELEMETRY, *_ARCHIVE) if environment.telemetry else ()),
        *(_PLAYERS if environment.players else ()),
        *(_INSIGHTS if environment.insights else ()),
        *(_TUNNELS if environment.tunnels else ()),
    )
    for api in _apis(environment):
        said, log = api.capitalize(), [f"/aws/http-api/htmlgame-{api}"]
        # 1 for bad requests and 0 for the others, so that the average is their share
        yield _filter(f"{said}ServerErrors", '{ $.status = "5*" }', log)
        yield _filter(f"{said}ServerErrors", '{ $.status != "5*" }', log, "0")
        # a request without an integration's answer was stopped by the API's throttle
        throttled = '($.status = "429") && ($.integrationStatus = "-")'
        passed = '($.status != "429") || ($.integrationStatus != "-")'
        yield _filter(f"{said}Throttled", f"{{ {throttled} }}", log)
        yield _filter(f"{said}Throttled", f"{{ {passed} }}", log, "0")
    failed = '?ERROR ?CRITICAL ?"Task timed out" ?"Runtime exited"'
    yield _filter("Failures", failed, every)
    turned_away = " || ".join(
        f'($.cause = "{code}")'
        for code in (
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "ThrottlingException",
        )
    )
    yield _filter("DatabaseThrottles", f"{{ {turned_away} }}", every)
    if environment.tunnels:
        certificates = _lambdas("tunnels-certificates")
        yield _filter("CertificatesExpiring", "{ $.expiring > 0 }", certificates)
    trim = _lambdas("trim-top")
    yield _filter("TrimFinished", '{ $.message = "trim finished" }', trim)
    yield _filter("TokenKeyAgeDays", "{ $.key_age_days >= 0 }", trim, "$.key_age_days")
    calls = " ".join(
        f'?"calling the {call} operation"'
        for call in ("UpdateKeys", "DescribeKeyValueStore", "ListKeys")
    )
    yield _filter("EdgeStoreFailures", calls, _lambdas(*_WRITE_THE_STORE))
    if environment.insights:
        fold, aggregate = _lambdas("insights-fold"), _lambdas("insights-aggregate")
        yield _filter("InsightsUnreadable", '"not counted"', fold)
        yield _filter("InsightsAggregated", '"aggregated"', aggregate)
    spent = '{ $.message = "invalidation budget spent" }'
    yield _filter("InvalidationsSpent", spent, _lambdas("put-score"))
    if environment.players:
        chat = _lambdas("players-chat")
        of_the_day = '{ $.message = "budget of model calls spent" }'
        yield _filter("ModelBudgetSpent", of_the_day, chat)
        yield _filter("CharacterSilent", '{ $.refused = "character_silent" }', chat)
    report = (
        '[type = "REPORT", id_is, id, took, ms, unit, billed_is = "Billed", duration, billed, ...]'
    )
    yield _filter("BilledMs", report, every, "$billed")


def _lambdas(*names: str) -> list[str]:
    return [f"/aws/lambda/htmlgame-{name}" for name in names]


def _filter(metric: str, pattern: str, groups: list[str], value: str = "1") -> Row:
    return FILTERS, f"{metric} {value} where {pattern}", groups


def _budget() -> Json:
    """Ten dollars a month: a mail at 80 % of actual and at 100 % of forecast spending."""
    topic = {"Address": "{Alarms}", "SubscriptionType": "SNS"}
    return {
        "Budget": {
            "BudgetName": "htmlgame-monthly",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": 10, "Unit": "USD"},
        },
        "NotificationsWithSubscribers": [
            {
                "Notification": {
                    "NotificationType": kind,
                    "ComparisonOperator": "GREATER_THAN",
                    "Threshold": percent,
                    "ThresholdType": "PERCENTAGE",
                },
                "Subscribers": [topic],
            }
            for kind, percent in (("ACTUAL", 80), ("FORECASTED", 100))
        ],
        # AWS checks the topic's policy when it creates the budget.
        "after": ["AlarmsPolicy"],
    }
