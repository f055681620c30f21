"""The costs of each route: request units from DynamoDB, invocations from the log.

The numbers are those of config/units.py, which make cost multiplies by prices.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from config import units
from config.capabilities import scores
from config.games import load_games
from lambdas.scores.table import board_key
from local.cloud.origin import Reply
from local.dynamodb.billing import query_units
from local.edge import LocalEdge
from local.scores.boards import fill
from local.scores.origin import ScoreOrigin
from tests.e2e.conftest import System
from tests.e2e.player import Player

IMPROVED = (scores.CLAIMED + scores.ACCEPTED)["dynamodb.writes"]
ENTERED = IMPROVED + scores.EVICTED["dynamodb.writes"]
NAME = "of twenty-four letters.."


@pytest.fixture(scope="module")
def board(system: System) -> str:
    """A full board of this month, as players fill it."""
    period: str = system.origin.ranking("minesweeper", "monthly").body["period"]
    key = board_key("minesweeper", period)
    system.empty(key)
    fill(system.table, key, scores.FULL_BOARD, NAME)
    return period


def bill(system: System, function: str, call: Callable[[], Reply]) -> dict[str, Any]:
    before = system.invocations(function)
    assert call().status == 200
    assert system.invocations(function) == before + 1
    return system.requests(function)[-1]


def written(line: dict[str, Any]) -> float:
    """Write units but for the ledgers, which each window's first scores pay for."""
    return float(line["wru"]) - float(line.get("ledger_wru", 0))


def test_reading_a_full_board_takes_what_the_costs_say(
    system: System, origin: ScoreOrigin, board: str
) -> None:
    bill(system, scores.GET_RANKING.name, lambda: origin.ranking("minesweeper", "monthly"))
    key = board_key("minesweeper", board)
    assert len(system.table.rows(key)) == scores.FULL_BOARD
    name = system.parameter(scores.TABLE.parameter)
    read = query_units(system.cloud.client("dynamodb"), name, key)
    assert read == scores.RANKING_FRESH["dynamodb.reads"] == scores.submission(1)["dynamodb.reads"]


def test_a_route_reads_each_of_its_boards_once(system: System, origin: ScoreOrigin) -> None:
    """The emulator bills half a unit for a Query of any size, so units count Queries here."""
    line = bill(system, scores.GET_RANKING.name, lambda: origin.ranking("snake", "all"))
    assert line["rru"] == 0.5
    line = bill(
        system,
        scores.PUT_SCORE.name,
        lambda: origin.submit(
            "snake", "all,daily", "q" * 22, score=1, time_ms=5000, play="queries"
        ),
    )
    assert line["rru"] == 1.0


def play(origin: ScoreOrigin, time_ms: int, name: str, **more: Any) -> Callable[[], Reply]:
    return lambda: origin.submit(
        "minesweeper", "monthly", name.ljust(22, "_"), score=1, time_ms=time_ms, play=name, **more
    )


@pytest.mark.usefixtures("board")
def test_a_submission_that_is_not_good_enough_writes_nothing(
    system: System, origin: ScoreOrigin
) -> None:
    line = bill(system, scores.PUT_SCORE.name, play(origin, 200_000, "slow"))
    assert (line["accepted"], line["wru"]) == (False, 0)


@pytest.mark.usefixtures("board")
def test_an_accepted_one_writes_itself_and_one_eviction_and_a_repeated_one_nothing(
    system: System, origin: ScoreOrigin
) -> None:
    line = bill(system, scores.PUT_SCORE.name, play(origin, 50_000, "quick"))
    assert line["accepted"] is True
    assert written(line) == ENTERED
    line = bill(system, scores.PUT_SCORE.name, play(origin, 50_000, "quick"))
    assert (line["accepted"], line["wru"]) == (True, 0)
    rows = system.table.rows(board_key("minesweeper", line["periods"][0]))
    assert len(rows) == load_games()["minesweeper"].topN


@pytest.mark.usefixtures("board")
def test_improving_evicts_nobody(system: System, origin: ScoreOrigin) -> None:
    bill(system, scores.PUT_SCORE.name, play(origin, 40_000, "better"))
    line = bill(
        system,
        scores.PUT_SCORE.name,
        lambda: origin.submit(
            "minesweeper", "monthly", "better".ljust(22, "_"), score=1, time_ms=30_000, play="b2"
        ),
    )
    assert written(line) == IMPROVED


def test_the_largest_entry_a_game_takes_by_default_still_fits_one_write_unit(
    system: System, origin: ScoreOrigin
) -> None:
    line = bill(
        system,
        scores.PUT_SCORE.name,
        lambda: origin.submit(
            "snake",
            "daily",
            "m" * 22,
            score=1,
            time_ms=5000,
            play="large",
            name="𠮷" * 24,
            meta={"x": "y" * 120},
        ),
    )
    assert written(line) == IMPROVED


def test_a_play_through_the_edge_is_billed_as_the_costs_say(system: System) -> None:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    Player(edge.url).play(5, "all,daily")
    handled, reached = edge.recent, edge.origin_requests
    edge.stop()
    play = scores.START + scores.END + scores.submission(2)
    assert len(handled) == play["cloudfront.requests"]
    assert sum(each.function is not None for each in handled) == play["cloudfront.functions"]
    assert reached == play["http_api.requests"] == play["lambda.requests"]


@pytest.mark.usefixtures("board")
def test_an_answer_is_no_larger_than_the_costs_say(origin: ScoreOrigin) -> None:
    headers = 600
    reply = play(origin, 45_000, "answered")()
    size = len(json.dumps(reply.body, separators=(",", ":"))) + headers
    assert 0.8 * scores.STANDING_BYTES < size <= scores.STANDING_BYTES


def test_a_request_logs_no_more_than_the_costs_say(system: System, origin: ScoreOrigin) -> None:
    def submit() -> None:
        periods = "all,monthly,weekly,daily"
        origin.submit("snake", periods, "l" * 22, score=1, time_ms=5000, play="log")

    submit()  # A cold start logs a line more.
    before = len(system.log_lines(scores.PUT_SCORE.name))
    submit()
    lines = [*system.log_lines(scores.PUT_SCORE.name)[before:], access_log_line(system)]
    overhead = 26
    size = sum(len(line) + overhead for line in lines)
    assert 0.8 * units.LOG_BYTES < size <= units.LOG_BYTES


def access_log_line(system: System) -> str:
    """An access log line with each field at its usual maximum length."""
    client = system.cloud.client("apigatewayv2")
    [api] = [api for api in client.get_apis()["Items"] if api["Name"] == scores.ENDPOINT.name]
    [stage] = client.get_stages(ApiId=api["ApiId"])["Items"]
    return re.sub(r"\$context\.[\w.]+", "x" * 24, stage["AccessLogSettings"]["Format"])
