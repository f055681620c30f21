"""make verify-aws against the deployed system: what it finds, and that it changes nothing."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

from config import alarms, names
from config.capabilities import edge as edge_manifest
from config.capabilities import insights, scores, secrets, telemetry
from config.environments import LOCAL, Environment
from config.ops import Ops
from lambdas.scores.routes import LANES
from local.bootstrap import ROOT
from local.edge.control import key_value_store_client
from local.edge.server import LocalEdge
from operations.account.aws_session import aws_session
from operations.cli.main import run
from operations.cli.target import Target
from operations.edge.aws_checks import edge_grants
from operations.findings import Finding, State
from operations.verify_aws import check as checking
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.check import AwsCheck
from operations.verify_aws.commands import checks
from operations.verify_aws.read_only import read_only
from tests.e2e.conftest import System, _load_once
from tests.stacks.test_ci_stack import CI, ISSUER, Resources, synthesised

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
RANKING_LOG = names.function_log_group(scores.GET_RANKING.name)
NOT_HERE = {
    "characters' model": "answers in place of Bedrock",
    "lambda concurrency": "takes its limit from this machine's memory",
    "buckets": "speaks plain HTTP",
    "edge functions": "has no TestFunction",
    "edge failures": "counts no failures of functions",
    "edge grants": "grants every store and every function",
    "https only": "speaks plain HTTP",
    "throttles": "deploys no throttle",
    "self-invocation": "deploys no setting for it",
    "cold starts": "reports no Init Duration",
    "request time": "bills by this machine's processor",
    "recovery and expiry": "deploys no TTL and no point-in-time recovery",
    "append-only records": "keeps no policy of a table",
    "guard after deploys": "announces no deploys",
    "access log": "writes no access log",
    "metrics": "keeps metric filters without reading lines",
    "budget": "deploys no budget",
}
NOT_CONFIGURED = {"alarm mail": "ops.email", "roles of GitHub": "ci"}
OF_THE_SITE = {
    "a play begins",
    "a forged score",
    "refusals",
    "ranking cache",
    "https only",
    "sign-in providers",
}


@pytest.fixture(autouse=True)
def _credentials(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in system.cloud.credentials().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(botocore.session, "create_loader", _load_once)


@pytest.fixture(autouse=True)
def _quiet(system: System) -> None:
    """Other tests make alarms ring, and the emulator rings them again with each new metric."""
    client = system.cloud.client("cloudwatch")
    for each in client.describe_alarms(StateValue="ALARM")["MetricAlarms"]:
        client.set_alarm_state(
            AlarmName=each["AlarmName"], StateValue="OK", StateReason="left by another test"
        )


class ReadOnlyTarget(Target):
    """The local system, as if another environment had been deployed."""

    def __init__(self, session: boto3.Session, environment: Environment = LOCAL) -> None:
        super().__init__(read_only(session))
        self._environment = environment

    @property
    def environment(self) -> Environment:
        return self._environment


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


def verified(site: str | None = None, environment: Environment = LOCAL) -> dict[str, Finding]:
    with closing(ReadOnlyTarget(aws_session(), environment)) as target:
        return {each.name: each for each in checking.run(checks(), Account(target, site))}


def wrong(results: dict[str, Finding]) -> dict[str, str]:
    return {name: each.detail for name, each in results.items() if each.state == "broken"}


def state(system: System) -> Any:
    """What a change of anything that the checks look at would move."""
    cloudfront, distribution = system.cloud.client("cloudfront"), names.DISTRIBUTION_ID
    config = cloudfront.get_distribution_config(Id=system.parameter(distribution))
    store = key_value_store_client(system.cloud)
    logs = system.cloud.client("logs").describe_log_groups(limit=50)["logGroups"]
    dynamodb = system.cloud.client("dynamodb")
    # The lens counts every request to the site, a while after it.
    lens = system.parameter(insights.TABLE.parameter)
    return {
        "distribution": config["ETag"],
        "invalidations": cloudfront.list_invalidations(
            DistributionId=system.parameter(distribution)
        )["InvalidationList"]["Quantity"],
        "functions": [
            cloudfront.describe_function(Name=name, Stage="LIVE")["ETag"]
            for name in (scores.GET_START.name, scores.GET_END.name, scores.VALIDATE.name)
        ],
        "store": store.describe_key_value_store(KvsARN=system.parameter(names.EDGE_STORE_ARN))[
            "ETag"
        ],
        "log groups": {each["logGroupName"]: each.get("retentionInDays") for each in logs},
        "rows": {
            table: dynamodb.scan(TableName=table)["Count"]
            for table in dynamodb.list_tables()["TableNames"]
            if table != lens
        },
        "parameters": sorted(
            (each["Name"], each["Version"])
            for page in system.cloud.client("ssm").get_paginator("describe_parameters").paginate()
            for each in page["Parameters"]
        ),
    }


def refreshed(system: System) -> None:
    """Waits for the invalidations that earlier tests put off to the end of a window."""
    before, now = -1, 0
    while before != now:
        before = system.invocations(scores.REFRESH_RANKING.name)
        time.sleep(LOCAL.invalidation_window_seconds + 1)
        now = system.invocations(scores.REFRESH_RANKING.name)


def test_all_that_the_local_system_can_answer_holds_and_the_rest_says_why(
    system: System, edge: LocalEdge
) -> None:
    refreshed(system)
    before = state(system), system.invocations(scores.PUT_SCORE.name)
    seen = len(edge.recent)
    results = verified(edge.url)
    assert wrong(results) == {}
    not_checked = {name: each.detail for name, each in results.items() if each.state == "skipped"}
    assert not_checked.keys() == NOT_HERE.keys() | NOT_CONFIGURED.keys()
    for name, why in NOT_HERE.items():
        assert not_checked[name] == f"the local system {why}"
    for name, setting in NOT_CONFIGURED.items():
        assert not_checked[name] == f"{setting} is not set in config/environments.py"
    # The forged score stopped at the edge, the forged sign-ins at their providers, and nothing was
    # written anywhere.
    assert (state(system), system.invocations(scores.PUT_SCORE.name)) == before
    written = [each for each in edge.recent[seen:] if each.method != "GET"]
    assert sorted((each.method, each.status) for each in written) == [
        ("POST", 401),
        ("POST", 401),
        ("PUT", 401),
    ]


def test_without_a_site_only_the_site_is_not_asked() -> None:
    results = verified()
    assert wrong(results) == {}
    for name in OF_THE_SITE:
        assert results[name].detail == "no site: make verify-aws SITE=https://…"


# Each fault, and the one check that finds it.


@contextmanager
def config_changed(system: System, change: Callable[[Any], None]) -> Iterator[None]:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)

    def update(change: Callable[[Any], object]) -> Any:
        answer = client.get_distribution_config(Id=distribution)
        before = json.loads(json.dumps(answer["DistributionConfig"]))
        change(answer["DistributionConfig"])
        client.update_distribution(
            Id=distribution, IfMatch=answer["ETag"], DistributionConfig=answer["DistributionConfig"]
        )
        return before

    before = update(change)
    yield
    update(lambda config: (config.clear(), config.update(before)))


def behaviour_deleted(system: System) -> Any:
    def change(config: Any) -> None:
        items = config["CacheBehaviors"]["Items"]
        kept = [each for each in items if not each["PathPattern"].endswith("/analytics/*")]
        config["CacheBehaviors"] = {"Quantity": len(kept), "Items": kept}
        assert len(kept) < len(items)

    return config_changed(system, change)


def pages_for_errors(system: System) -> Any:
    page = {
        "ErrorCode": 404,
        "ResponsePagePath": "/index.html",
        "ResponseCode": "200",
        "ErrorCachingMinTTL": 0,
    }

    def change(config: Any) -> None:
        others = [e for e in config["CustomErrorResponses"]["Items"] if e["ErrorCode"] != 404]
        config["CustomErrorResponses"] = {"Quantity": len(others) + 1, "Items": [*others, page]}

    return config_changed(system, change)


def logs_to_a_bucket(system: System) -> Any:
    logging = {
        "Enabled": True,
        "IncludeCookies": False,
        "Bucket": "my-logs.s3.amazonaws.com",
        "Prefix": "",
    }
    return config_changed(system, lambda config: config.update(Logging=logging))


def disabled(system: System) -> Any:
    return config_changed(system, lambda config: config.update(Enabled=False))


@contextmanager
def function_unpublished(system: System) -> Iterator[None]:
    client = system.cloud.client("cloudfront")
    found = client.describe_function(Name=scores.GET_END.name, Stage="LIVE")
    code = client.get_function(Name=scores.GET_END.name, Stage="LIVE")["FunctionCode"].read()
    config = found["FunctionSummary"]["FunctionConfig"]
    draft = client.describe_function(Name=scores.GET_END.name, Stage="DEVELOPMENT")
    client.delete_function(Name=scores.GET_END.name, IfMatch=draft["ETag"])
    made = client.create_function(
        Name=scores.GET_END.name, FunctionConfig=config, FunctionCode=code
    )
    yield
    client.publish_function(Name=scores.GET_END.name, IfMatch=made["ETag"])


@contextmanager
def schedule_disabled(system: System) -> Iterator[None]:
    events = system.cloud.client("events")
    [rule] = events.list_rule_names_by_target(TargetArn=system.parameter(scores.TRIM_ARN))[
        "RuleNames"
    ]
    events.disable_rule(Name=rule)
    yield
    events.enable_rule(Name=rule)


@contextmanager
def retention_dropped(system: System) -> Iterator[None]:
    logs, group = system.cloud.client("logs"), names.api_log_group(scores.ENDPOINT.name)
    logs.delete_retention_policy(logGroupName=group)
    yield
    logs.put_retention_policy(logGroupName=group, retentionInDays=LOCAL.log_days)


@contextmanager
def group_undeclared(system: System) -> Iterator[None]:
    """As Lambda makes one for the CDK's own function, once its declared one is gone."""
    logs, group = system.cloud.client("logs"), "/aws/lambda/EdgeStack-PatchProviderframework-x1"
    logs.create_log_group(logGroupName=group)
    yield
    logs.delete_log_group(logGroupName=group)


