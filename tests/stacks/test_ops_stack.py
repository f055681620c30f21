"""The alarms, provoked by log lines and metrics; their costs; their notifications."""

import io
import itertools
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from config import names
from config.capabilities import edge as edge_manifest
from config.capabilities import scores
from config.capabilities import telemetry as telemetry_manifest
from config.environments import COMPLETE, DELIVERED, LOCAL, Environment
from config.model import ConfigError
from config.ops import BUDGET_REGIONS, Ops
from config.prices import FreeTier, price_table
from config.units import LOG_BYTES
from lambdas.shared.http.endpoint import Answer, endpoint
from lambdas.shared.http.origin_lock import OriginLock
from operations.costs.bill import at_rest
from operations.costs.month import Month
from stacks.ops.stack import OpsStack
from stacks.shared.http_api import ACCESS_LOG
from stacks.shared.packaging import ROOT
from tests.stacks.cloudwatch import Metrics, alarm_state, insights, matcher, sum_of_products
from tests.stacks.policies import written_out
from tests.stacks.regions import COMMERCIAL, knows

Json = dict[str, Any]
MINUTES = 60
HOURS = 3600


class Stack:
    def __init__(self, environment: Environment) -> None:
        context = json.loads((ROOT / "cdk.json").read_text())["context"]
        assert environment.ops is not None
        stack = OpsStack(App(context=context), environment=environment, ops=environment.ops)
        template = Template.from_stack(stack).to_json()
        self._resources: dict[str, Json] = template["Resources"]
        self._conditions: dict[str, Json] = template.get("Conditions", {})
        self._named = dict.fromkeys(template.get("Parameters", {}), "t") | {
            name: name for name in self._resources
        }

    def of(self, kind: str) -> list[Json]:
        return [
            written_out(each.get("Properties", {}), self._named)
            for each in self._resources.values()
            if each["Type"] == kind
        ]

    @property
    def alarms(self) -> dict[str, Json]:
        return {
            each["AlarmName"].removeprefix("htmlgame-"): each
            for each in self.of("AWS::CloudWatch::Alarm")
        }

    def condition(self, alarm: str) -> Json | None:
        """The condition of the alarm, or None."""
        for each in self._resources.values():
            if each.get("Properties", {}).get("AlarmName") == names.alarm(alarm):
                named = each.get("Condition")
                return self._conditions[named] if named else None
        raise KeyError(alarm)

    def waits_for(self, kind: str) -> dict[str, set[str]]:
        """Which resources of this kind each of them is made after."""
        return {
            name: set(each.get("DependsOn", ()))
            for name, each in self._resources.items()
            if each["Type"] == kind
        }

    @property
    def filters(self) -> list[Json]:
        return self.of("AWS::Logs::MetricFilter")

    @property
    def widgets(self) -> list[Json]:
        return [each for board in self.boards for each in board["widgets"]]

    @property
    def boards(self) -> list[Json]:
        return [json.loads(each["DashboardBody"]) for each in self.of("AWS::CloudWatch::Dashboard")]


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(COMPLETE)


def with_ops(**changes: Any) -> Environment:
    return replace(COMPLETE, ops=replace(Ops(), **changes))


OF_MISSED_RUNS = {"trim-missed", "insights-not-aggregated"}
"""Alarms of functions that must run every day."""
SCORES_LOG = names.api_log_group(scores.ENDPOINT.name)


def access_line(status: int, integration_status: str) -> str:
    """A line in the deployed access log format, as API Gateway writes it."""
    said = {"$context.status": str(status), "$context.integrationStatus": integration_status}
    return json.dumps({field: said.get(value, "-") for field, value in ACCESS_LOG.items()})


def requests(good: int, *bad: tuple[int, str]) -> list[str]:
    return [access_line(200, "200")] * good + [access_line(*each) for each in bad]


