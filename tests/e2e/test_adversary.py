"""An adversary who knows the protocol gains nothing but what their plays are worth by the rules.

HTMLGAME_ADVERSARY_SECONDS sets how long it goes on, and HTMLGAME_ADVERSARY_SEED repeats its
choices. The order in which threads run does not repeat.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random, SystemRandom
from typing import Any

import pytest

from config import names
from config.capabilities import scores
from config.games import load_games
from lambdas.scores.rules import Entry, rank_key
from lambdas.scores.table import ScoreTable, board_key
from lambdas.shared.edge_store import EdgeStore
from lambdas.shared.values.clock import from_iso, iso
from local.edge.control import key_value_store_client
from local.edge.server import LocalEdge
from operations.scores.bans import Ban, put_ban
from tests.e2e.adversary.attacks import ATTACKS, Cheat, attack
from tests.e2e.adversary.players import (
    EVERY_BOARD,
    Player,
    a_play,
    flood,
    key_of,
    play_honestly,
)
from tests.e2e.adversary.record import Board, Counted, Line, Record, now_ms
from tests.e2e.adversary.rules import GAMES, Row, Worth, period_ids
from tests.e2e.operator import Operator
from tests.e2e.test_edge import invoke
from tests.faults import Fault, Proxy, calls_through, throttled
from tests.system import System

LOG = logging.getLogger(__name__)
SECONDS = float(os.environ.get("HTMLGAME_ADVERSARY_SECONDS", "12"))
SEED = int(os.environ.get("HTMLGAME_ADVERSARY_SEED") or SystemRandom().randrange(10**9))
HONEST, CHEATS, BOTS = 5, 4, 12
OPERATIONS = ("Query", "UpdateItem", "PutItem", "GetItem", "DeleteItem")

TRANSIENT = {
    *("ReadTimeoutError", "ConnectTimeoutError", "ConnectionClosedError"),
    *("ClientError", "ThrottlingException"),
}
"""What put-score may fail with while DynamoDB does. The same submission is then sent again."""

Shown = list[tuple[Any, ...]]


@pytest.fixture
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture
def record(system: System, edge: LocalEdge) -> Iterator[Record]:
    """Of empty boards, which are empty again at the end."""
    boards = [(game, each) for game in GAMES for each in period_ids(now_ms()).values()]
    for board in boards:
        system.clear(board_key(*board))
    invoke(system, scores.TRIM_TOP.name)
    edge.refresh()
    record = Record(edge.url)
    yield record
    for board in {*boards, *record.boards()}:
        system.clear(board_key(*board))
    for banned in record.banned:
        system.forget_edge_key(f"ban#{banned}")
    invoke(system, scores.TRIM_TOP.name)


def full_boards(system: System, record: Record, chance: Random) -> None:
    """Honest players of earlier, so many that the boards soon overflow."""
    now, most = now_ms(), {"snake": 85, "minesweeper": 95}
    for game in GAMES:
        for number in range(most[game]):
            score = 1 if game == "minesweeper" else chance.randint(0, 20)
            user, play_ms, ended = f"{game[:1]}{number:021}", 60_000 + number, now - number
            boards = frozenset((game, period_ids(ended)[each]) for each in GAMES[game]["periods"])
            row = Row.of(game, user, "Ann", score, play_ms, ended)
            worth = Worth((game, user), (score, play_ms), row, boards)
            record.counted.append(Counted(worth, "", boards, "honest, earlier"))
    with ThreadPoolExecutor(4) as pool:
        every = sorted(record.boards())
        list(pool.map(lambda board: _store(system.table, board, record.rows(board)), every))


def _store(table: ScoreTable, board: Board, rows: list[Row]) -> None:
    order = load_games()[board[0]].order
    for row in rows:
        ended = row.rank_key[2]
        entry = Entry(
            user_id=row.user,
            user_name=row.name,
            score=row.score,
            time_ms=row.play_ms,
            updated_at=iso(ended),
            rk=rank_key(tuple(order), score=row.score, time_ms=row.play_ms, updated_at_ms=ended),
            play="earlier",
        )
        assert table.put(board_key(*board), entry, None) is None


class Threads:
    """A failure in one of them becomes a problem of the record."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._threads: list[threading.Thread] = []

    def start(self, run: Callable[..., object], *arguments: object) -> None:
        def guarded() -> None:
            try:
                run(*arguments)
            except Exception as failure:  # noqa: BLE001
                self._record.problem(f"{run.__name__}: {failure!r}")

        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        self._threads.append(thread)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(SECONDS + 300)
            assert not thread.is_alive()


def failures(system: System) -> list[str]:
    """What put-score could not answer, by the names of the exceptions."""
    lines = [line for line in system.log_lines(scores.PUT_SCORE.name) if '"exception_name"' in line]
    return [json.loads(line)["exception_name"] for line in lines]


