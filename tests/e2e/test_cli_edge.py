"""The command line on the edge and what feeds it: thresholds, trims, keys and the patch."""

from collections.abc import Iterator
from typing import Any

import pytest

from config import names
from config.capabilities import scores, telemetry
from config.environments import LOCAL
from lambdas.edge.distribution import Distribution
from lambdas.edge.patch_plan import plan_patch
from lambdas.scores.table import board_key
from local.scores.boards import fill
from operations.edge.patch import wanted
from tests.e2e.conftest import System
from tests.e2e.operator import Operator
from tests.lambdas.edge.test_distribution import make_distribution

TOP = 100


@pytest.fixture
def week(system: System) -> Iterator[str]:
    """Minesweeper's board of this week, empty, and nothing to beat there."""
    period: str = system.origin.ranking("minesweeper", "weekly").body["period"]
    system.clear(board_key("minesweeper", period))
    yield period
    system.clear(board_key("minesweeper", period))


def threshold(htmlgame: Operator, period: str) -> Any:
    said = htmlgame("thresholds", "minesweeper", "--json").json["thresholds"]
    return {each["period"]: each for each in said}[period]


def test_a_trim_brings_a_board_back_and_its_threshold_up_to_date(
    htmlgame: Operator, system: System, week: str
) -> None:
    htmlgame("trim", "minesweeper", "--yes")
    fill(system.table, board_key("minesweeper", week), TOP + 30)
    behind = threshold(htmlgame, week)
    assert (behind["state"], behind["edge"]) == ("behind", None)
    assert behind["board"]["timeMs"] == 100_000 + TOP - 1
    assert "would trim 5 boards" in htmlgame("trim", "minesweeper", "--dry-run").out
    trimmed = htmlgame("trim", "minesweeper", "--yes", "--json").json
    report = {each["period"]: each for each in trimmed["boards"]}
    assert (report[week]["deleted"], trimmed["running on"]) == (30, 0)
    fresh = threshold(htmlgame, week)
    assert (fresh["state"], fresh["edge"]) == ("fresh", fresh["board"])
    assert "fresh" in htmlgame("thresholds").out


def test_a_threshold_that_keeps_good_plays_out_is_reported(
    htmlgame: Operator, system: System, week: str
) -> None:
    key = board_key("minesweeper", week)
    fill(system.table, key, TOP)
    htmlgame("trim", "minesweeper", "--yes")
    system.clear(key)
    assert threshold(htmlgame, week)["state"] == "too strict"
    htmlgame("trim", "minesweeper", "--yes")
    assert threshold(htmlgame, week)["state"] == "fresh"


def test_a_failing_trim_is_reported_and_recorded(
    htmlgame: Operator, system: System, week: str
) -> None:
    system.cloud.client("dynamodb").put_item(
        TableName=system.parameter(scores.TABLE.parameter),
        Item={"PK": {"S": board_key("minesweeper", week)}, "SK": {"S": "U#bad"}},
    )
    error = htmlgame("trim", "minesweeper", "--yes", "--json").error
    assert error["code"] == "function_failed"
    assert f"minesweeper/{week}: unreadable U#bad: userName is missing" in error["message"]
    record = htmlgame("audit", "--limit", "1", "--json").json_lines[0]
    assert (record["command"], record["outcome"]) == ("trim", "failed: FunctionFailed")


def test_the_months_spent_invalidations_are_shown(htmlgame: Operator, system: System) -> None:
    system.origin.submit("snake", "all", "i" * 22, score=1, time_ms=60_000, play="invalidate")
    said = htmlgame("invalidations", "--json").json
    assert 1 <= said["spent"] <= said["budget"] == 1000
    assert "snake" in {game["game"] for game in said["games"]}
    assert f"{said['spent']} of 1,000 in {said['month']}" in htmlgame("invalidations").out


def test_keys_are_shown_by_id_and_age_and_never_themselves(
    htmlgame: Operator, system: System
) -> None:
    said, people = htmlgame("keys", "show", "--json"), htmlgame("keys", "show")
    [current, *_] = said.json["tokenKeys"]
    assert (current["name"], current["ageDays"]) == ("current", 0)
    secrets = [
        *(value.partition(":")[2] for value in system.edge_values("k_").values()),
        *system.parameter(names.ORIGIN_LOCK).split(","),
    ]
    assert len(secrets) >= 2
    assert not any(secret in said.out + people.out for secret in secrets)
    assert current["kid"] in people.out


def test_keys_are_rotated_once_and_a_second_time_too_soon(
    htmlgame: Operator, system: System
) -> None:
    system.forget_edge_key("k_prev")
    before = system.edge_values("k_")
    assert htmlgame("keys", "rotate", "--yes", "--json").json["rotated"] is True
    assert system.edge_values("k_")["k_prev"] == before["k_current"]
    said = htmlgame("keys", "rotate", "--yes", "--json")
    assert said.error["code"] == "function_failed"
    assert "may still go on; rotate again in" in said.error["message"]