def after(stack: Stack, alarm: str, group: str, periods: Iterable[list[str]], each: int) -> str:
    """The state when these periods' lines have come in, the last period now."""
    metrics = Metrics()
    told = list(periods)
    for ago, lines in enumerate(reversed(told)):
        metrics.feed(stack.filters, group, lines, at=-(ago + 1) * each)
    return alarm_state(stack.alarms[alarm], metrics)


FAILED = (500, "500")
BUSY = (503, "200")
THROTTLED = (429, "-")
OUR_OWN_429 = (429, "200")


@pytest.mark.parametrize("bad", [FAILED, BUSY, (502, "-"), (504, "504")])
def test_failing_requests_raise_the_alarm_by_their_share(
    stack: Stack, bad: tuple[int, str]
) -> None:
    one_in_ten, one_in_forty = requests(9, bad), requests(39, bad)

    def state(*periods: list[str]) -> str:
        return after(stack, "scores-5xx", SCORES_LOG, periods, 5 * MINUTES)

    assert state(one_in_ten, requests(10), one_in_ten) == "ALARM"
    assert state(one_in_forty, one_in_forty, one_in_forty) == "OK"
    assert state(requests(10), requests(10), one_in_ten) == "OK"
    assert state([], [], one_in_ten) == "OK"
    assert state([], [], []) == "OK"


def test_refusals_and_the_throttle_are_no_failures(stack: Stack) -> None:
    refusals = requests(0, (404, "200"), (409, "200"), (422, "200"), THROTTLED)
    state = after(stack, "scores-5xx", SCORES_LOG, [refusals] * 3, 5 * MINUTES)
    assert state == "OK"


def test_throttling_by_the_api_raises_the_alarm_by_its_share_and_our_own_429_does_not(
    stack: Stack,
) -> None:
    def state(bad: tuple[int, str], good: int) -> str:
        lines = [requests(good, bad)] * 3
        return after(stack, "scores-429", SCORES_LOG, lines, 5 * MINUTES)

    assert state(THROTTLED, 9) == "ALARM"
    assert state(THROTTLED, 19) == "OK"
    assert state(OUR_OWN_429, 1) == "OK"
    assert state(FAILED, 1) == "OK"


@pytest.mark.parametrize("name", ["telemetry-5xx", "telemetry-429"])
def test_each_api_is_watched_by_itself(stack: Stack, name: str) -> None:
    bad = THROTTLED if name.endswith("429") else FAILED
    lines = [requests(1, bad)] * 3
    telemetry = names.api_log_group(telemetry_manifest.ENDPOINT.name)
    assert after(stack, name, telemetry, lines, 5 * MINUTES) == "ALARM"
    assert after(stack, name, SCORES_LOG, lines, 5 * MINUTES) == "OK"


# As Lambda's Python runtime and the platform write them.
UNHANDLED = "[ERROR] KeyError: 'game'\rTraceback (most recent call last):\r  File ..."
TIMED_OUT = "2026-11-21T12:00:00.000Z 8c1f Task timed out after 10.00 seconds"
CRASHED = "RequestId: 8c1f Error: Runtime exited with error: signal: killed"
REPORT = (
    "REPORT RequestId: 8c1f\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\t"
    "Max Memory Used: 99 MB\tInit Duration: 301.02 ms\t"
)
QUIET = ["START RequestId: 8c1f Version: $LATEST", "END RequestId: 8c1f", REPORT]


@pytest.mark.parametrize("line", [UNHANDLED, TIMED_OUT, CRASHED])
@pytest.mark.parametrize(
    "function",
    [scores.PUT_SCORE.name, edge_manifest.DRIFT_GUARD.name, telemetry_manifest.INGEST.name],
)
def test_a_function_that_fails_again_raises_the_alarm(
    stack: Stack, line: str, function: str
) -> None:
    group = names.function_log_group(function)
    assert after(stack, "failures", group, [[*QUIET, line, line]], 900) == "ALARM"
    assert after(stack, "failures", group, [[*QUIET, line]], 900) == "OK"
    assert after(stack, "failures", group, [QUIET * 5], 900) == "OK"