def throttle(database: Proxy, chance: Random, until: float) -> None:
    """DynamoDB refuses a few of put-score's requests, and once loses an answer."""
    database.faults.append(Fault(about="UpdateItem.*G#", loses_answer=True, times=1))
    passed = 0
    while time.monotonic() < until:
        if len(database.passed) > passed:
            passed = len(database.passed) + chance.randint(15, 60)
            about, times = chance.choice(OPERATIONS), chance.randint(1, 3)
            database.faults.append(Fault(about=about, answer=throttled(), times=times))
        time.sleep(0.1)
    database.faults = []


def flood_again(line: Line, chance: Random, until: float) -> None:
    """Fresh identities, wave by wave."""
    wave = 0
    while time.monotonic() < until:
        keys = [key_of("bot", wave, each, SEED) for each in range(BOTS)]
        flood([Player(line, key, f"Bot {wave}") for key in keys], chance.uniform(1.1, 2.5), "flood")
        wave += 1


def be_banned(system: System, edge: LocalEdge, player: Player) -> None:
    record = player.line.record
    tickets = [ticket for _ in range(3) if (ticket := a_play(player, "snake", 1.2))]
    player.line.submit("before the ban", player.submission(tickets[0], 3))
    store = EdgeStore(key_value_store_client(system.cloud), system.parameter(names.EDGE_STORE_ARN))
    put_ban(store, Ban(player.id, iso(now_ms()), None))
    edge.refresh()
    record.banned[player.id] = now_ms() - 1
    for score, ticket in enumerate(tickets, 9):
        player.line.submit("banned", player.submission(ticket, score))


def standing(system: System, board: Board) -> Shown:
    """What everybody is shown, without a cache."""
    reply = system.origin.ranking(*board)
    assert reply.status == 200, reply
    return [
        (row["userId"], row["userName"], row["score"], row["timeMs"], from_iso(row["updatedAt"]))
        for row in reply.body["items"]
    ]


def is_honest(each: Counted) -> bool:
    return each.what.startswith("honest")


def test_the_boards_are_worth_what_was_played(
    system: System, edge: LocalEdge, record: Record, htmlgame: Operator
) -> None:
    chance = Random(SEED)
    with how_to_repeat():
        full_boards(system, record, chance)
        let_loose(system, edge, record, chance)
        compare(system, record)

        begins = iso(now_ms())
        line = Line(record)
        wave = [Player(line, key_of("wave", each, SEED), "Ann") for each in range(2 * BOTS)]
        flood(wave, 2.5, "wave")
        compare(system, record)

        purge(htmlgame, "--since", begins)
        compare_without(system, record, lambda each: each.what != "wave")
        purge(htmlgame, "--name", "bot*")
        purge(htmlgame, "--name", "eve*")
        compare_without(system, record, is_honest)


@contextmanager
def how_to_repeat() -> Iterator[None]:
    try:
        yield
    except BaseException as failure:
        failure.add_note(f"HTMLGAME_ADVERSARY_SEED={SEED} HTMLGAME_ADVERSARY_SECONDS={SECONDS:g}")
        raise


def compare(system: System, record: Record) -> None:
    """At once: the boards are worth what everybody played."""
    record.check_plays()
    assert not record.problems, "\n\n".join(each[:2_000] for each in record.problems[:10])
    for board in sorted(record.boards()):
        assert standing(system, board) == record.expected(board), board


def compare_without(system: System, record: Record, counts: Callable[[Counted], bool]) -> None:
    """After a purge: the boards are worth what those played who count."""
    for board in sorted(record.boards()):
        shown = standing(system, board)
        assert shown == record.expected_of(board, shown, counts), board


def let_loose(system: System, edge: LocalEdge, record: Record, chance: Random) -> None:
    threads, earlier = Threads(record), len(failures(system))
    with calls_through(system, scores.PUT_SCORE.name, "dynamodb") as database:
        until = time.monotonic() + SECONDS
        for number in range(HONEST):
            honest = Player(Line(record), key_of("honest", number), f"Ann {number}")
            threads.start(play_honestly, honest, Random(chance.random()), until)
        due = chance.sample(ATTACKS, len(ATTACKS))
        for number in range(CHEATS):
            line = Line(record)
            keys = [key_of("eve", number, each, SEED) for each in range(3)]
            players = [Player(line, key, f"Eve {number}") for key in keys]
            cheat = Cheat(line, Random(chance.random()), players)
            threads.start(attack, cheat, due, until)
        threads.start(flood_again, Line(record), Random(chance.random()), until)
        threads.start(throttle, database, Random(chance.random()), until)
        banned = Player(Line(record), key_of("banned", SEED), "Eve B")
        threads.start(be_banned, system, edge, banned)
        threads.join()
    LOG.info("sent:\n%s", "\n".join(f"{n:6} {what}" for what, n in sorted(record.tally.items())))
    assert {*failures(system)[earlier:]} <= TRANSIENT


def purge(htmlgame: Operator, *chosen: str) -> None:
    for game in GAMES:
        said = htmlgame("purge", game, EVERY_BOARD[game], *chosen, "--yes")
        assert said.code == 0, said