@contextmanager
def table_provisioned(system: System) -> Iterator[None]:
    client, table = system.cloud.client("dynamodb"), system.parameter(scores.TABLE.parameter)
    client.update_table(
        TableName=table,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    yield
    client.update_table(TableName=table, BillingMode="PAY_PER_REQUEST")


@contextmanager
def key_still(system: System) -> Iterator[None]:
    kms = system.cloud.client("kms")
    keys = [each["KeyId"] for each in kms.list_keys()["Keys"]]
    for key in keys:
        kms.disable_key_rotation(KeyId=key)
    yield
    for key in keys:
        kms.enable_key_rotation(KeyId=key)


@contextmanager
def parameter_lost(system: System) -> Iterator[None]:
    ssm, value = system.cloud.client("ssm"), system.parameter(scores.GET_ARN)
    ssm.delete_parameter(Name=scores.GET_ARN)
    yield
    ssm.put_parameter(Name=scores.GET_ARN, Type="String", Value=value)


@contextmanager
def alarm_ringing(system: System) -> Iterator[None]:
    client, name = system.cloud.client("cloudwatch"), names.alarm("drift")
    client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    yield
    client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")


@contextmanager
def filter_lost(system: System) -> Iterator[None]:
    logs, group = system.cloud.client("logs"), names.function_log_group(scores.TRIM_TOP.name)
    lost = logs.describe_metric_filters(logGroupName=group)["metricFilters"][0]
    logs.delete_metric_filter(logGroupName=group, filterName=lost["filterName"])
    yield
    logs.put_metric_filter(
        logGroupName=group,
        filterName=lost["filterName"],
        filterPattern=lost["filterPattern"],
        metricTransformations=lost["metricTransformations"],
    )


@contextmanager
def reader_stopped(system: System) -> Iterator[None]:
    client = system.cloud.client("lambda")
    [mapping] = client.list_event_source_mappings(FunctionName=telemetry.COUNT.name)[
        "EventSourceMappings"
    ]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@contextmanager
def runtime_changed(system: System) -> Iterator[None]:
    client = system.cloud.client("lambda")
    runtime = client.get_function_configuration(FunctionName=secrets.RESOLVE_ENV.name)["Runtime"]
    client.update_function_configuration(
        FunctionName=secrets.RESOLVE_ENV.name, Runtime="python3.12"
    )
    yield
    client.update_function_configuration(FunctionName=secrets.RESOLVE_ENV.name, Runtime=runtime)
    waiter = client.get_waiter("function_updated_v2")
    waiter.wait(FunctionName=secrets.RESOLVE_ENV.name, WaiterConfig={"Delay": 1})


@contextmanager
def issuer_gone(system: System) -> Iterator[None]:
    """No authorizer can be made for an issuer that is not there, but one can go later."""
    issuer = system.cloud.issuer
    port = issuer.port
    issuer.stop()
    yield
    issuer.start(port)


BROKEN: dict[str, tuple[Callable[[System], Any], str, str]] = {
    "a behaviour is deleted": (behaviour_deleted, "patch", "add behaviour /api/analytics/*"),
    "errors have a page": (
        pages_for_errors,
        "error pages",
        "replaces 404 on every path with /index.html",
    ),
    "the distribution logs to a bucket": (
        logs_to_a_bucket,
        "patch permissions",
        "my-logs",
    ),
    "the distribution is disabled": (disabled, "distribution", "is disabled"),
    "a function is unpublished": (
        function_unpublished,
        "behaviours' functions",
        "not published: htmlgame-get-end",
    ),
    "a schedule is disabled": (schedule_disabled, "schedules", "htmlgame-trim-top, is disabled"),
    "a retention is dropped": (
        retention_dropped,
        "log groups",
        "keeps lines without end, not 1 days",
    ),
    "a log group is undeclared": (group_undeclared, "log groups", "is undeclared"),
    "a table is provisioned": (table_provisioned, "tables", "billed by provisioned capacity"),
    "a key does not rotate": (key_still, "key rotation", "does not rotate"),
    "a parameter is lost": (parameter_lost, "parameters", "missing: /htmlgame/score-api"),
    "an alarm rings": (alarm_ringing, "alarms", "in ALARM: htmlgame-drift"),
    "a filter is lost": (filter_lost, "metric filters", "1 filter missing or changed"),
    "a stream has no reader": (reader_stopped, "stream readers", "htmlgame-telemetry-count: Dis"),
    "a runtime is another": (runtime_changed, "functions", "runs on python3.12"),
    "the issuer is gone": (issuer_gone, "sign-in", "cannot be read"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_fails_exactly_one_check(system: System, name: str) -> None:
    breaking, check, evidence = BROKEN[name]
    with breaking(system):
        found = verified()
    assert wrong(found).keys() == {check}
    assert evidence in found[check].detail
    assert found[check].fix


def test_every_check_passes_after_the_fixes() -> None:
    assert wrong(verified()) == {}


def test_a_site_without_the_patch_is_found_through_the_site(
    system: System, edge: LocalEdge
) -> None:
    with config_changed(system, lambda config: config.update(CacheBehaviors={"Quantity": 0})):
        edge.refresh()
        found = wrong(verified(edge.url))
    edge.refresh()
    # A ranking that the cache holds is answered all the same.
    assert found.keys() - {"ranking cache"} == {
        "patch",
        "a play begins",
        "a forged score",
        "refusals",
        "sign-in providers",
    }


def test_of_an_account_without_any_stack_it_says_that_nothing_is_deployed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert wrong(verified()).keys() == {"credentials"}
    results = verified(environment=replace(LOCAL, region=None))
    assert wrong(results).keys() == {"stacks", "parameters"}
    assert "EdgeStack is not deployed" in results["stacks"].detail
    not_deployed = [each for each in results.values() if each.detail.startswith("not deployed")]
    assert len(not_deployed) > 15


# Claims that the local system leaves open, on a state made by hand.


@pytest.fixture
def target() -> Iterator[Target]:
    with closing(ReadOnlyTarget(aws_session())) as target:
        yield target


@pytest.fixture
def account(target: Target) -> Account:
    return Account(target)


def later(account: Account, ms: int) -> Account:
    """The same account, when so much time has passed without anything happening."""
    same = Account(account.target)
    same.session.now_ms = account.now_ms + ms
    return same


def looked(name: str, account: Account) -> tuple[State, str]:
    """Of a check that the local system is usually not asked."""
    [found] = [each for each in checks() if each.name == name]
    result = without_needs(found).run(account)
    return result.state, result.detail


def without_needs(check: AwsCheck) -> AwsCheck:
    return replace(check, needs=())


def test_a_throttle_that_was_changed_is_found(system: System, account: Account) -> None:
    client = system.cloud.client("apigatewayv2")
    verdict, evidence = looked("throttles", account)
    assert verdict == "broken"
    assert "htmlgame-scores has none, not 20 a second, burst 40" in evidence
    assert "GET /api/ranking/{gameId}/{period} has none, not 100 a second, burst 200" in evidence
    apis = {each["Name"]: each["ApiId"] for each in client.get_apis()["Items"]}
    stages = {
        (each.stack, each.properties["ApiId"]["Ref"]): each.properties
        for each in account.resources("AWS::ApiGatewayV2::Stage")
    }
    deployed = {
        apis[each.properties["Name"]]: stages[each.stack, each.logical_id]
        for each in account.resources("AWS::ApiGatewayV2::Api")
    }
    for api, stage in deployed.items():
        settings = {each: stage.get(each, {}) for each in ("DefaultRouteSettings", "RouteSettings")}
        client.update_stage(ApiId=api, StageName=stage["StageName"], **settings)
    try:
        verdict, evidence = looked("throttles", account)
        assert verdict == "ok", evidence
        # Each lane of submissions and of rankings has its own, and so has the ranking itself.
        own = f"20 a second, burst 40 and {2 * LANES + 1} routes with their own"
        assert f"htmlgame-scores {own}, htmlgame-telemetry 200 a second" in evidence
    finally:
        for api, stage in deployed.items():
            client.update_stage(
                ApiId=api,
                StageName=stage["StageName"],
                DefaultRouteSettings={},
                RouteSettings={},
            )


def test_a_table_that_cannot_be_restored_is_found(system: System, account: Account) -> None:
    client = system.cloud.client("dynamodb")
    tables = client.list_tables()["TableNames"]
    verdict, evidence = looked("recovery and expiry", account)
    assert verdict == "broken"
    assert "has no point-in-time recovery" in evidence
    assert "does not expire items by 'expires'" in evidence
    for table in tables:
        client.update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
        )
        if not any(each in table for each in ("RateTable", "RunTable", "MinuteTable")):
            client.update_continuous_backups(
                TableName=table,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            )
    try:
        assert looked("recovery and expiry", account) == ("ok", "13 tables as their templates say")
    finally:
        for table in tables:
            client.update_time_to_live(
                TableName=table,
                TimeToLiveSpecification={"AttributeName": "expires", "Enabled": False},
            )
            client.update_continuous_backups(
                TableName=table,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
            )


def test_concurrency_below_the_burst_is_found(system: System, account: Account) -> None:
    client = system.cloud.client("lambda")
    assert looked("lambda concurrency", account)[0] == "ok"
    free = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    client.put_function_concurrency(
        FunctionName=secrets.RESOLVE_ENV.name, ReservedConcurrentExecutions=free - 9
    )
    try:
        verdict, evidence = looked("lambda concurrency", account)
    finally:
        client.delete_function_concurrency(FunctionName=secrets.RESOLVE_ENV.name)
    assert verdict == "broken"
    assert evidence.startswith("9 of ")
    assert "config says" in evidence


def test_a_bucket_that_accepts_plain_http_or_is_public_is_found(
    system: System, account: Account
) -> None:
    s3 = system.cloud.client("s3")
    buckets = [each.physical_id for each in account.resources("AWS::S3::Bucket")]
    verdict, evidence = looked("buckets", account)
    assert verdict == "broken"
    assert evidence.count("accepts plain HTTP") == 4
    account.__dict__["all_resources"] = [
        each
        for each in account.resources("AWS::S3::Bucket")
        if each.stack == edge_manifest.CAPABILITY.stack
    ]
    [bucket] = [each for each in buckets if each.startswith("edgestack")]
    tls_only = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [tls_only]})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]

    def set_block(changed: dict[str, bool]) -> None:
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block | changed)

    try:
        assert looked("buckets", account) == ("ok", "1 bucket, private and TLS only")
        set_block({"BlockPublicPolicy": False})
        assert looked("buckets", account) == ("broken", f"{bucket} lifts BlockPublicPolicy")
    finally:
        set_block({})
        s3.delete_bucket_policy(Bucket=bucket)


