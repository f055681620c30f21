"""Alarms provoked on the deployed system: they read the lines that its functions log."""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from config import names
from config.alarms import NAMESPACE
from config.capabilities import edge, scores
from config.environments import COMPLETE, LOCAL
from lambdas.shared.edge_store import CURRENT_KEY
from lambdas.shared.values.clock import iso
from local.edge.control import key_value_store_client
from tests.e2e.conftest import System
from tests.stacks.cloudwatch import Metrics, alarm_state
from tests.stacks.test_ops_stack import Stack

DAYS = 24 * 3600


@pytest.fixture(scope="module")
def stack() -> Stack:
    """The alarms as production has them: the emulator stores filters and reads none."""
    return Stack(COMPLETE)


class Watch:
    """Reads the lines that a function logs from now on."""

    def __init__(self, system: System, stack: Stack, function: str) -> None:
        self._system, self._stack, self._function = system, stack, function
        self._before = len(system.log_lines(function))

    @property
    def lines(self) -> list[str]:
        return list(as_aws_writes(self._system.log_lines(self._function)[self._before :]))

    @property
    def metrics(self) -> Metrics:
        metrics = Metrics()
        metrics.feed(
            self._stack.filters, names.function_log_group(self._function), self.lines, at=-1
        )
        return metrics

    def state(self, alarm: str) -> str:
        return alarm_state(self._stack.alarms[alarm], self.metrics)


def as_aws_writes(lines: Iterable[str]) -> Iterator[str]:
    """The emulator logs a traceback line by line; Lambda's runtime makes it one, after [ERROR]."""
    traceback: list[str] = []
    for line in lines:
        if line.startswith("Traceback (most recent call last)") or traceback:
            traceback.append(line)
            if len(traceback) > 1 and not line.startswith(" "):
                yield "\r".join([f"[ERROR] {line}", *traceback[:-1]])
                traceback = []
        else:
            yield line


def invoke(system: System, function: str, payload: dict[str, Any] | None = None) -> bool:
    """Whether it went well."""
    answer = system.cloud.client("lambda").invoke(
        FunctionName=function, Payload=json.dumps(payload or {}).encode()
    )
    answer["Payload"].read()
    return "FunctionError" not in answer


@contextmanager
def key_made(system: System, days_ago: float) -> Iterator[None]:
    client = key_value_store_client(system.cloud)
    arn = system.parameter(names.EDGE_STORE_ARN)
    real = client.get_key(KvsARN=arn, Key=CURRENT_KEY)["Value"]

    def put(value: str) -> None:
        etag = client.describe_key_value_store(KvsARN=arn)["ETag"]
        client.put_key(KvsARN=arn, IfMatch=etag, Key=CURRENT_KEY, Value=value)

    put(f"{base36(int(time.time() - days_ago * DAYS))}:{'s' * 43}")
    try:
        yield
    finally:
        put(real)


def base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def test_a_finished_trim_says_so_and_how_old_the_key_is(system: System, stack: Stack) -> None:
    watch = Watch(system, stack, scores.TRIM_TOP.name)
    assert watch.state("trim-missed") == "ALARM"
    assert invoke(system, scores.TRIM_TOP.name)
    assert watch.state("trim-missed") == "OK"
    [(_, age)] = watch.metrics.values[NAMESPACE, "TokenKeyAgeDays"]
    assert 0 <= age < 1
    assert watch.state("token-key-age") == "OK"


def test_a_trim_by_an_operator_does_not_hide_a_missed_night(system: System, stack: Stack) -> None:
    watch = Watch(system, stack, scores.TRIM_TOP.name)
    assert invoke(system, scores.TRIM_TOP.name, {"boards": [["snake", "all"]]})
    assert watch.state("trim-missed") == "ALARM"
    assert invoke(system, scores.TRIM_TOP.name, {"boards": [["snake", "all"]], "nightly": True})
    assert watch.state("trim-missed") == "OK"


def test_a_key_that_nobody_rotated_raises_the_alarm(system: System, stack: Stack) -> None:
    watch = Watch(system, stack, scores.TRIM_TOP.name)
    with key_made(system, days_ago=41):
        assert invoke(system, scores.TRIM_TOP.name)
    assert watch.state("token-key-age") == "ALARM"
    assert "s" * 43 not in "".join(watch.lines)


def wipe(system: System) -> None:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    answer = client.get_distribution_config(Id=distribution)
    bare = answer["DistributionConfig"] | {"CacheBehaviors": {"Quantity": 0}}
    client.update_distribution(Id=distribution, IfMatch=answer["ETag"], DistributionConfig=bare)


def test_drift_raises_the_alarm_and_an_announced_change_does_not(
    system: System, stack: Stack
) -> None:
    watch = Watch(system, stack, edge.DRIFT_GUARD.name)
    wipe(system)
    assert invoke(system, edge.DRIFT_GUARD.name, {"why": "the origin lock was rotated"})
    assert watch.state("drift") == "OK"
    wipe(system)
    assert invoke(system, edge.DRIFT_GUARD.name, {"source": "aws.events"})
    assert watch.state("drift") == "ALARM"


