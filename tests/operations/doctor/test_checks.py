"""Checks of the doctor that the local system cannot fail, or does not have."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from config import names
from config.alarms import alarms
from config.capabilities import archive, edge, scores, telemetry
from config.capabilities.telemetry import Telemetry
from config.environments import COMPLETE, DELIVERED, LOCAL, Environment
from config.manifests import FUNCTIONS, enabled
from config.ops import Ops
from config.paths import API_BASE_PATH
from operations.cli.output import Output
from operations.cli.session import Session
from operations.cli.target import Target
from operations.deployed import rules
from operations.doctor.commands import checks
from operations.findings import Finding
from operations.site import checks as site
from tests.lambdas.edge.test_distribution import make_distribution

ME = "arn:aws:iam::123456789012:user/ann"
REGION = "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:123456789012:{names.ALARMS}"
WITHOUT_ARCHIVE = replace(DELIVERED, capabilities=(Telemetry(issuer="https://example.com"),))
TOLD = replace(COMPLETE, ops=Ops(email="ann@example.com", off=("drift",)))


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def found(
    name: str, environment: Environment, *, is_local: bool = False, region: str = REGION
) -> Finding:
    target = SimpleNamespace(
        shared=client, environment=environment, identity=ME, region=region, is_local=is_local
    )
    [check] = [each for each in checks() if each.name == name]
    return check.run(Session(cast("Target", target), Output(as_json=True)))


def write(*parameters: str) -> None:
    for name in parameters:
        client("ssm").put_parameter(Name=name, Type="String", Value="https://example.com")


@pytest.mark.usefixtures("aws")
def test_parameters_of_capabilities_that_are_off_are_not_missed() -> None:
    missing = {
        environment.name: found("parameters", environment) for environment in (DELIVERED, COMPLETE)
    }
    assert telemetry.ENDPOINT.parameter not in missing["production"].detail
    assert telemetry.ENDPOINT.parameter in missing["complete"].detail
    assert archive.BUCKET in missing["complete"].detail
    assert archive.BUCKET not in found("parameters", WITHOUT_ARCHIVE).detail
    assert "TelemetryStack" not in str(missing["production"].fix)
    assert str(missing["complete"].fix).endswith(
        "ScoreApiStack, EdgeStack, TelemetryStack, PlayersStack, InsightsStack, TunnelsStack: "
        "make deploy"
    )


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("there", "missing", "mend"),
    [
        ((), scores.ENDPOINT.parameter, "deploy ScoreApiStack: make deploy"),
        (
            (scores.ENDPOINT.parameter,),
            telemetry.ENDPOINT.parameter,
            "deploy TelemetryStack: make deploy",
        ),
    ],
)
def test_a_patch_that_the_guard_cannot_apply_is_not_the_fix(
    there: tuple[str, ...], missing: str, mend: str
) -> None:
    write(*there)
    finding = found("distribution", COMPLETE)
    assert (finding.state, finding.detail) == ("broken", f"missing: {missing}")
    assert finding.fix == mend


@pytest.mark.usefixtures("aws")
def test_a_missing_function_is_reported_with_the_stack_that_deploys_it() -> None:
    finding = found("functions", COMPLETE)
    assert f"{archive.FEED.name} does not exist" in finding.detail
    assert finding.fix == (
        "deploy ScoreApiStack, EdgeStack, TelemetryStack, PlayersStack, InsightsStack, "
        "TunnelsStack: make deploy"
    )


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("telemetry API", DELIVERED),
        ("alarms", replace(DELIVERED, ops=None)),
        ("alarm topic", replace(DELIVERED, ops=None)),
    ],
)
def test_checks_of_disabled_capabilities_are_skipped(name: str, environment: Environment) -> None:
    finding = found(name, environment)
    assert (finding.state, finding.fix) == ("skipped", "")
    assert finding.detail.endswith("config/environments.py")


def run_by_rules(*functions: str) -> None:
    for function in functions:
        for number in range(rules()[function]):
            rule = f"{function}-{number}"
            client("events").put_rule(Name=rule, ScheduleExpression="rate(1 hour)")
            target = f"arn:aws:lambda:{REGION}:123456789012:function:{function}"
            client("events").put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": target}])


SCHEDULED = [name for name in rules() if "telemetry" not in name]


@pytest.mark.usefixtures("aws")
def test_a_rule_that_is_missing_or_disabled_is_named() -> None:
    run_by_rules(*SCHEDULED)
    assert found("schedules", DELIVERED).detail == "4 rules enabled, for 3 functions"
    client("events").remove_targets(Rule=f"{edge.DRIFT_GUARD.name}-1", Ids=["1"])
    client("events").disable_rule(Name=f"{scores.TRIM_TOP.name}-0")
    finding = found("schedules", DELIVERED)
    assert finding.detail.split("; ") == [
        f"{scores.TRIM_TOP.name}-0, which invokes {scores.TRIM_TOP.name}, is disabled",
        f"{edge.DRIFT_GUARD.name} lacks 1 rule",
    ]
    assert finding.fix == (
        f"aws events enable-rule --name {scores.TRIM_TOP.name}-0; deploy EdgeStack: make deploy"
    )


@pytest.mark.usefixtures("aws")
def test_rules_of_the_archive_are_looked_for_where_it_is() -> None:
    run_by_rules(*(name for name in rules() if "archive" not in name))
    assert found("schedules", WITHOUT_ARCHIVE).state == "ok"
    finding = found("schedules", COMPLETE)
    assert f"{archive.PRUNE.name} lacks 1 rule" in finding.detail
    assert finding.fix == "deploy TelemetryStack: make deploy"


def test_every_function_that_rules_run_is_our_own() -> None:
    assert rules().keys() <= {function.name for function in FUNCTIONS}


def alarmed(environment: Environment, **changes: Any) -> None:
    for alarm in alarms(enabled(environment)):
        client("cloudwatch").put_metric_alarm(**alarm_of(names.alarm(alarm.name), **changes))


def alarm_of(name: str, **changes: Any) -> dict[str, Any]:
    settings = {
        "AlarmName": name,
        "MetricName": "Metric",
        "Namespace": names.PROJECT,
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [TOPIC],
        "ActionsEnabled": True,
    }
    return settings | changes


@pytest.mark.usefixtures("aws")
def test_existing_alarms_notify_the_topic() -> None:
    count = len(list(alarms(enabled(COMPLETE)))) - 1
    alarmed(COMPLETE)
    assert found("alarms", TOLD).detail == f"{count} alarms exist, with their actions enabled"
    client("cloudwatch").delete_alarms(AlarmNames=[names.alarm("drift")])
    assert found("alarms", TOLD).state == "ok"
    assert found("alarms", COMPLETE).detail == "missing: htmlgame-drift"
    assert found("alarms", COMPLETE).fix == "deploy OpsStack: make deploy"
    every = tuple(alarm.name for alarm in alarms(enabled(COMPLETE)))
    client("cloudwatch").put_metric_alarm(**alarm_of("somebody else's", AlarmActions=[]))
    assert found("alarms", replace(COMPLETE, ops=Ops(off=every))).state == "ok"


@pytest.mark.usefixtures("aws")
def test_an_alarm_of_one_region_is_expected_in_that_region_only() -> None:
    alarmed(COMPLETE)
    client("cloudwatch").delete_alarms(AlarmNames=[names.alarm("edge-5xx")])
    assert found("alarms", COMPLETE).detail == "missing: htmlgame-edge-5xx"
    astray = found("alarms", COMPLETE, region="eu-west-1").detail
    assert "htmlgame-edge-5xx" not in astray


@pytest.mark.usefixtures("aws")
def test_an_alarm_that_notifies_nobody_is_named_with_its_fix() -> None:
    alarmed(COMPLETE, ActionsEnabled=False)
    finding = found("alarms", TOLD)
    assert finding.detail.startswith("actions disabled: htmlgame-scores-5xx, ")
    assert str(finding.fix).startswith(
        "aws cloudwatch enable-alarm-actions --alarm-names htmlgame-scores-5xx "
    )
    alarmed(COMPLETE, AlarmActions=[])
    assert found("alarms", TOLD).detail.startswith("not sent to htmlgame-alarms: ")


@pytest.mark.usefixtures("aws")
def test_the_topic_notifies_the_address_that_ops_names() -> None:
    assert found("alarm topic", TOLD).detail == "there is no topic htmlgame-alarms"
    assert found("alarm topic", TOLD).fix == "deploy OpsStack: make deploy"
    sns = client("sns")
    sns.create_topic(Name=names.ALARMS)
    assert (
        found("alarm topic", DELIVERED).detail
        == "exists; ops names no email address that receives alarms"
    )
    finding = found("alarm topic", TOLD)
    assert finding.detail == "ann@example.com is not subscribed"
    assert str(finding.fix).startswith(
        f"aws sns subscribe --topic-arn {TOPIC} --protocol email "
        "--notification-endpoint ann@example.com"
    )
    sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="ann@example.com")
    assert found("alarm topic", TOLD).detail == "exists, and ann@example.com receives alarms"


@pytest.mark.parametrize(
    ("subscription", "told"),
    [
        ("PendingConfirmation", "has not confirmed its subscription"),
        ("Deleted", "is not subscribed"),
    ],
)
def test_an_unconfirmed_email_address_receives_nothing(
    monkeypatch: pytest.MonkeyPatch, subscription: str, told: str
) -> None:
    page = {"Subscriptions": [{"Endpoint": "ann@example.com", "SubscriptionArn": subscription}]}
    pages = SimpleNamespace(paginate=lambda **_: [page])
    sns = SimpleNamespace(
        get_paginator=lambda _: pages, exceptions=SimpleNamespace(NotFoundException=KeyError)
    )
    monkeypatch.setattr(f"{__name__}.client", lambda _: sns)
    finding = found("alarm topic", TOLD)
    assert finding.state == "broken"
    assert told in finding.detail
    assert "aws sns subscribe" in str(finding.fix)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("environment", "answers", "state", "detail"),
    [
        (DELIVERED, {200}, "ok", " reaches 1 API"),
        (COMPLETE, {200, 401}, "ok", " reaches 5 APIs"),
        (COMPLETE, {200}, "broken", f"{API_BASE_PATH}/data/doctor: 404, not 401"),
        (DELIVERED, set(), "broken", ": 404, not 200"),
    ],
)
def test_the_apis_are_asked_through_the_site(
    monkeypatch: pytest.MonkeyPatch,
    environment: Environment,
    answers: set[int],
    state: str,
    detail: str,
) -> None:
    made = make_distribution(client("cloudfront"))
    client("ssm").put_parameter(Name=names.DISTRIBUTION_ID, Type="String", Value=made)

    def ask(endpoint: str, method: str, path: str, headers: dict[str, str]) -> int:
        assert (endpoint[-15:], method, headers) == (".cloudfront.net", "GET", {})
        locked = (f"{API_BASE_PATH}/data", f"{API_BASE_PATH}/insights")
        status = 401 if path.startswith(locked) else 200
        return status if status in answers else 404

    monkeypatch.setattr(site, "ask", ask)
    finding = found("site", environment)
    assert finding.state == state
    assert finding.detail.endswith(detail)


def test_the_local_cloud_serves_no_site() -> None:
    finding = found("site", LOCAL, is_local=True)
    assert (finding.state, finding.fix) == ("skipped", "")
