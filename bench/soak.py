"""100,000 random submissions in parallel: the board and its cost stay small."""

import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from bench.boards import SNAKE, entry_of_play
from bench.report import table
from lambdas.scores.boards import submit
from lambdas.scores.periods import EVER
from lambdas.scores.submission import Submission
from lambdas.scores.table import ScoreTable, board_key
from local.cloud import running_cloud
from local.dynamodb.billing import query_units
from local.scores.boards import scratch_table

SUBMISSIONS: Final = 100_000
AT_ONCE: Final = 4
PLAYERS: Final = 20_000
_TABLE: Final = "soak"


def run() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_cloud(Path(folder)) as cloud,
        scratch_table(cloud.client("dynamodb"), _TABLE),
    ):
        key = board_key(SNAKE.id, EVER.id)
        scores = [ScoreTable(cloud.client("dynamodb"), _TABLE) for _ in range(AT_ONCE)]
        started = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(_play, scores, range(AT_ONCE)))
        rows = scores[0].rows(key)
        assert SNAKE.top_n <= len(rows) <= SNAKE.top_n + AT_ONCE
        table(
            f"{SUBMISSIONS:,} submissions, {AT_ONCE} at once, {time.monotonic() - started:.0f} s",
            ["what", "count"],
            [
                ("rows left (top N is 100)", len(rows)),
                (
                    "RRU of the last ranking read",
                    query_units(cloud.client("dynamodb"), _TABLE, key),
                ),
                ("WRU a submission", sum(each.spent.writes for each in scores) / SUBMISSIONS),
            ],
        )


def _play(scores: ScoreTable, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a reproducible crowd
    for number in range(SUBMISSIONS // AT_ONCE):
        candidate = entry_of_play(
            user_id=f"{chance.randrange(PLAYERS):022d}",
            score=chance.randrange(10_000),
            at=number,
            play=f"{seed}-{number}.",
        )
        submit(scores, Submission(game=SNAKE, periods=(EVER,), candidate=candidate, meta=None))