@pytest.fixture
def wiped(system: System) -> str:
    """What the owning stack's deploy does to our part of the distribution; its ETag after."""
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    answer = client.get_distribution_config(Id=distribution)
    without = answer["DistributionConfig"] | {"CacheBehaviors": {"Quantity": 0}}
    written = client.update_distribution(
        Id=distribution, IfMatch=answer["ETag"], DistributionConfig=without
    )
    return str(written["ETag"])


def test_a_distribution_that_carries_everything_needs_no_patch(htmlgame: Operator) -> None:
    assert htmlgame("patch", "plan", "--json").json == {
        "changes": [],
        "difference": [],
        "notices": [],
    }
    assert "nothing to change" in htmlgame("patch", "plan").out
    assert htmlgame("patch", "verify", "--json").json == {"changes": []}
    assert htmlgame("patch", "apply", "--yes", "--json").json["done"] is False


def test_a_patch_is_planned_without_being_carried_out_and_then_applied(
    htmlgame: Operator, system: System, wiped: str
) -> None:
    people = htmlgame("patch", "plan").out
    assert "add behaviour /api/scores/*" in people
    assert "\n+" in people
    assert system.parameter(names.ORIGIN_LOCK).split(",")[0] not in people
    planned = htmlgame("patch", "plan", "--json").json["changes"]
    verified = htmlgame("patch", "verify", "--json")
    assert (verified.code, verified.error["code"]) == (1, "patch_needed")
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    assert client.get_distribution_config(Id=distribution)["ETag"] == wiped
    applied = htmlgame("patch", "apply", "--yes", "--json").json
    assert (applied["changes"], applied["healed"], applied["left"]) == (planned, len(planned), 0)
    assert htmlgame("patch", "verify").out == "the distribution is complete\n"


def test_a_fix_that_would_fail_is_not_advised(htmlgame: Operator, system: System) -> None:
    ssm, endpoint = system.cloud.client("ssm"), system.parameter(telemetry.ENDPOINT.parameter)
    ssm.delete_parameter(Name=telemetry.ENDPOINT.parameter)
    try:
        told = [htmlgame("patch", "verify"), htmlgame("patch", "apply", "--yes")]
    finally:
        ssm.put_parameter(Name=telemetry.ENDPOINT.parameter, Type="String", Value=endpoint)
    for said in told:
        assert (said.code, said.out) == (1, "")
        assert "deploy TelemetryStack" in said.err


def test_a_distribution_that_was_left_is_cleared_by_command(
    htmlgame: Operator, system: System
) -> None:
    client = system.cloud.client("cloudfront")
    left = make_distribution(client)
    ours = wanted(left, LOCAL, system.cloud.client)
    Distribution(client, left).change(lambda xml: plan_patch(xml, ours), lambda _: None)
    cleared = htmlgame("patch", "remove", left, "--yes", "--json").json
    assert "remove origin htmlgame-scores" in cleared["changes"]
    assert b"htmlgame" not in Distribution(client, left).read().xml
    assert htmlgame("patch", "remove", left, "--yes", "--json").json["done"] is False
    found = client.get_distribution_config(Id=left)
    off = client.update_distribution(
        Id=left,
        IfMatch=found["ETag"],
        DistributionConfig=found["DistributionConfig"] | {"Enabled": False},
    )
    client.delete_distribution(Id=left, IfMatch=off["ETag"])


def test_the_distribution_in_use_is_not_cleared(htmlgame: Operator, system: System) -> None:
    used = system.parameter(names.DISTRIBUTION_ID)
    refused = htmlgame("patch", "remove", used, "--yes", "--json")
    assert (refused.code, refused.error["code"]) == (1, "in_use")


def test_a_backup_is_restored_with_the_lock_of_today_and_a_copy_of_what_was_there(
    htmlgame: Operator, system: System, wiped: str
) -> None:
    assert wiped
    htmlgame("patch", "apply", "--yes")
    client, distribution = (
        system.cloud.client("cloudfront"),
        system.parameter(names.DISTRIBUTION_ID),
    )
    htmlgame("patch", "verify")
    [bare, *_] = htmlgame("edge", "backups", "--json").json["backups"]
    before = len(system.backups())
    assert htmlgame("edge", "restore-backup", bare["name"], "--yes", "--json").json["restored"]
    restored = client.get_distribution_config(Id=distribution)["DistributionConfig"]
    assert restored["CacheBehaviors"]["Quantity"] == 0
    sent = [
        header["HeaderValue"]
        for origin in restored["Origins"]["Items"]
        for header in origin.get("CustomHeaders", {}).get("Items", ())
    ]
    assert set(sent) == {system.parameter(names.ORIGIN_LOCK).split(",")[0]}
    [*_, newest] = system.backups()
    assert len(system.backups()) == before + 1
    assert "(the origin lock)" in newest
    again = htmlgame("edge", "restore-backup", bare["name"], "--yes", "--json").json
    assert again["done"] is False
    assert htmlgame("patch", "apply", "--yes", "--json").json["left"] == 0
