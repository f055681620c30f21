"""The two functions as API Gateway calls them: what a play and a reader are answered."""

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from moto import mock_aws

from lambdas.scores import games
from lambdas.scores.games import Games
from lambdas.scores.settings import GetRankingSettings, PutScoreSettings
from lambdas.scores.table import row_key
from lambdas.shared.dynamo.items import packed
from lambdas.shared.values.clock import from_iso
from local.scores.boards import scratch_table
from tests.conftest import game

NOW = from_iso("2026-11-21T12:00:00.000Z")
ORIGIN_LOCK = {"table_name": "scores", "origin_lock_parameter": "/lock"}
PUT = PutScoreSettings(
    **ORIGIN_LOCK,
    distribution_id="D1",
    ranking_path="/api/ranking",
    invalidation_window_seconds=60,
    invalidations_a_month=1000,
    refresh_function="refresh",
    trim_function="trim",
    threshold_window_seconds=600,
    thresholds_a_month=100,
)
_numbers = count()


@dataclass
class Functions:
    put_score: Any
    get_ranking: Any
    table: Any
    invalidated: list[Any] = field(default_factory=list)
    cloudfront_fails: bool = False
    invoked: list[tuple[str, Any]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803
        assert InvocationType == "Event"  # nobody waits for it
        self.invoked.append((FunctionName, json.loads(Payload)))

    def create_invalidation(self, **request: Any) -> None:
        if self.cloudfront_fails:
            raise ConnectionError("the line is cut")
        self.invalidated.append(request["InvalidationBatch"]["Paths"]["Items"])

    def put(self, user_id: str, score: int, *, period: str = "all", **more: Any) -> Any:
        number = next(_numbers)
        headers = {
            "x-origin-verify": "locked",
            "x-score": str(score),
            "x-play-ms": "60000",
            "x-player": quote(user_id),
            "x-play-id": f"play{number}",
            **more.pop("headers", {}),
        }
        path = {"gameId": "snake", "period": period, "userId": user_id, **more.pop("path", {})}
        return self._called(self.put_score, "PUT", headers, path, **more)

    def ranking(self, period: str = "all", limit: str | None = None, **path: str) -> Any:
        query = {} if limit is None else {"queryStringParameters": {"limit": limit}}
        path = {"gameId": "snake", "period": period, **path}
        return self._called(self.get_ranking, "GET", {"x-origin-verify": "locked"}, path, **query)

    def _called(
        self, function: Any, method: str, headers: Any, path: dict[str, str], **event: Any
    ) -> Any:
        context = SimpleNamespace(aws_request_id="request-1")
        called = {"headers": headers, "pathParameters": path, "routeKey": f"{method} /", **event}
        response = function.handler(called, context)
        return SimpleNamespace(
            status=response["statusCode"],
            body=json.loads(response["body"]),
            headers=response["headers"],
        )


@pytest.fixture(scope="module")
def loaded() -> Iterator[Any]:
    """Loading them takes longer than calling them."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        packaged = Games({})
        packaged._games = {"snake": game(periods=("all", "monthly"))}
        for settings in (PUT, GetRankingSettings(**ORIGIN_LOCK)):
            for name, value in settings.to_environment().items():
                patch.setenv(name, value)
        ssm = boto3.client("ssm", region_name="us-east-1")
        ssm.put_parameter(Name="/lock", Value="locked", Type="SecureString")
        with pytest.MonkeyPatch.context() as while_loading:
            while_loading.setattr(Games, "packaged", classmethod(lambda _: packaged))
            functions = [
                importlib.reload(importlib.import_module(f"lambdas.scores.{name}"))
                for name in ("put_score", "get_ranking")
            ]
        yield functions


@pytest.fixture
def functions(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    put_score, get_ranking = loaded
    client = boto3.client("dynamodb", region_name="us-east-1")
    with scratch_table(client, "scores") as table:
        functions = Functions(put_score, get_ranking, table)
        monkeypatch.setattr("time.time_ns", lambda: NOW * 1_000_000)
        monkeypatch.setattr(put_score.rankings, "_make_client", lambda: functions)
        monkeypatch.setattr(put_score, "_lambda", lambda: functions)
        for kept in ("_no_use_before", "_asked_for"):
            monkeypatch.setattr(put_score.rankings, kept, {})
        for kept in ("_no_use_before", "_last_turns"):
            monkeypatch.setattr(put_score.thresholds, kept, {})
        yield functions


def test_a_play_is_answered_with_its_boards(functions: Functions) -> None:
    answer = functions.put("ann", 120, period="all,monthly", body='{"meta":{"level":3}}')
    assert answer.status == 200
    item = {
        "rank": 1,
        "userId": "ann",
        "userName": "ann",
        "score": 120,
        "timeMs": 60_000,
        "updatedAt": "2026-11-21T12:00:00.000Z",
    }
    board = {"accepted": True, "rank": 1, "best": item, "top": [item]}
    assert answer.body == {
        "accepted": True,
        "rankChanged": True,
        "results": {"all": board, "2026-11": board},
    }
    assert answer.headers["cache-control"] == "no-store"
    stored = functions.table._client.get_item(
        TableName="scores", Key=packed(row_key("G#snake#P#2026-11", "ann"))
    )["Item"]
    assert stored["meta"]["S"] == '{"level":3}'


def test_a_play_that_is_not_better_has_its_player_s_best(functions: Functions) -> None:
    functions.put("ann", 120)
    answer = functions.put("ann", 5).body
    assert (answer["accepted"], answer["rankChanged"]) == (False, False)
    result = answer["results"]["all"]
    assert (result["accepted"], result["rank"], result["best"]["score"]) == (False, 1, 120)


def test_a_player_who_is_not_on_the_board_has_no_best(functions: Functions) -> None:
    for score, user_id in enumerate(["ann", "bob", "cyd"], 10):
        functions.put(user_id, score)
    result = functions.put("dan", 1).body["results"]["all"]
    assert (result["accepted"], result["rank"], result["best"]) == (False, None, None)
    assert [item["userId"] for item in result["top"]] == ["cyd", "bob", "ann"]


def test_a_changed_ranking_is_invalidated_once_a_window(functions: Functions) -> None:
    functions.put("ann", 120)
    functions.put("bob", 130)
    assert functions.invalidated == [["/api/ranking/snake/*"]]


def test_scores_within_a_window_ask_for_one_invalidation_at_its_end(functions: Functions) -> None:
    for score, user_id in ((120, "ann"), (130, "bob"), (140, "ann")):
        functions.put(user_id, score)
    assert functions.invoked == [("refresh", {"game": "snake", "at": NOW + 60_000})]


def test_a_board_that_fills_up_asks_for_thresholds_of_all_boards_of_its_game(
    functions: Functions,
) -> None:
    for score, user_id in enumerate(["ann", "bob"], 10):
        functions.put(user_id, score)
    assert "trim" not in dict(functions.invoked)
    functions.put("cyd", 30)
    boards = [["snake", "all"], ["snake", "2026-11"]]
    assert dict(functions.invoked)["trim"] == {"boards": boards}


def test_a_ranking_that_did_not_change_is_not_invalidated(functions: Functions) -> None:
    functions.put("ann", 120)
    functions.invalidated.clear()
    functions.put_score.rankings._no_use_before.clear()
    functions.put("ann", 5)
    assert functions.invalidated == []


def test_a_score_counts_although_the_invalidation_fails(functions: Functions) -> None:
    functions.cloudfront_fails = True
    assert functions.put("ann", 120).status == 200
    assert functions.ranking().body["items"][0]["score"] == 120


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ({"gameId": "tetris"}, 404, "unknown_game"),
        ({"period": "daily"}, 404, "unknown_period"),
        ({"userId": "a b"}, 400, "malformed"),
    ],
)
def test_a_play_of_no_board_is_refused(
    functions: Functions, path: dict[str, str], status: int, code: str
) -> None:
    answer = functions.put("ann", 120, path=path)
    assert (answer.status, answer.body["error"]["code"]) == (status, code)
    assert functions.table.rows("G#snake#P#all") == []


def test_past_the_edge_nothing_is_answered(functions: Functions) -> None:
    answer = functions.put("ann", 120, headers={"x-origin-verify": "guess"})
    assert (answer.status, answer.body["error"]["code"]) == (403, "origin_not_verified")
    assert functions.table.rows("G#snake#P#all") == []


def test_a_ranking_shows_the_best_first_and_may_be_kept_ten_minutes(functions: Functions) -> None:
    for score, user_id in ((10, "ann"), (30, "bob"), (20, "cyd")):
        functions.put(user_id, score, period="monthly")
    answer = functions.ranking("monthly")
    assert (answer.status, answer.body["period"], answer.body["topN"]) == (200, "2026-11", 3)
    assert [item["userId"] for item in answer.body["items"]] == ["bob", "cyd", "ann"]
    assert "s-maxage=600" in answer.headers["cache-control"]
    assert functions.ranking("2026-11").body == answer.body


def test_a_ranking_shows_no_hidden_entry(functions: Functions) -> None:
    functions.put("ann", 10)
    functions.put("bob", 30)
    functions.table._client.update_item(
        TableName="scores",
        Key=packed(row_key("G#snake#P#all", "bob")),
        UpdateExpression="SET hiddenAt = :now",
        ExpressionAttributeValues={":now": {"S": "2026-11-21T12:00:00.000Z"}},
    )
    items = functions.ranking().body["items"]
    assert [(item["rank"], item["userId"]) for item in items] == [(1, "ann")]


def named(name: str) -> dict[str, Any]:
    return {"headers": {"x-player": quote(name)}}


@pytest.mark.parametrize(
    "imitation",
    ["\u0410nna", "\u0391nna", "\u0410\u0578\u0578\u0430", "A\u057cna"],
    ids=["a Cyrillic letter", "a Greek letter", "no Latin letter", "an Armenian letter"],
)
def test_a_champion_s_name_in_letters_of_another_script_is_marked_wherever_it_is_shown(
    functions: Functions, imitation: str
) -> None:
    functions.put("champion", 10, **named("Anna"))
    answer = functions.put("imitator", 30, **named(imitation))
    result = answer.body["results"]["all"]
    for items in (result["top"], functions.ranking().body["items"]):
        assert [item["userName"] for item in items] == [imitation, "Anna"]
        assert [item.get("lookalike") for item in items] == [True, None]
    assert result["best"]["lookalike"] is True


def test_a_better_play_of_the_champion_does_not_move_the_mark_from_a_mixed_name(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions.put("champion", 10, **named("Anna"))
    functions.put("imitator", 30, **named("\u0410nna"))
    monkeypatch.setattr("time.time_ns", lambda: (NOW + 60_000) * 1_000_000)
    functions.put("champion", 40, **named("Anna"))
    marks = {item["userId"]: item.get("lookalike") for item in functions.ranking().body["items"]}
    assert marks == {"champion": None, "imitator": True}


def test_names_that_differ_to_a_reader_are_not_marked(functions: Functions) -> None:
    for score, name in enumerate(("ann", "Ann", "あん"), 1):
        functions.put(f"player{score}", score, **named(name))
    assert not any("lookalike" in item for item in functions.ranking().body["items"])


def test_a_hidden_entry_marks_nobody(functions: Functions) -> None:
    functions.put("imitator", 10, **named("modern"))
    functions.put("champion", 30, **named("modem"))
    functions.table._client.update_item(
        TableName="scores",
        Key=packed(row_key("G#snake#P#all", "imitator")),
        UpdateExpression="SET hiddenAt = :now",
        ExpressionAttributeValues={":now": {"S": "2026-11-21T12:00:00.000Z"}},
    )
    assert not any("lookalike" in item for item in functions.ranking().body["items"])


@pytest.mark.parametrize(("limit", "shown"), [("1", 1), ("2", 2), ("100", 3), (None, 3)])
def test_a_ranking_is_as_long_as_asked_for(
    functions: Functions, limit: str | None, shown: int
) -> None:
    for score, user_id in enumerate(["ann", "bob", "cyd"], 10):
        functions.put(user_id, score)
    assert len(functions.ranking(limit=limit).body["items"]) == shown


@pytest.mark.parametrize("limit", ["0", "101", "1.5", "", "-1", "０"])
def test_a_limit_is_a_whole_number_from_1_to_100(functions: Functions, limit: str) -> None:
    answer = functions.ranking(limit=limit)
    assert (answer.status, answer.body["error"]["message"]) == (
        400,
        "limit: not a whole number from 1 to 100",
    )


def test_games_are_read_from_the_file_in_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {
        "order": [["score", "desc"]],
        "topN": 7,
        "periods": ["all"],
        "timezone": "UTC",
        "identity": "open",
        "limits": {
            "score": {"min": -5, "max": 5},
            "playMs": {"min": 1, "max": 2},
            "perSecond": None,
            "graceMs": 3,
            "pauseMs": 6,
            "metaBytes": 4,
        },
    }
    (tmp_path / games.GAMES_FILE).write_text(json.dumps({"tetris": config}))
    monkeypatch.setattr(games, "__file__", str(tmp_path / "games.py"))
    [tetris] = Games.packaged()
    assert (tetris.id, tetris.order, tetris.top_n) == ("tetris", (("score", "desc"),), 7)
    assert (tetris.score_range, tetris.play_range) == ((-5, 5), (1, 2))
    assert (tetris.points_a_second, tetris.grace_ms, tetris.meta_bytes) == (None, 3, 4)
    assert tetris.pause_ms == 6
    assert (tetris.periods, tetris.timezone) == (("all",), "UTC")
    assert not tetris.certified_players