def log(system: System, group: str, *lines: str) -> None:
    stream = f"verify-{time.time_ns()}"
    now = time.time_ns() // 1_000_000
    logs = system.cloud.client("logs")
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": now, "message": line} for line in lines],
    )


def report(ms: float, init_ms: float | None = None) -> str:
    """As Lambda writes it."""
    line = (
        f"REPORT RequestId: 3f1c\tDuration: {ms - 0.6:.2f} ms\tBilled Duration: {ms:.0f} ms\t"
        "Memory Size: 256 MB\tMax Memory Used: 91 MB\t"
    )
    return line if init_ms is None else f"{line}Init Duration: {init_ms:.2f} ms\t"


def test_cold_starts_and_times_are_read_from_lambdas_own_lines(
    system: System, account: Account
) -> None:
    month_later = later(account, 30 * DAY_MS)
    assert looked("cold starts", month_later)[0] == "skipped"
    assert looked("request time", month_later)[0] == "skipped"
    log(system, RANKING_LOG, report(25, 480), report(24, 520), report(31, 500))
    verdict, evidence = looked("cold starts", account)
    assert (verdict, evidence) == ("ok", "htmlgame-get-ranking 500 ms in 3 starts")
    log(system, RANKING_LOG, *[report(25, 2_100)] * 4)
    verdict, evidence = looked("cold starts", account)
    assert verdict == "broken"
    assert "2,100 ms in 7 starts: above 1,000 ms" in evidence
    log(system, names.function_log_group(scores.PUT_SCORE.name), *[report(15_000)] * 400)
    verdict, evidence = looked("request time", account)
    assert verdict == "broken"
    assert "more than the 60 ms that make cost assumes" in evidence