@contextmanager
def without_the_store(system: System, function: str) -> Iterator[None]:
    """Revokes the right that EdgeStack grants."""
    iam = system.cloud.client("iam")
    role = names.function_role(function, str(LOCAL.region))
    documents = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    grants = {name: doc for name, doc in documents.items() if "keyvaluestore" in json.dumps(doc)}
    assert grants
    for name in grants:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        yield
    finally:
        for name, document in grants.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


@pytest.fixture(scope="module")
def broken_trim(system: System, stack: Stack) -> Watch:
    """Invokes the function again after a failure, as Lambda does."""
    watch = Watch(system, stack, scores.TRIM_TOP.name)
    with without_the_store(system, scores.TRIM_TOP.name):
        for _ in range(2):
            assert not invoke(system, scores.TRIM_TOP.name)
    assert invoke(system, scores.TRIM_TOP.name)
    return watch


def test_a_store_that_cannot_be_written_raises_the_alarms_of_store_and_function(
    broken_trim: Watch,
) -> None:
    assert broken_trim.state("edge-store") == "ALARM"
    assert broken_trim.state("failures") == "ALARM"
    assert len(broken_trim.metrics.values[NAMESPACE, "TrimFinished"]) == 1


def subscribed_queue(system: System) -> str:
    sqs, sns = system.cloud.client("sqs"), system.cloud.client("sns")
    [topic] = [t["TopicArn"] for t in sns.list_topics()["Topics"] if names.ALARMS in t["TopicArn"]]
    queue: str = sqs.create_queue(QueueName="told")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    lets_in = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": attributes["QueueArn"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [lets_in]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])
    return queue


def test_the_topic_notifies_its_subscribers(
    system: System, stack: Stack, broken_trim: Watch
) -> None:
    """The emulator's own alarm, fed with what was counted, through the deployed topic."""
    queue = subscribed_queue(system)
    system.cloud.client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {"MetricName": "Failures", "Value": value}
            for _, value in broken_trim.metrics.values[NAMESPACE, "Failures"]
        ],
    )
    received = system.cloud.client("sqs").receive_message(
        QueueUrl=queue, WaitTimeSeconds=5, MaxNumberOfMessages=10
    )
    told = [json.loads(json.loads(each["Body"])["Message"]) for each in received["Messages"]]
    [message] = [each for each in told if each["AlarmName"] == names.alarm("failures")]
    assert message["NewStateValue"] == "ALARM"
    assert message["AlarmDescription"] == stack.alarms["failures"]["AlarmDescription"]


@contextmanager
def budget_spent(system: System) -> Iterator[None]:
    client = system.cloud.client("dynamodb")
    ledger = {
        "TableName": system.parameter(scores.TABLE.parameter),
        "Key": {"PK": {"S": "INVALIDATIONS"}, "SK": {"S": iso(int(time.time() * 1000))[:7]}},
        "UpdateExpression": "ADD spent :spent",
    }
    whole = LOCAL.invalidations_a_month
    client.update_item(**ledger, ExpressionAttributeValues={":spent": {"N": str(whole)}})
    try:
        yield
    finally:
        client.update_item(**ledger, ExpressionAttributeValues={":spent": {"N": str(-whole)}})


def fresh_instances(system: System, timeout: int) -> None:
    """Those there are may know whose turn it is without asking."""
    system.cloud.client("lambda").update_function_configuration(
        FunctionName=scores.PUT_SCORE.name, Timeout=timeout
    )


def test_spent_invalidations_raise_the_alarm_and_the_score_counts(
    system: System, stack: Stack, user_id: str
) -> None:
    watch = Watch(system, stack, scores.PUT_SCORE.name)
    with budget_spent(system):
        fresh_instances(system, timeout=11)
        reply = system.origin.submit("snake", "all", user_id, score=1, time_ms=5000, play="spent")
    fresh_instances(system, timeout=10)
    assert reply.body["results"]["all"]["accepted"] is True
    assert watch.state("invalidations-spent") == "ALARM"
    assert watch.state("failures") == "OK"


def test_the_billed_duration_is_read_from_the_logs(system: System, stack: Stack) -> None:
    watch = Watch(system, stack, scores.GET_RANKING.name)
    system.origin.ranking("snake", "all")
    [(_, billed)] = watch.metrics.values[NAMESPACE, "BilledMs"]
    assert billed >= 1


def test_the_alarms_and_the_dashboard_are_there(system: System) -> None:
    cloudwatch = system.cloud.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=f"{names.PROJECT}-")["MetricAlarms"]
    assert {each["AlarmName"] for each in alarms} == {
        names.alarm(name) for name in Stack(LOCAL).alarms
    }
    board = json.loads(cloudwatch.get_dashboard(DashboardName=names.DASHBOARD)["DashboardBody"])
    assert any(widget["type"] == "alarm" for widget in board["widgets"])