_NUMBERS = itertools.count()


def logged(failure: Callable[[], Any]) -> list[str]:
    """The lines that the HTTP functions log for a request with this outcome."""
    stream = io.StringIO()
    # A logger of its own: those of the same name share the first one's stream.
    logger = Logger(service=f"ops-{next(_NUMBERS)}", stream=stream)
    handler = endpoint(lambda _: failure(), lock=OriginLock(lambda: "lock"), logger=logger)
    event = {"headers": {"x-origin-verify": "lock"}, "routeKey": "PUT /api/scores"}
    handler(event, SimpleNamespace(aws_request_id="8c1f"))
    return stream.getvalue().splitlines()


def refused_by_dynamodb(code: str) -> Callable[[], Any]:
    return refused(code, "PutItem")


def refused(code: str, operation: str) -> Callable[[], Any]:
    def fail() -> Any:
        raise ClientError({"Error": {"Code": code, "Message": "Rate exceeded"}}, operation)

    return fail


@pytest.mark.parametrize(
    "code",
    ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"],
)
def test_requests_that_dynamodb_throttles_raise_the_alarm(stack: Stack, code: str) -> None:
    lines = logged(refused_by_dynamodb(code))
    group = names.function_log_group(scores.PUT_SCORE.name)
    assert after(stack, "database-throttles", group, [lines * 3], 5 * MINUTES) == "ALARM"
    assert after(stack, "database-throttles", group, [lines * 2], 5 * MINUTES) == "OK"
    assert after(stack, "failures", group, [lines * 3], 900) == "OK"
    assert [json.loads(line)["operation"] for line in lines] == ["PutItem"]


def test_parameters_that_ssm_does_not_give_are_not_blamed_on_dynamodb(stack: Stack) -> None:
    """SSM's limit is reached by a burst of cold starts, and its error has the same code."""
    lines = logged(refused("ThrottlingException", "GetParameters"))
    group = names.function_log_group(telemetry_manifest.INGEST.name)
    assert after(stack, "database-throttles", group, [lines * 3], 5 * MINUTES) == "ALARM"
    assert [json.loads(line)["operation"] for line in lines] == ["GetParameters"]
    told = stack.alarms["database-throttles"]["AlarmDescription"]
    assert "GetParameters are SSM" in told
    page = (ROOT / "docs" / "operate" / "runbook.md").read_text()
    section = page.partition("\n## database-throttles\n")[2].partition("\n## ")[0]
    assert "`GetParameters` is SSM" in section
    assert len(told) <= 1024, "what CloudWatch takes"


def test_another_fault_of_dynamodb_is_a_failure(stack: Stack) -> None:
    lines = logged(refused_by_dynamodb("AccessDeniedException"))
    group = names.function_log_group(scores.PUT_SCORE.name)
    assert after(stack, "database-throttles", group, [lines * 3], 5 * MINUTES) == "OK"
    assert after(stack, "failures", group, [lines * 2], 900) == "ALARM"


def test_an_answered_request_is_nothing_to_tell_of(stack: Stack) -> None:
    lines = logged(lambda: Answer({}, log={"game": "snake", "periods": ["all"], "accepted": True}))
    group = names.function_log_group(scores.PUT_SCORE.name)
    for alarm, each in stack.alarms.items():
        if alarm not in OF_MISSED_RUNS:
            metrics = Metrics()
            metrics.feed(stack.filters, group, lines * 50, at=-1)
            assert alarm_state(each, metrics) == "OK", alarm


def test_lambda_throttling_raises_the_alarm_when_it_lasts(stack: Stack) -> None:
    def state(*throttled: int) -> str:
        metrics = Metrics()
        for ago, number in enumerate(reversed(throttled)):
            metrics.put("AWS/Lambda", "Throttles", -(ago + 1) * 5 * MINUTES, number)
        return alarm_state(stack.alarms["lambda-throttles"], metrics)

    assert state(4, 0, 1) == "ALARM"
    assert state(0, 0, 9) == "OK"