def test_a_chain_that_lambda_would_end_is_found(system: System, account: Account) -> None:
    name = "self-invocation"
    account.__dict__["all_resources"] = []
    assert looked(name, account)[0] == "skipped"
    account.__dict__["all_resources"] = [
        Resource(
            scores.CAPABILITY.stack,
            "AWS::Lambda::Function",
            "TrimTop",
            scores.TRIM_TOP.name,
            {"RecursiveLoop": "Allow"},
        )
    ]
    assert looked(name, account) == ("broken", "Lambda ends a chain of htmlgame-trim-top")
    client = system.cloud.client("lambda")
    client.put_function_recursion_config(FunctionName=scores.TRIM_TOP.name, RecursiveLoop="Allow")
    try:
        assert looked(name, account) == ("ok", "htmlgame-trim-top: Allow")
    finally:
        client.put_function_recursion_config(
            FunctionName=scores.TRIM_TOP.name, RecursiveLoop="Terminate"
        )


def test_failures_that_cloudfront_counts_are_found(account: Account) -> None:
    assert looked("edge failures", account) == ("ok", "none in 0 calls of the last 24 hours")
    counted = {"FunctionInvocations": 5, "FunctionExecutionErrors": 0, "FunctionThrottles": 2}

    def metric(_: str, name: str, *, dimensions: dict[str, str], **asked: Any) -> float:
        assert dimensions["Region"] == "Global"
        assert asked["region"] == "us-east-1"
        return counted.get(name, 0) if dimensions["FunctionName"] == scores.VALIDATE.name else 0

    account.metric = metric  # type: ignore[method-assign, assignment]
    assert looked("edge failures", account) == ("broken", "validate FunctionThrottles 2")


