"""Plays as honest players mean them, in a world of two games whose keys rotate."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from random import Random

from cf_functions.harness import Call, Store
from tests.cf_functions import client
from tests.cf_functions.client import Key

SECOND = 1_000
MINUTE = 60 * SECOND
GRACE = 90 * SECOND
LONGEST_PAUSE = 10 * MINUTE
NETWORK = 800
"""Milliseconds that the edge lets off."""
LONGEST = {"snake": 60 * MINUTE, "chess": 100 * MINUTE}
ROTATION = 180 * MINUTE
FIRST_DAY = client.milliseconds("2026-11-21T00:00:00Z")

SITE = "games.example"
KEYS = [Key(f"k{number}", f"the secret of the key numbered {number}") for number in range(40)]
USER_KEYS = [f"the-key-of-player-{number}" for number in range(200)]
NAMES = ["Alice", "Bob", "あきら", "Zoë", "🐍", "O'Neill!"]
ORDER = [["score", "desc"], ["timeMs", "asc"], ["updatedAt", "asc"]]
LAST_SCORE = 50
POINTS_A_SECOND = 20


def rotations_until(clock: int) -> int:
    return (clock - FIRST_DAY) // ROTATION + 1


@cache
def store_after(rotations: int, banned: str = "") -> Store:
    values = {"k_current": KEYS[rotations].entry, "k_prev": KEYS[rotations - 1].entry}
    values |= _entries("snake", 2 * SECOND, "key") | _entries("chess", 10 * SECOND, "open")
    return Store(values | ({f"ban#{banned}": ""} if banned else {}))


def _entries(game: str, shortest: int, identity: str) -> dict[str, str]:
    limits = {
        "score": [0, 1_000_000],
        "perSecond": POINTS_A_SECOND,
        "playMs": [shortest, LONGEST[game]],
        "graceMs": GRACE,
        "pauseMs": LONGEST_PAUSE,
    }
    entry = {"v": 1, "order": ORDER, "topN": 100, "limits": limits, "identity": identity}
    board = entry | {"from": 0, "until": 0, "thr": [LAST_SCORE, 1, 0]}
    return {
        f"cfgthr#g:{game}": json.dumps(entry),
        f"cfgthr#g:{game}#p:all": json.dumps(board),
    }


@dataclass
class Request:
    function: str
    clock: int
    method: str = "GET"
    uri: str = ""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    rotations: int = 0
    banned: str = ""

    def call(self) -> Call:
        rotations = self.rotations or rotations_until(self.clock)
        event = {
            "version": "1.0",
            "context": {"eventType": "viewer-request", "requestId": f"{self.query}-{self.clock}"},
            "viewer": {"ip": "198.51.100.11"},
            "request": {
                "method": self.method,
                "uri": self.uri,
                "querystring": _fields(self.query),
                "headers": _fields({"host": SITE} | self.headers),
                "cookies": _fields(self.cookies),
            },
        }
        return Call(self.function, event, store_after(rotations, self.banned), self.clock)


def _fields(values: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in values.items()}


def some_play(dice: Random) -> Play:
    game = dice.choice(list(LONGEST))
    played = dice.choice([dice.randint(10 * SECOND, MINUTE), dice.randint(MINUTE, LONGEST[game])])
    return Play(
        dice,
        game,
        user_key=dice.choice(USER_KEYS),
        began=FIRST_DAY + dice.randrange(30 * ROTATION),
        played=played,
        paused=dice.choice([0, dice.randint(0, LONGEST_PAUSE)]),
        waited=dice.choice([dice.randint(0, SECOND), dice.randint(0, GRACE)]),
        name=dice.choice(NAMES),
        sid=dice.choice(["", client.new_session("a browser", str(dice.random()))]),
    )


@dataclass
class Play:
    dice: Random
    game: str
    user_key: str
    began: int
    played: int
    paused: int
    waited: int
    name: str
    score: int = 0
    other: Play | None = None
    sid: str = ""
    token_start: str = ""
    token_end: str = ""
    end: int = 0

    @property
    def user(self) -> str:
        return client.user_id(self.user_key)

    @property
    def highest_score(self) -> int:
        """Points count against the time that passed, where an edge's clock was behind."""
        passed = self.end - self.began if self.end else self.played
        return POINTS_A_SECOND * min(self.played, passed) // SECOND

    def start_request(self) -> Request:
        return Request(
            "get_start",
            self.began,
            uri="/api/get-start",
            query={"game": self.game, "user": self.user},
            cookies={"game_sid": self.sid} if self.sid else {},
        )

    def end_request(self) -> Request:
        return Request(
            "get_end",
            self.began + self.played + self.paused,
            uri="/api/get-end",
            headers={"x-token-start": self.token_start, "x-play-ms": str(self.played)},
            cookies={"game_sid": self.sid},
        )

    def submit_request(self) -> Request:
        request = Request(
            "validate",
            self.end + self.waited,
            method="PUT",
            uri=f"/api/scores/{self.game}/all/{self.user}",
            headers={
                "origin": f"https://{SITE}",
                "x-token-start": self.token_start,
                "x-token-end": self.token_end,
                "x-score": str(min(self.score, self.highest_score)),
                "x-player": client.player_header(self.name),
                "x-user-key": self.user_key,
            },
            cookies={"game_sid": self.sid},
        )
        sign(self, request)
        return request


def sign(play: Play, request: Request) -> None:
    headers = request.headers
    headers["x-sig"] = client.signature(
        headers["x-token-end"],
        headers["x-player"],
        headers["x-score"],
        client.utc_day(play.end),
        play.sid,
    )