def drift_line(**dimensions: str) -> str:
    """A metric in the guard's log, as Powertools writes it."""
    directive = {
        "Namespace": "htmlgame",
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": "DriftHealed", "Unit": "Count"}],
    }
    told = {"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, "DriftHealed": [9.0]}
    return json.dumps(told | dimensions)


@pytest.mark.parametrize(
    ("dimensions", "state"),
    [
        ({"service": "edge"}, "ALARM"),
        ({"service": "scores"}, "OK"),
        ({"service": "edge", "function": "guard"}, "OK"),
        ({}, "OK"),
    ],
)
def test_the_drift_alarm_reads_the_dimensions_that_the_metric_is_written_with(
    stack: Stack, dimensions: dict[str, str], state: str
) -> None:
    group = names.function_log_group(edge_manifest.DRIFT_GUARD.name)
    assert after(stack, "drift", group, [[drift_line(**dimensions)]], HOURS) == state


DISTRIBUTION = {"DistributionId": "t", "Region": "Global"}


def failing_at_the_edge(stack: Stack, dimensions: dict[str, str], *percent: float) -> str:
    metrics = Metrics()
    for ago, each in enumerate(reversed(percent)):
        at = -(ago + 1) * 5 * MINUTES
        metrics.put("AWS/CloudFront", "5xxErrorRate", at, each, **dimensions)
    return alarm_state(stack.alarms["edge-5xx"], metrics)


def test_failures_ahead_of_the_api_raise_the_distributions_alarm(stack: Stack) -> None:
    assert failing_at_the_edge(stack, DISTRIBUTION, 9, 0, 5) == "ALARM"
    assert failing_at_the_edge(stack, DISTRIBUTION, 4.9, 4.9, 4.9) == "OK"
    assert failing_at_the_edge(stack, DISTRIBUTION, 0, 0, 100) == "OK"
    assert failing_at_the_edge(stack, DISTRIBUTION) == "OK"


def test_failures_of_another_distribution_raise_no_alarm(stack: Stack) -> None:
    other = DISTRIBUTION | {"DistributionId": "E2OTHER"}
    assert failing_at_the_edge(stack, other, 100, 100, 100) == "OK"


def test_the_edge_is_watched_where_cloudfront_counts_and_seen_everywhere() -> None:
    """CloudFormation decides, where config leaves the region to the shell that deploys."""
    condition = {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    assert Stack(DELIVERED).condition("edge-5xx") == condition
    assert Stack(DELIVERED).condition("failures") is None
    assert Stack(replace(DELIVERED, region="us-east-1")).condition("edge-5xx") is None
    elsewhere = Stack(replace(DELIVERED, region="eu-west-1"))
    assert "edge-5xx" not in elsewhere.alarms
    shown = [
        metric for each in elsewhere.widgets for metric in each["properties"].get("metrics", [])
    ]
    [edge] = [metric for metric in shown if "5xxErrorRate" in metric]
    assert edge[-1]["region"] == "us-east-1"


@pytest.mark.parametrize("region", [None, "us-east-1", "eu-west-1"])
def test_the_dashboard_lists_no_alarm_that_may_not_be_there(region: str | None) -> None:
    stack = Stack(replace(DELIVERED, region=region))
    [listed] = [each["properties"]["alarms"] for each in stack.widgets if each["type"] == "alarm"]
    certain = [name for name in stack.alarms if stack.condition(name) is None]
    assert len(listed) == len(certain)


FINISHED = ['{"level":"INFO","message":"trim finished","boards":9,"key_age_days":3.5}']
TRIM_LOG = names.function_log_group(scores.TRIM_TOP.name)


@pytest.mark.parametrize(
    ("hours_ago", "state"), [([25, 1], "OK"), ([25], "OK"), ([27], "ALARM"), ([], "ALARM")]
)
def test_a_missed_trim_raises_the_alarm_after_26_hours(
    stack: Stack, hours_ago: list[int], state: str
) -> None:
    metrics = Metrics()
    for ago in hours_ago:
        metrics.feed(stack.filters, TRIM_LOG, FINISHED, at=-ago * HOURS)
    assert alarm_state(stack.alarms["trim-missed"], metrics) == state


def test_a_new_stack_waits_for_its_first_trim(stack: Stack) -> None:
    alarm = stack.alarms["trim-missed"]
    waits = alarm["WarmUpConfiguration"]
    window = alarm["EvaluationPeriods"] * HOURS
    assert waits["OnlyStartEvaluatingAfterWarmUpPeriodEnds"] is True
    assert window < waits["WarmUpPeriodDurationInMinutes"] * MINUTES <= 2 * 24 * HOURS


@pytest.mark.parametrize(("age", "state"), [(3.5, "OK"), (39.9, "OK"), (40.0, "ALARM")])
def test_an_old_key_raises_the_alarm_when_the_trim_finds_it(
    stack: Stack, age: float, state: str
) -> None:
    line = FINISHED[0].replace("3.5", str(age))
    assert after(stack, "token-key-age", TRIM_LOG, [[line]], 24 * HOURS) == state


def test_without_a_trim_the_keys_age_is_as_last_known(stack: Stack) -> None:
    alarm = stack.alarms["token-key-age"]
    assert [alarm_state(alarm, Metrics(), before=state) for state in ("OK", "ALARM")] == [
        "OK",
        "ALARM",
    ]


def test_windows_are_such_as_cloudwatch_takes(stack: Stack) -> None:
    for alarm in stack.alarms.values():
        periods = {alarm["Period"]} if "Period" in alarm else set()
        periods |= {
            q["MetricStat"]["Period"] for q in alarm.get("Metrics", []) if "MetricStat" in q
        }
        [period] = periods
        longest = 7 * 24 * HOURS if period >= HOURS else 24 * HOURS
        assert period * alarm["EvaluationPeriods"] <= longest
        assert alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"]


def test_the_billed_duration_is_read_from_lambdas_report(stack: Stack) -> None:
    metrics = Metrics()
    group = names.function_log_group(scores.GET_RANKING.name)
    metrics.feed(stack.filters, group, [*QUIET, *QUIET, UNHANDLED], at=-1)
    assert metrics.series("htmlgame", "BilledMs", "Sum", 60, 0, 1) == [26]
    assert metrics.series("htmlgame", "BilledMs", "SampleCount", 60, 0, 1) == [2]


def test_every_alarm_says_what_it_means_and_has_its_page(stack: Stack) -> None:
    page = (ROOT / "docs" / "operate" / "runbook.md").read_text()
    sections = set(re.findall(r"^## (.+)$", page, re.MULTILINE))
    assert sections == {*stack.alarms, "budget"}
    for name, alarm in stack.alarms.items():
        assert f"docs/operate/runbook.md#{name}" in alarm["AlarmDescription"]
        assert " First: " in alarm["AlarmDescription"]
        [told] = alarm["AlarmActions"]
        assert alarm["OKActions"] == [told]


@pytest.mark.parametrize("every_other", [0, 1])
def test_any_alarm_can_be_switched_off_by_its_name(stack: Stack, every_other: int) -> None:
    off = sorted(stack.alarms)[every_other::2]
    left = Stack(with_ops(off=tuple(off)))
    assert set(left.alarms) == set(stack.alarms) - set(off)
    assert left.filters == stack.filters


def test_a_name_that_is_none_is_answered_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"ops\.off: no alarm 'drfit'; there are .*drift"):
        Stack(with_ops(off=("drfit",)))


@pytest.mark.parametrize("email", ["ann", "ann@", "a b@example.com", "ann@example.com,b@c.de"])
def test_an_address_that_is_none_is_refused(email: str) -> None:
    with pytest.raises(ConfigError, match=r"ops\.email"):
        Stack(with_ops(email=email))


@pytest.mark.parametrize("usd", [0, -1, float("inf"), float("nan")])
def test_a_budget_is_a_sum_of_money(usd: float) -> None:
    with pytest.raises(ConfigError, match=r"ops\.budget_usd"):
        Stack(with_ops(budget_usd=usd))


def test_the_configured_email_address_is_subscribed(stack: Stack) -> None:
    assert stack.of("AWS::SNS::Subscription") == []
    [subscription] = Stack(with_ops(email="ann@example.com")).of("AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ann@example.com")


def test_every_mail_names_the_page_that_says_what_to_do(stack: Stack) -> None:
    [topic] = stack.of("AWS::SNS::Topic")
    assert "docs/operate/runbook.md" in topic["DisplayName"]
    assert len(topic["DisplayName"]) <= 100


def test_the_budget_reports_actual_and_forecast_spending(stack: Stack) -> None:
    [budget] = stack.of("AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 10, "Unit": "USD"}
    told = {
        each["Notification"]["NotificationType"]: each["Notification"]["Threshold"]
        for each in budget["NotificationsWithSubscribers"]
    }
    assert told == {"ACTUAL": 80, "FORECASTED": 100}
    section = (ROOT / "docs" / "operate" / "runbook.md").read_text().partition("\n## budget\n")[2]
    assert all(f"{percent} %" in " ".join(section.split()) for percent in told.values())
    assert Stack(with_ops(budget_usd=None)).of("AWS::Budgets::Budget") == []


BUDGET = "AWS::Budgets::Budget"


def test_the_regions_with_budgets_are_those_of_cloudformations_own_schemas() -> None:
    assert {region for region in COMMERCIAL if knows(region, BUDGET)} == BUDGET_REGIONS
    assert len(COMMERCIAL - BUDGET_REGIONS) > 10


@pytest.mark.parametrize(
    ("config", "shell", "budgets"),
    [
        (None, None, 1),
        (None, "eu-west-1", 1),
        (None, "eu-north-1", 0),
        ("eu-north-1", None, 0),
        ("eu-north-1", "us-east-1", 0),
        ("us-east-1", "eu-north-1", 1),
        (None, "xx-new-9", 0),
    ],
)
def test_there_is_no_budget_where_cloudformation_would_refuse_the_template(
    monkeypatch: pytest.MonkeyPatch, config: str | None, shell: str | None, budgets: int
) -> None:
    """Config says where the stack goes; if not, the CDK's command line does."""
    monkeypatch.delenv("CDK_DEFAULT_REGION", raising=False)
    if shell is not None:
        monkeypatch.setenv("CDK_DEFAULT_REGION", shell)
    stack = Stack(replace(COMPLETE, region=config))
    assert len(stack.of(BUDGET)) == budgets
    assert len(stack.of("AWS::SNS::Topic")) == 1


@pytest.mark.parametrize("environment", [DELIVERED, COMPLETE], ids=["delivered", "complete"])
def test_no_more_than_three_metric_filters_are_made_at_once(environment: Environment) -> None:
    """CloudWatch Logs throttles PutMetricFilter, and CloudFormation does not try again."""
    waits_for = Stack(environment).waits_for("AWS::Logs::MetricFilter")
    made: set[str] = set()
    turns = 0
    while made != set(waits_for):
        ready = {name for name, others in waits_for.items() if others <= made} - made
        assert 0 < len(ready) <= 3
        made |= ready
        turns += 1
    # Not one by one either: each takes CloudFormation some seconds.
    assert turns == -(-len(waits_for) // 3)


def amounts(stack: Stack) -> dict[str, int]:
    watched = sum(
        sum("MetricStat" in query for query in alarm.get("Metrics", [])) or 1
        for alarm in stack.alarms.values()
    )
    ours = {f["MetricTransformations"][0]["MetricName"] for f in stack.filters} | {"DriftHealed"}
    return {"alarms": watched, "metrics": len(ours), "dashboards": len(stack.boards)}


def dollars_at_most(stack: Stack) -> dict[str, float]:
    """A month in which every metric is written in every hour, by what an account has free."""
    return {
        kind: round(price_table().prices[f"cloudwatch.{kind}"].of(amount, FreeTier.ALWAYS), 2)
        for kind, amount in amounts(stack).items()
    }


@pytest.mark.parametrize(
    "environment",
    [DELIVERED, COMPLETE, replace(DELIVERED, ops=Ops(off=("drift",), dashboard=False))],
    ids=["delivered", "complete", "less"],
)
def test_the_bill_at_rest_counts_what_is_there(environment: Environment) -> None:
    reckoned = at_rest(1, environment)
    assert {
        kind: reckoned[f"cloudwatch.{kind}"] for kind in ("alarms", "metrics", "dashboards")
    } == amounts(Stack(environment))


def test_it_costs_what_the_runbook_says() -> None:
    page = (ROOT / "docs" / "operate" / "runbook.md").read_text()
    delivered = dollars_at_most(Stack(DELIVERED))
    assert delivered == {**dict.fromkeys(delivered, 0), "alarms": pytest.approx(0.1)}
    assert "**At rest they cost ten cents a month**" in page
    spared = replace(DELIVERED, ops=Ops(off=("invalidations-spent",)))
    assert set(dollars_at_most(Stack(spared)).values()) == {0}
    complete = dollars_at_most(Stack(with_ops()))
    assert complete["dashboards"] == 0
    alarms = amounts(Stack(with_ops()))["alarms"] - amounts(Stack(DELIVERED))["alarms"]
    metrics = amounts(Stack(with_ops()))["metrics"] - amounts(Stack(DELIVERED))["metrics"]
    more = f"${complete['alarms'] - delivered['alarms']:.2f} a month"
    assert f"add {alarms} alarms, {more}" in " ".join(page.split())
    assert f"{metrics} metrics, ${complete['metrics']:.2f} in" in " ".join(page.split())


def test_the_dashboard_links_to_the_pages_of_the_stacks_own_site(stack: Stack) -> None:
    def links(stack: Stack) -> list[str]:
        texts = [each["properties"].get("markdown", "") for each in stack.widgets]
        return [each for each in texts if "insights.html" in each]

    [link] = links(stack)
    assert re.search(r"\[Insights\]\(\S+/insights\.html\)", link)
    assert not links(Stack(replace(COMPLETE, own_site=False, domain=None)))


@pytest.mark.parametrize("environment", [DELIVERED, COMPLETE], ids=["delivered", "complete"])
def test_the_dashboards_stay_among_those_that_are_free(environment: Environment) -> None:
    """Three are, with fifty metrics each."""
    boards = Stack(environment).boards
    assert len(boards) <= 3
    for board in boards:
        shown = [
            metric
            for widget in board["widgets"]
            for metric in widget["properties"].get("metrics", [])
            if "expression" not in metric[0]
        ]
        assert len(shown) <= 50


def test_the_dashboard_adds_up_what_the_price_table_says(stack: Stack) -> None:
    sums = {
        widget["properties"]["title"]: widget["properties"]["metrics"]
        for widget in stack.widgets
        if widget["properties"].get("view") == "singleValue"
    }

    def dollars(title: str, **counted: float) -> float:
        [[shown], *metrics] = sums[title]
        known = {metric[-1]["id"] for metric in metrics}
        assert set(counted) <= known
        return sum_of_products(shown["expression"], counted)

    prices = price_table().prices
    million = 1e6
    assert dollars("At the origin") == 0
    assert dollars("At the origin", calls0=million) == pytest.approx(prices["lambda.requests"].usd)
    quarter_gb_second = prices["lambda.gb_seconds"].usd * 1000 / 4
    assert dollars("At the origin", ms0=million) == pytest.approx(quarter_gb_second)
    assert dollars("At the origin", reads0=million, reads3=million) == pytest.approx(0.25)
    assert dollars("At the origin", writes1=million) == pytest.approx(0.625)
    logs = prices["logs.ingest"].usd * LOG_BYTES / 1000
    assert dollars("At the origin", api0=million) == pytest.approx(1 + logs)
    assert dollars("At the edge", requests0=million) == pytest.approx(1)
    assert dollars("At the edge", sent0=1e9) == pytest.approx(0.085)
    assert dollars("At the edge", received0=1e9) == pytest.approx(prices["cloudfront.upload"].usd)
    month, call, read = Month(), 0.1, prices["cloudfront.store_reads"].usd
    assert dollars("At the edge", begun0=million) == pytest.approx(call + 2 * read)
    assert dollars("At the edge", ended0=million) == pytest.approx(call + 2 * read)
    each = call + (2 + month.boards) * read
    assert dollars("At the edge", judged0=million) == pytest.approx(each)
    billed = prices["firehose.ingest"].usd * 5.12
    assert dollars("At the origin", rows0=million) == pytest.approx(billed)
    assert dollars("At the origin", filed0=1e9) == pytest.approx(prices["firehose.sorting"].usd)
    assert dollars("At the origin", objects0=million) == pytest.approx(10)


def test_the_dollars_say_of_when_they_are_and_what_they_leave_out(stack: Stack) -> None:
    text = " ".join(
        each["properties"]["markdown"] for each in stack.widgets if each["type"] == "text"
    )
    assert "today" not in text
    for said in ("the last 24 hours", "invalidated paths", "write the edge's store", "KMS"):
        assert said in text
    assert [board["start"] for board in stack.boards] == ["-P1D", "-P1D"]


def test_without_an_archive_its_metrics_are_not_asked_for() -> None:
    assert "AWS/Firehose" not in json.dumps(Stack(DELIVERED).widgets)


def test_the_dashboard_shows_the_plays_of_each_game(stack: Stack) -> None:
    queries = {
        widget["properties"]["title"]: widget["properties"]["query"]
        for widget in stack.widgets
        if widget["type"] == "log"
    }
    played = {"periods": ["all"], "accepted": False}
    lines = [
        *logged(lambda: Answer({}, log={"game": "snake"} | played)),
        *logged(lambda: Answer({}, log={"game": "pong"} | played)),
        *logged(lambda: Answer({}, log={"game": "snake"} | played)),
        *logged(lambda: Answer({}, log={"game": "snake", "period": "2026-11"})),
        *logged(refused_by_dynamodb("ThrottlingException")),
        REPORT,
    ]
    assert insights(queries["Scores submitted"], lines) == [
        {"game": "snake", "submissions": 2},
        {"game": "pong", "submissions": 1},
    ]
    assert insights(queries["Rankings read past the cache"], lines) == [
        {"game": "snake", "period": "2026-11", "looks": 1}
    ]
    assert insights(queries["Scores refused by the origin, and why"], lines) == [
        {"refused": "busy", "refusals": 1}
    ]


def test_without_telemetry_nothing_looks_for_it() -> None:
    assert "telemetry" not in json.dumps([*Stack(DELIVERED).filters, *Stack(DELIVERED).widgets])


def test_unsupported_resources_are_left_out_for_the_emulator() -> None:
    local = Stack(LOCAL)
    assert local.of("AWS::Budgets::Budget") == []
    assert set(Stack(with_ops()).alarms) - set(local.alarms) == OF_MISSED_RUNS


@pytest.mark.parametrize(
    ("pattern", "line", "fits"),
    [
        ('{ $.status = "5*" }', '{"status":"503"}', True),
        ('{ $.status = "5*" }', '{"status":503}', False),
        ('{ $.status != "5*" }', '{"level":"INFO"}', False),
        ("{ $.age >= 3 }", '{"age":"old"}', False),
        ('?ERROR ?"timed out"', "Task timed out", True),
        ('?ERROR ?"timed out"', "an error", False),
    ],
)
def test_the_evaluator_itself(pattern: str, line: str, fits: bool) -> None:
    assert matcher(pattern)(line) is fits