def test_a_filter_that_counts_nothing_is_found(system: System, account: Account) -> None:
    assert looked("metrics", account) == (
        "skipped",
        "not due yet: OpsStack is younger than two hours",
    )
    assert looked("metrics", later(account, DAY_MS))[0] == "broken"
    system.cloud.client("cloudwatch").put_metric_data(
        Namespace=alarms.NAMESPACE,
        MetricData=[{"MetricName": alarms.BILLED_MS, "Value": 25, "Unit": "None"}],
    )
    found = looked("metrics", later(account, HOUR_MS))
    assert found == ("ok", "1 lines counted in 24 hours")


def test_an_api_that_writes_no_access_log_is_found(system: System, account: Account) -> None:
    name, group = "access log", names.api_log_group(scores.ENDPOINT.name)
    assert looked(name, later(account, 30 * DAY_MS))[0] == "skipped"
    assert system.origin.ranking("snake", "all").status == 200
    assert looked(name, later(account, HOUR_MS)) == (
        "broken",
        f"no line in {group}, though htmlgame-get-ranking answered",
    )
    log(system, group, '{"requestId":"x","status":"200"}')
    assert looked(name, later(account, HOUR_MS))[0] == "ok"


def test_a_guard_that_no_deploy_starts_is_found(account: Account) -> None:
    verdict, evidence = looked("guard after deploys", account)
    assert verdict == "broken"
    assert "has started nothing in 14 days" in evidence


