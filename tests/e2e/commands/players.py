"""htmlgame players."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.capabilities import players
from lambdas.players.player_keys import player_id
from lambdas.players.table import PlayerTable
from lambdas.players.users import Identity, User
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import uuid7
from tests.e2e.commands.stage import Change, Changes, Reading, Readings, Stage, Wrongs

NOBODY = "019aa000-0000-7000-8000-0000000000dd"


def account(stage: Stage, name: str, age_ms: int = 0) -> User:
    """With a row of its own on the boards, and one of anonymous play."""
    now_ms = time.time_ns() // 1_000_000 - age_ms
    row, anonymous = (player_id(secrets.token_hex(16)) for _ in range(2))
    user = User(
        id=uuid7(now_ms),
        player_id=row,
        created_at=iso(now_ms),
        updated_at=iso(now_ms),
        display_name=name,
        identities=(Identity("key", anonymous),),
    )
    assert stage.table(PlayerTable, players.TABLE.parameter).create(user, level=1)
    return user


def with_points(stage: Stage, name: str) -> User:
    user = account(stage, name)
    arguments = (user.id, "70", "--reason", "a prize", "--yes")
    assert stage.htmlgame("players", "adjust", *arguments).code == 0
    return user


@contextmanager
def found(stage: Stage) -> Iterator[Reading]:
    name = secrets.token_hex(4)
    account(stage, f"Ann {name}")
    yield [name.upper()], name, {"text", "accounts"}


@contextmanager
def shown(stage: Stage) -> Iterator[Reading]:
    names = {
        *("userId", "displayName", "walletAddress", "identities", "stats"),
        *("createdAt", "updatedAt"),
        *("playerIds", "mergedFrom", "banned", "version"),
    }
    yield [with_points(stage, "Ann").id], "1 events", names


@contextmanager
def ledger(stage: Stage) -> Iterator[Reading]:
    told = "1 events add up to 70"
    yield [with_points(stage, "Ann").id], told, {"userId", "events", "problem"}


@contextmanager
def exported(stage: Stage) -> Iterator[Reading]:
    yield [with_points(stage, "Ann").id], "pointEvent", {"kind"}


@contextmanager
def adjusted(stage: Stage) -> Iterator[Change]:
    user = account(stage, "Ann")
    yield Change(
        [user.id, "70", "--reason", "a prize", "--reference", "T-812"],
        question=f"Give 70 points to {user.id}, who has 0?",
        done="done: balance 70, again no",
        recorded={"userId": user.id, "points": 70, "reason": "a prize"},
        again="done: balance 70, again yes",
    )


@contextmanager
def merged(stage: Stage) -> Iterator[Change]:
    older, newer = account(stage, "Ann", age_ms=1000), with_points(stage, "Ann")
    yield Change(
        [newer.id, older.id],
        question=f"Merge {newer.id} (70 points) and {older.id} (0 points)?",
        done=f"done: stays {older.id}, points 70",
        recorded={"userId": newer.id, "otherId": older.id},
        again="OTHER_ID: both are the same account, or merged already",
    )


@contextmanager
def banned(stage: Stage) -> Iterator[Change]:
    user = account(stage, "Ann")
    yield Change(
        [user.id, "--reason", "rude"],
        question=f"Ban {user.id} (Ann) everywhere?",
        done="done: banned yes, rows 2",
        recorded={"userId": user.id, "reason": "rude"},
        again="the account is banned already",
    )
    assert {f"ban#{each}" for each in user.player_ids} <= stage.system.edge_values("ban#").keys()
    stage.htmlgame("players", "unban", user.id, "--yes")


@contextmanager
def unbanned(stage: Stage) -> Iterator[Change]:
    user = account(stage, "Ann")
    stage.htmlgame("players", "ban", user.id, "--yes")
    yield Change(
        [user.id],
        question=f"Lift the ban of {user.id} (Ann)?",
        done="done: unbanned yes",
        recorded={"userId": user.id},
        again="the account is not banned",
    )
    assert not {f"ban#{each}" for each in user.player_ids} & stage.system.edge_values().keys()


@contextmanager
def erased(stage: Stage) -> Iterator[Change]:
    user = with_points(stage, "Ann")
    yield Change(
        [user.id],
        question=f"Erase {user.id} (Ann) for good?",
        done="done: jobId ",
        recorded={"userId": user.id},
        again=f"USER_ID: there is no account {user.id}",
    )
    assert stage.table(PlayerTable, players.TABLE.parameter).account(user.id) is None


READ: Readings = {
    "players find": found,
    "players show": shown,
    "players ledger": ledger,
    "players budget": ([], " model calls taken", {"day", "taken", "callsADay"}),
}
IN_LINES: Readings = {"players export": exported}
CHANGES: Changes = {
    "players adjust": adjusted,
    "players merge": merged,
    "players ban": banned,
    "players unban": unbanned,
    "players erase": erased,
}
_UNKNOWN = f"USER_ID: there is no account {NOBODY}; htmlgame players find shows the ids"
WRONG: Wrongs = {
    "players find": [([], 2, "Missing argument 'TEXT'")],
    "players show": [([], 2, "Missing argument 'USER_ID'"), ([NOBODY], 1, _UNKNOWN)],
    "players ledger": [
        ([NOBODY], 1, _UNKNOWN),
        ([NOBODY, "--limit", "0"], 2, "'--limit': 0 is not in the range"),
    ],
    "players adjust": [
        ([NOBODY, "5"], 2, "Missing option '--reason'"),
        ([NOBODY, "five", "--reason", "x"], 2, "'POINTS': 'five' is not a valid integer"),
        ([NOBODY, "0", "--reason", "x"], 2, "POINTS: 0 changes nothing"),
        ([NOBODY, "5", "--reason", "x" * 101], 2, "--reason: 101 characters; at most 100"),
        ([NOBODY, "5", "--reason", "x"], 1, _UNKNOWN),
    ],
    "players merge": [
        ([NOBODY], 2, "Missing argument 'OTHER_ID'"),
        ([NOBODY, NOBODY], 1, _UNKNOWN),
    ],
    "players ban": [([NOBODY], 1, _UNKNOWN), (["ann"], 1, "there is no account ann")],
    "players unban": [([NOBODY], 1, _UNKNOWN)],
    "players erase": [([NOBODY], 1, _UNKNOWN)],
    "players export": [([NOBODY], 1, _UNKNOWN)],
}
SOMETHING = {
    "players find": ["ann"],
    "players show": [NOBODY],
    "players ledger": [NOBODY],
    "players adjust": [NOBODY, "5", "--reason", "x"],
    "players merge": [NOBODY, NOBODY],
    "players ban": [NOBODY],
    "players unban": [NOBODY],
    "players erase": [NOBODY],
    "players export": [NOBODY],
}
