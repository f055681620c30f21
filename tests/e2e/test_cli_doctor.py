"""The doctor finds everything that is broken, prints the fix, and passes once it is fixed."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from config import manifests, names
from config.capabilities import edge, scores, telemetry
from config.manifest import Function
from lambdas.scores.table import board_key, row_key
from lambdas.shared.dynamo.items import packed
from lambdas.shared.edge_store import Changes, EdgeStore
from local.edge.control import key_value_store_client
from operations.cli.session import Session
from operations.deployed import rules
from operations.doctor.check import Check
from operations.doctor.commands import checks
from tests.e2e.operator import Operator, Said
from tests.system import System

HOUR_NS = 3_600_000_000_000


def broken(said: Said) -> dict[str, Any]:
    document = json.loads(said.out)
    found = {each["name"]: each for each in document["checks"] if each["state"] == "broken"}
    assert document["ok"] is (not found)
    assert said.code == (1 if found else 0)
    assert said.err == ""
    return found


@pytest.fixture(autouse=True, scope="module")
def _trimmed(system: System) -> None:
    """Other tests leave thresholds behind that a night would set right."""
    answer = system.cloud.client("lambda").invoke(FunctionName=scores.TRIM_TOP.name, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_a_healthy_system_passes_every_check(htmlgame: Operator) -> None:
    said = htmlgame("doctor")
    assert said.code == 0
    assert "all is well" in said.out
    assert said.out.count("✓") == len(checks()) - 1
    assert "– site " in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def edge_store(system: System) -> EdgeStore:
    return EdgeStore(key_value_store_client(system.cloud), system.parameter(names.EDGE_STORE_ARN))


@contextmanager
def without(system: System, name: str) -> Iterator[None]:
    ssm, value = system.cloud.client("ssm"), system.parameter(name)
    ssm.delete_parameter(Name=name)
    yield
    ssm.put_parameter(Name=name, Type="String", Value=value)


def parameter_lost(system: System) -> Any:
    return without(system, scores.GET_ARN)


def telemetry_lost(system: System) -> Any:
    return without(system, telemetry.ENDPOINT.parameter)


@contextmanager
def at_rest(system: System) -> Iterator[None]:
    """Disables the trim and an alarm, as an operator who forgot to enable them again."""
    events, alarms = system.cloud.client("events"), system.cloud.client("cloudwatch")
    [rule] = events.list_rule_names_by_target(TargetArn=system.parameter(scores.TRIM_ARN))[
        "RuleNames"
    ]
    events.disable_rule(Name=rule)
    alarms.disable_alarm_actions(AlarmNames=[names.alarm("drift")])
    yield
    events.enable_rule(Name=rule)
    alarms.enable_alarm_actions(AlarmNames=[names.alarm("drift")])


@contextmanager
def values_changed(system: System, change: Callable[[dict[str, str]], Changes]) -> Iterator[None]:
    before = system.edge_values()
    edge_store(system).write(change(before))
    yield
    edge_store(system).write(Changes(puts=before))


def key_lost(system: System) -> Any:
    return values_changed(system, lambda _: Changes(deletes={"k_current"}))


def key_corrupt(system: System) -> Any:
    return values_changed(system, lambda _: Changes(puts={"k_current": "short"}))


def game_lost(system: System) -> Any:
    return values_changed(system, lambda _: Changes(deletes={"cfgthr#g:snake#p:all"}))


def game_changed(system: System) -> Any:
    def change(values: dict[str, str]) -> Changes:
        entry = json.loads(values["cfgthr#g:snake"])
        return Changes(puts={"cfgthr#g:snake": json.dumps(entry | {"topN": 7})})

    return values_changed(system, change)


@contextmanager
def distribution_changed(system: System, change: Callable[[Any], None]) -> Iterator[None]:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    answer = client.get_distribution_config(Id=distribution)
    config = answer["DistributionConfig"]
    change(config)
    client.update_distribution(Id=distribution, IfMatch=answer["ETag"], DistributionConfig=config)
    yield
    system.cloud.client("lambda").invoke(FunctionName=edge.DRIFT_GUARD.name)


def behaviours_wiped(system: System) -> Any:
    return distribution_changed(
        system, lambda config: config.update({"CacheBehaviors": {"Quantity": 0}})
    )


def another_lock(system: System) -> Any:
    def change(config: Any) -> None:
        for origin in config["Origins"]["Items"]:
            for header in origin.get("CustomHeaders", {}).get("Items", ()):
                header["HeaderValue"] = "another"

    return distribution_changed(system, change)


def error_page(system: System) -> Any:
    page = {"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200"}
    return distribution_put_back(system, CustomErrorResponses={"Quantity": 1, "Items": [page]})


def legacy_logs(system: System) -> Any:
    logs = {"Enabled": True, "IncludeCookies": False, "Bucket": "b.s3.amazonaws.com", "Prefix": ""}
    return distribution_put_back(system, Logging=logs)


@contextmanager
def distribution_put_back(system: System, **changed: Any) -> Iterator[None]:
    """The drift guard heals our part only, so this puts back the rest."""
    before = system.cloud.client("cloudfront").get_distribution_config(
        Id=system.parameter(names.DISTRIBUTION_ID)
    )["DistributionConfig"]
    with distribution_changed(system, lambda config: config.update(changed)):
        yield

    def put_back(config: Any) -> None:
        config.clear()
        config.update(before)

    with distribution_changed(system, put_back):
        pass


@contextmanager
def function_changed(system: System) -> Iterator[None]:
    client = system.cloud.client("cloudfront")
    summary = client.describe_function(Name=scores.GET_END.name, Stage="LIVE")["FunctionSummary"]
    code = client.get_function(Name=scores.GET_END.name, Stage="LIVE")["FunctionCode"].read()

    def etag() -> str:
        described = client.describe_function(Name=scores.GET_END.name, Stage="DEVELOPMENT")
        return str(described["ETag"])

    def publish(new: bytes) -> None:
        client.update_function(
            Name=scores.GET_END.name,
            IfMatch=etag(),
            FunctionConfig=summary["FunctionConfig"],
            FunctionCode=new,
        )
        client.publish_function(Name=scores.GET_END.name, IfMatch=etag())

    publish(code + b"// by hand")
    yield
    publish(code)


@contextmanager
def unreadable_row(system: System) -> Iterator[None]:
    key = board_key("snake", "all")
    client, table = system.cloud.client("dynamodb"), system.parameter(scores.TABLE.parameter)
    client.put_item(TableName=table, Item=packed(row_key(key, "nobody")))
    yield
    client.delete_item(TableName=table, Key=packed(row_key(key, "nobody")))


CUTS: dict[str, tuple[Callable[[System], Any], set[str], str]] = {
    "a parameter is lost": (parameter_lost, {"parameters"}, "deploy ScoreApiStack"),
    "telemetry is lost": (
        telemetry_lost,
        {"parameters", "telemetry API", "distribution"},
        "deploy TelemetryStack: make deploy",
    ),
    "nothing happens": (at_rest, {"schedules", "alarms"}, "aws "),
    "the key is lost": (key_lost, {"token keys"}, "deploy EdgeStack"),
    "the key is corrupt": (key_corrupt, {"token keys"}, "delete it from the store"),
    "a game is lost": (game_lost, {"games at the edge"}, "deploy EdgeStack"),
    "a game is another": (game_changed, {"games at the edge"}, "check out the deployed version"),
    "the owner wiped it": (behaviours_wiped, {"distribution"}, "htmlgame patch apply"),
    "an error page": (error_page, {"error pages"}, "docs/guides/your-own-site.md#error-pages"),
    "legacy logs": (legacy_logs, {"patch permissions"}, "DistributionGrants(log_bucket='b')"),
    "another lock": (another_lock, {"distribution", "origin lock"}, "htmlgame patch apply"),
    "a function by hand": (function_changed, {"edge functions"}, "deploy EdgeStack"),
    "an unreadable row": (unreadable_row, {"boards and thresholds"}, "htmlgame remove"),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_broken_part_is_found_with_its_fix(htmlgame: Operator, system: System, name: str) -> None:
    cut, names_of_checks, mend = CUTS[name]
    with cut(system):
        found = broken(htmlgame("doctor", "--json"))
    assert set(found) == names_of_checks
    assert all(mend in each["fix"] for each in found.values())


def test_every_rule_of_the_system_is_looked_for(system: System) -> None:
    events = system.cloud.client("events")
    run: Counter[str] = Counter()
    for rule in events.list_rules()["Rules"]:
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
            run[target["Arn"].rpartition(":")[2]] += 1
    assert run == rules()


def test_a_corrupt_key_is_reported_without_its_value(htmlgame: Operator, system: System) -> None:
    change = Changes(puts={"k_current": "?secret?:" + "x" * 32})
    with values_changed(system, lambda _: change):
        said = htmlgame("keys", "show", "--json")
    assert said.error["code"] == "no_key"
    assert "secret" not in said.err


def test_a_threshold_that_refuses_good_plays_is_found(htmlgame: Operator, system: System) -> None:
    """Simulates a board that was emptied without the command line."""
    entry = json.loads(system.edge_values()["cfgthr#g:snake#p:all"])
    stale = entry | {"from": 0, "until": 0, "thr": [9999, 1000, 0]}
    change = Changes(puts={"cfgthr#g:snake#p:all": json.dumps(stale)})
    with values_changed(system, lambda _: change):
        found = broken(htmlgame("doctor", "--json"))
    assert set(found) == {"boards and thresholds"}
    assert "snake/all: the edge refuses plays" in found["boards and thresholds"]["detail"]


def test_a_lambda_that_is_not_there_is_named(
    htmlgame: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        ghost = Function(id="Ghost", name="htmlgame-ghost", module="lambdas.scores.ghost")
        first, *others = manifests.CAPABILITIES
        haunted = replace(first, functions=(*first.functions, ghost))
        patch.setattr(manifests, "CAPABILITIES", (haunted, *others))
        found = broken(htmlgame("doctor", "--json"))
    assert found["functions"]["detail"] == "htmlgame-ghost does not exist"


def test_a_night_without_a_trim_and_a_wrong_clock_are_found(
    htmlgame: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns
    with monkeypatch.context() as patch:
        patch.setattr("operations.cli.session.time.time_ns", lambda: now() + 27 * HOUR_NS)
        found = broken(htmlgame("doctor", "--json"))
    assert "not run in the last 26 hours" in found["nightly trim"]["detail"]
    assert "clock is +97" in found["clock"]["detail"]


def test_a_trim_that_failed_is_found_until_one_goes_well(
    htmlgame: Operator, system: System
) -> None:
    with unreadable_row(system):
        htmlgame("trim", "snake", "--yes")
        found = broken(htmlgame("doctor", "--json"))
        assert "snake/all" in found["nightly trim"]["detail"]
        removed = htmlgame("remove", "snake", "all", "nobody", "--yes", "--json").json
        assert removed["removed"] == 1
    assert broken(htmlgame("doctor", "--json")) == {}


def test_a_check_that_fails_itself_stops_no_other_check(
    htmlgame: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Session) -> str:
        raise KeyError("oops")

    with monkeypatch.context() as patch:
        every = [Check("mine", fails), *checks()]
        patch.setattr("operations.doctor.commands.checks", lambda: every)
        found = broken(htmlgame("doctor", "--json"))
    assert set(found) == {"mine"}
    assert "the check itself failed: KeyError('oops')" in found["mine"]["detail"]


def test_once_fixed_all_is_well(htmlgame: Operator) -> None:
    assert broken(htmlgame("doctor", "--json")) == {}