def test_a_guard_that_does_not_run_is_found(account: Account) -> None:
    tired = later(account, 3 * HOUR_MS)
    assert looked("drift guard", tired) == ("broken", "it has not run in the last 90 minutes")
    verdict, evidence = looked("scheduled runs", tired)
    assert verdict == "broken"
    assert "htmlgame-drift-guard has not run in 1 hours" in evidence


def test_a_guard_whose_last_run_failed_is_found(system: System, account: Account) -> None:
    ssm = system.cloud.client("ssm")
    lock = system.parameter(names.ORIGIN_LOCK)
    ssm.delete_parameter(Name=names.ORIGIN_LOCK)
    try:
        answer = system.cloud.client("lambda").invoke(FunctionName=edge_manifest.DRIFT_GUARD.name)
        assert "FunctionError" in answer
        verdict, evidence = looked("drift guard", account)
    finally:
        ssm.put_parameter(Name=names.ORIGIN_LOCK, Type="SecureString", Value=lock)
    assert verdict == "broken"
    assert evidence.startswith("its last run, at ")
    answer = system.cloud.client("lambda").invoke(FunctionName=edge_manifest.DRIFT_GUARD.name)
    assert "FunctionError" not in answer
    assert looked("drift guard", account)[0] == "ok"


def test_drift_that_the_guard_fixed_is_reported(system: System, account: Account) -> None:
    with config_changed(system, lambda config: config.update(CacheBehaviors={"Quantity": 0})):
        answer = system.cloud.client("lambda").invoke(FunctionName=edge_manifest.DRIFT_GUARD.name)
        assert "FunctionError" not in answer
    verdict, evidence = looked("drift guard", account)
    assert verdict == "ok"
    assert "healed" in evidence


