"""make smoke against the local cloud, through the local edge."""

import time
from collections.abc import Iterator

import pytest

from config import names
from config.capabilities import edge as edge_manifest
from config.capabilities import scores
from config.games import load_games
from lambdas.scores.rules import Entry, rank_key
from lambdas.scores.table import ScoreTable, board_key
from local.edge.control import key_value_store_client
from local.edge.server import LocalEdge
from operations.cli.main import run
from operations.site import smoke
from tests.e2e.conftest import System
from tests.e2e.operator import Operator

TODAY = "daily"
_BETTER = 300


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture
def _credentials(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in system.cloud.credentials().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_DEFAULT_REGION")


@pytest.fixture
def board(system: System) -> str:
    return board_key("snake", system.origin.ranking("snake", TODAY).body["period"])


def rows(system: System, key: str) -> set[tuple[str, str]]:
    return {(entry.user_id, entry.rk) for entry in system.table.rows(key, consistent=True)}


def everything(system: System) -> int:
    """Rows of the whole table."""
    name = system.parameter(scores.TABLE.parameter)
    pages = system.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=name)
    return sum(page["Count"] for page in pages)


def test_without_credentials_it_plays_and_writes_nothing(
    system: System, edge: LocalEdge, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(system), system.invocations(scores.PUT_SCORE.name)
    assert run(["smoke", edge.url]) == 0
    told = capsys.readouterr().out
    assert "✓ a forged score is refused at the edge: 401 bad_signature" in told
    assert "410 period_closed by the origin" in told
    assert f"{edge.url} is playable" in told
    assert everything(system) == before[0]
    # The forgery stopped at the edge; the honest play was judged by the origin.
    assert system.invocations(scores.PUT_SCORE.name) == before[1] + 1


@pytest.mark.usefixtures("_credentials")
def test_a_written_score_is_judged_and_taken_out_again(
    system: System, edge: LocalEdge, board: str, capsys: pytest.CaptureFixture[str]
) -> None:
    system.empty(board)
    assert run(["smoke", edge.url, "--game", "snake", "--write"]) == 0
    told = capsys.readouterr().out
    assert "is judged: rank 1" in told
    assert f"{board.rpartition('#')[2]} removed" in told
    assert system.requests(scores.PUT_SCORE.name)[-1]["accepted"] is True
    assert rows(system, board) == set()


@pytest.fixture
def _full(system: System, board: str) -> Iterator[None]:
    """Everybody on today's board has more than a play of a second can earn."""
    order = tuple(load_games()["snake"].order)
    system.empty(board)
    for number in range(load_games()["snake"].topN):
        put(system.table, board, f"{number:022d}", order)
    yield
    system.empty(board)


def put(table: ScoreTable, key: str, user_id: str, order: tuple[tuple[str, str], ...]) -> None:
    entry = Entry(
        user_id=user_id,
        user_name="Ann",
        score=_BETTER,
        time_ms=60_000,
        updated_at="2026-11-21T12:00:00.000Z",
        rk=rank_key(order, score=_BETTER, time_ms=60_000, updated_at_ms=1_795_262_400_000),
        play="0123456789ab.012345",
    )
    table.put(key, entry, None)


@pytest.mark.usefixtures("_credentials", "_full")
def test_a_full_board_judges_it_too_and_stays_as_it_is(
    system: System,
    htmlgame: Operator,
    edge: LocalEdge,
    board: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = rows(system, board)
    assert run(["smoke", edge.url, "--game", "snake", "--write"]) == 0
    assert "not good enough for the full board, according to the origin" in capsys.readouterr().out
    htmlgame("trim", "snake", "--yes")
    edge.refresh()
    try:
        assert run(["smoke", edge.url, "--game", "snake", "--write"]) == 0
        told = capsys.readouterr().out
        assert "is refused: not good enough for the full board, according to the edge" in told
        assert "is judged: not good enough for the full board, according to the edge" in told
        assert rows(system, board) == before
    finally:
        system.empty(board)
        htmlgame("trim", "snake", "--yes")
        edge.refresh()


def test_limits_that_an_operator_narrowed_leave_it_playable(
    htmlgame: Operator, edge: LocalEdge, capsys: pytest.CaptureFixture[str]
) -> None:
    htmlgame("limits", "snake", "--set", "playMs.min=2000", "--set", "score.min=20", "--yes")
    edge.refresh()
    try:
        assert run(["smoke", edge.url, "--game", "snake"]) == 0
        told = capsys.readouterr().out
    finally:
        htmlgame("limits", "snake", "--clear", "--yes")
        edge.refresh()
    assert "✓ it ends: 2000 ms attested" in told
    assert (
        "is refused: not within the limits that an operator has set, according to the edge" in told
    )


@pytest.mark.usefixtures("_credentials")
def test_an_entry_that_cannot_be_removed_again_is_not_written(
    system: System,
    edge: LocalEdge,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    before = system.invocations(scores.PUT_SCORE.name)
    assert run(["smoke", edge.url, "--write"]) == 1
    assert "no SSM parameter /htmlgame/score-api/table-name" in capsys.readouterr().err
    assert system.invocations(scores.PUT_SCORE.name) == before


def test_a_site_that_lost_its_patch_is_not_playable(
    system: System, edge: LocalEdge, capsys: pytest.CaptureFixture[str]
) -> None:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    answer = client.get_distribution_config(Id=distribution)
    bare = answer["DistributionConfig"] | {"CacheBehaviors": {"Quantity": 0}}
    client.update_distribution(Id=distribution, IfMatch=answer["ETag"], DistributionConfig=bare)
    edge.refresh()
    try:
        assert run(["smoke", edge.url, "--patience", "0"]) == 1
        said = capsys.readouterr()
        assert "not playable: " in said.err
    finally:
        system.cloud.client("lambda").invoke(FunctionName=edge_manifest.DRIFT_GUARD.name)
        edge.refresh()
    assert "✗ a play begins" in said.out
    assert run(["smoke", edge.url]) == 0


def test_a_site_that_the_deploy_has_not_reached_yet_is_waited_for(
    system: System,
    edge: LocalEdge,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    answer = client.get_distribution_config(Id=distribution)
    bare = answer["DistributionConfig"] | {"CacheBehaviors": {"Quantity": 0}}
    client.update_distribution(Id=distribution, IfMatch=answer["ETag"], DistributionConfig=bare)
    edge.refresh()
    slept, sleep = [], time.sleep

    def arrives_meanwhile(seconds: float) -> None:
        """The deploy does, after the second wait between two tries."""
        if seconds < smoke._BETWEEN_TRIES:
            sleep(seconds)
            return
        slept.append(seconds)
        if len(slept) == 2:
            system.cloud.client("lambda").invoke(FunctionName=edge_manifest.DRIFT_GUARD.name)
            edge.refresh()

    monkeypatch.setattr(time, "sleep", arrives_meanwhile)
    assert run(["smoke", edge.url]) == 0
    told = capsys.readouterr().out
    assert len(slept) == 2
    assert told.count("✗ a play begins") == 1
    assert told.count("waiting until CloudFront has the deploy everywhere: ") >= 1
    assert told.index("✗ a play begins") < told.index("… waiting") < told.index("✓ a play begins")
    assert f"{edge.url} is playable" in told


def test_missing_keys_of_the_edge_are_reported_apart(
    system: System, edge: LocalEdge, capsys: pytest.CaptureFixture[str]
) -> None:
    store = key_value_store_client(system.cloud)
    arn = system.parameter(names.EDGE_STORE_ARN)
    key = store.get_key(KvsARN=arn, Key="k_current")["Value"]
    etag = store.describe_key_value_store(KvsARN=arn)["ETag"]
    etag = store.delete_key(KvsARN=arn, IfMatch=etag, Key="k_current")["ETag"]
    edge.refresh()
    try:
        assert run(["smoke", edge.url, "--patience", "0"]) == 1
        said = capsys.readouterr()
        assert "not playable: 503" in said.err
    finally:
        store.put_key(KvsARN=arn, IfMatch=etag, Key="k_current", Value=key)
        edge.refresh()
    told = said.out
    assert "✓ the ranking" in told
    assert "✗ a play begins" in told
