"""Many players at once, against the deployed API and against the emulator's table."""

import random
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st

from config.games import load_games
from lambdas.scores.boards import submit
from lambdas.scores.table import ScoreTable, board_key
from local.cloud import Cloud
from local.dynamodb.billing import query_units
from local.scores.boards import scratch_table
from tests.e2e.conftest import System
from tests.lambdas.scores.plays import (
    Play,
    expected_board,
    orders,
    plays,
    shown,
    standing,
    unplayed,
)

AT_ONCE = 6


def test_a_crowd_on_the_deployed_api_leaves_each_players_best(system: System) -> None:
    origin = system.origin
    top_n = load_games()["snake"].topN
    chance = random.Random(7)
    crowd = [
        (f"{chance.randrange(150):022d}", chance.randrange(400), f"crowd{number}")
        for number in range(240)
    ]

    def submit_one(play: tuple[str, int, str]) -> int:
        user_id, score, name = play
        reply = origin.submit("snake", "weekly", user_id, score=score, time_ms=60_000, play=name)
        return reply.status

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(submit_one, crowd)) == {200}

    best: dict[str, int] = {}
    for user_id, score, _ in crowd:
        best[user_id] = max(score, best.get(user_id, 0))
    items = origin.ranking("snake", "weekly").body["items"]
    expected = sorted(best.values(), reverse=True)[:top_n]
    assert [item["score"] for item in items] == expected
    assert all(best[item["userId"]] == item["score"] for item in items)
    week = origin.ranking("snake", "weekly").body["period"]
    assert len(system.table.rows(board_key("snake", week))) <= top_n + AT_ONCE


@settings(max_examples=15)
@given(played=st.lists(plays(most=6), min_size=2, max_size=4), order=orders())
def test_threads_on_the_emulator_end_in_the_models_board(
    cloud: Cloud, played: list[list[Play]], order: tuple[tuple[str, str], ...]
) -> None:
    rules = unplayed(order=order)
    everything = [
        Play(play.user_id, play.score, play.time_ms, play.at, f"{play.id}-{thread}")
        for thread, each in enumerate(played)
        for play in each
    ]
    with scratch_table(cloud.client("dynamodb"), "crowd") as table:
        tables = [ScoreTable(cloud.client("dynamodb"), "crowd") for _ in played]

        def run(thread: int) -> None:
            for play in everything:
                if play.id.endswith(f"-{thread}"):
                    submit(tables[thread], play.submission(rules))

        with ThreadPoolExecutor(len(played)) as pool:
            list(pool.map(run, range(len(played))))
        rows = standing(table, board_key(rules.id, "all"))
    assert shown(rows[: rules.top_n]) == expected_board(rules, everything)
    assert len(rows) <= rules.top_n + len(played)


def test_a_thousand_submissions_leave_a_board_as_cheap_to_read_as_a_full_one(
    cloud: Cloud,
) -> None:
    rules = unplayed(top_n=20)
    key = board_key(rules.id, "all")
    chance = random.Random(11)

    def reading_cost() -> float:
        return query_units(cloud.client("dynamodb"), "soak", key)

    with scratch_table(cloud.client("dynamodb"), "soak") as table:
        for number in range(rules.top_n):
            submit(table, Play(f"u{number:05}", number, 5, number, "p").submission(rules))
        full = reading_cost()
        for number in range(1000):
            user_id, score = f"u{chance.randrange(3000):05}", chance.randrange(9999)
            submit(table, Play(user_id, score, 5, number, f"p{number}").submission(rules))
        assert len(table.rows(key)) == rules.top_n
        assert reading_cost() == full