def test_a_budget_of_another_sum_is_found(system: System, account: Account) -> None:
    properties = {"Budget": {"BudgetLimit": {"Amount": 10, "Unit": "USD"}}}
    account.__dict__["all_resources"] = [
        Resource(names.OPS_STACK, "AWS::Budgets::Budget", "Budget", names.BUDGET, properties)
    ]
    assert looked("budget", Account(account.target))[1].startswith(
        "not deployed: no stack of htmlgame has an AWS::Budgets"
    )
    client = system.cloud.client("budgets")
    budget = {
        "BudgetName": names.BUDGET,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "10", "Unit": "USD"},
    }
    client.create_budget(AccountId=account.id, Budget=budget)
    try:
        verdict, evidence = looked("budget", account)
        assert verdict == "ok"
        assert evidence.startswith("$10 a month, $0.00 spent")
        properties["Budget"]["BudgetLimit"]["Amount"] = 25
        assert looked("budget", account) == ("broken", "$10 a month, not $25")
    finally:
        client.delete_budget(AccountId=account.id, BudgetName=names.BUDGET)


@contextmanager
def roles(system: System, planned: Resources, ref: str = CI.ref) -> Iterator[None]:
    """GitHub's roles as CiStack makes them, and their identity provider."""
    iam = system.cloud.client("iam")
    made = iam.create_open_id_connect_provider(
        Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]
    created = []
    for each in planned.values():
        if each["Type"] == "AWS::IAM::Role":
            document = json.dumps(each["Properties"]["AssumeRolePolicyDocument"])
            document = document.replace(CI.ref, ref)
            created.append(each["Properties"]["RoleName"])
            iam.create_role(RoleName=created[-1], AssumeRolePolicyDocument=document)
    try:
        yield
    finally:
        for name in created:
            iam.delete_role(RoleName=name)
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=made)


def test_a_role_of_github_that_trusts_another_branch_is_found(system: System) -> None:
    def found() -> tuple[State, str]:
        with closing(ReadOnlyTarget(aws_session(), replace(LOCAL, ci=CI))) as target:
            return looked("roles of GitHub", Account(target))

    assert found() == ("broken", "the account has no identity provider for GitHub")
    planned = synthesised(CI, parameter=system.parameter)
    with roles(system, planned):
        assert found() == ("ok", "3 roles trust octocat/my-games, refs/heads/main")
    with roles(system, planned, ref="refs/heads/anything"):
        verdict, evidence = found()
    assert verdict == "broken"
    assert evidence.count("trusts something else") == 2


def test_a_grant_that_is_too_wide_or_missing_is_found(system: System, account: Account) -> None:
    """IAM's roles are the account's: those of another region stand beside ours."""
    iam = system.cloud.client("iam")
    assert (
        "may cloudfront:DescribeFunction on resources that are not ours"
        in (looked("edge grants", account)[1])
    )
    ours = f"arn:aws:cloudfront::{account.id}:"
    narrow = {
        "cloudfront:UpdateDistribution": f"{ours}distribution/{account.distribution_id}",
        "cloudfront:CreateInvalidation": f"{ours}distribution/{account.distribution_id}",
        "cloudfront:DescribeFunction": f"{ours}function/htmlgame-*",
        "cloudfront-keyvaluestore:UpdateKeys": system.parameter(names.EDGE_STORE_ARN),
    }
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": arn} for action, arn in narrow.items()
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    functions = (
        edge_manifest.DISTRIBUTION_PATCH.name,
        edge_manifest.DRIFT_GUARD.name,
        scores.PUT_SCORE.name,
        scores.TRIM_TOP.name,
        edge_manifest.ROTATE_KEYS.name,
        edge_manifest.STORE_KEEPER.name,
    )
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    elsewhere = [names.function_role(each, "eu-west-1") for each in functions]
    for role in elsewhere:
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(RoleName=role, PolicyName="narrow", PolicyDocument=policy)

    class Region(Account):
        region = "eu-west-1"

    try:
        assert (
            edge_grants(Region(account.target))
            == "our distribution, store and functions are allowed, others denied"
        )
        iam.delete_role_policy(RoleName=elsewhere[3], PolicyName="narrow")
        verdict, evidence = looked("edge grants", Region(account.target))
    finally:
        for role in elsewhere:
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                iam.delete_role_policy(RoleName=role, PolicyName=name)
            iam.delete_role(RoleName=role)
    assert verdict == "broken"
    assert "htmlgame-trim-top may not cloudfront-keyvaluestore:UpdateKeys" in evidence


# What it may do.


def rights() -> set[str]:
    """As docs/operate/proven.md lists them."""
    page = (ROOT / "docs" / "operate" / "proven.md").read_text(encoding="utf-8")
    table = page.partition("### What it reads")[2].partition("\n### ")[0]
    return set(re.findall(r"`([a-z0-9-]+:[A-Z]\w+)`", table))


_BY_ANOTHER_NAME = {
    "s3:ListObjectsV": "s3:ListBucket",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "budgets:DescribeBudget": "budgets:ViewBudget",
}


def in_policies(service: str, operation: str) -> str:
    """The action that a policy must allow for this call."""
    if service == "apigateway":
        return "apigateway:GET"
    action = f"{'cloudwatch' if service == 'monitoring' else service}:{operation}"
    return _BY_ANOTHER_NAME.get(action, action)


def test_the_checks_together_ask_for_what_the_page_lists_and_nothing_else(system: System) -> None:
    asked: set[str] = set()

    def note(model: Any, **_: Any) -> None:
        operation = model.name.rstrip("0123456789_")
        asked.add(in_policies(model.service_model.signing_name, operation))

    session = aws_session()
    session.events.register("provide-client-params", note)
    target = ReadOnlyTarget(session, replace(LOCAL, ci=CI, ops=Ops(email="ann@example.com")))
    account = Account(target)
    budget = {"Budget": {"BudgetLimit": {"Amount": 10}}}
    account.__dict__["all_resources"] = [
        *account.all_resources,
        Resource(names.OPS_STACK, "AWS::Budgets::Budget", "Budget", names.BUDGET, budget),
        Resource(
            scores.CAPABILITY.stack,
            "AWS::Lambda::Function",
            "TrimTop",
            scores.TRIM_TOP.name,
            {"RecursiveLoop": "Allow"},
        ),
    ]
    with closing(target), roles(system, synthesised(CI, parameter=system.parameter)):
        for each in checks():
            without_needs(each).run(account)
    assert asked == rights()


@contextmanager
def reader(system: System, allowed: set[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The credentials of a user with these rights and no others."""
    iam, name = system.cloud.client("iam"), "reader"
    statement = {"Effect": "Allow", "Action": sorted(allowed), "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="reads", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        yield
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="reads")
    iam.delete_user(UserName=name)


def test_those_rights_suffice_and_allow_no_change(
    system: System, edge: LocalEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reader(system, rights(), monkeypatch):
        results = verified(edge.url)
        with pytest.raises(ClientError, match="PutRetentionPolicy"):
            aws_session().client("logs").put_retention_policy(
                logGroupName=names.api_log_group(scores.ENDPOINT.name), retentionInDays=1
            )
    assert results["credentials"].detail.startswith("arn:aws:iam::000000000000:user/reader")
    assert wrong(results) == {}
    assert not [each for each in results.values() if each.detail.startswith("not allowed")]


def test_a_check_without_its_rights_is_skipped_and_stops_nothing(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = rights() - {"kms:GetKeyRotationStatus", "cloudwatch:DescribeAlarms"}
    with reader(system, kept, monkeypatch):
        results = verified()
    assert wrong(results) == {}
    assert results["key rotation"].detail == "not allowed: GetKeyRotationStatus"
    assert results["alarms"].detail == "not allowed: DescribeAlarms"
    assert results["key rotation"].state == results["alarms"].state == "skipped"
    assert results["metric filters"].state == "ok"


# How it is run.


def test_it_prints_a_table_and_ends_with_zero(
    edge: LocalEdge, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["verify-aws", "--site", edge.url])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert "✓ ranking cache " in told
    assert "– edge functions " in told
    assert " 0 ✗, " in told.splitlines()[-1]


def test_it_ends_with_one_where_something_is_wrong(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    with alarm_ringing(system), pytest.raises(SystemExit) as ended:
        run(["verify-aws", "--json", "--only", "alarms", "--only", "tables"])
    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert [each["verdict"] for each in told["checks"]] == ["wrong", "holds"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--only", "nothing"], "there is no such check"),
        (["--site", "ftp://x"], "SITE=ftp://x: not an https address"),
    ],
)
def test_a_wrong_option_is_answered_with_the_valid_ones(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify-aws", *arguments]) == 2
    assert complaint in capsys.readouterr().err
