"""Those who keep to the protocol: honest players, and the fresh identities of a flood."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.cf_functions.client import player_header, signature, user_id, utc_day
from tests.e2e.adversary.record import Line, Reply
from tests.e2e.adversary.rules import GAMES, Submission, Ticket

EVERY_BOARD = {game: ",".join(config["periods"]) for game, config in GAMES.items()}


def key_of(*about: object) -> str:
    """A user key, the same for the same words."""
    return f"key-{user_id('-'.join(map(str, about)))}"


@dataclass
class Player:
    """One identity. It may have several plays under way, each with its own session."""

    line: Line
    key: str
    name: str
    cookie: str = field(default="")

    @property
    def id(self) -> str:
        return user_id(self.key)

    def cookies(self, *more: str) -> list[tuple[str, str]]:
        values = [each for each in (*more, self.cookie) if each]
        return [("Cookie", "; ".join(f"game_sid={each}" for each in values))] if values else []

    def start(self, game: str = "snake") -> Reply:
        reply = self.line.ask("GET", f"/api/get-start?game={game}&user={self.id}", self.cookies())
        if reply.status == 200:
            self.cookie = reply.body["sid"]
        return reply

    def end(self, started: Reply, play_ms: int) -> Ticket | None:
        """None where the edge gives no ticket."""
        return self.line.end("end", started.body["token_start"], str(play_ms), self.cookies())

    def submission(
        self, ticket: Ticket, score: int, periods: str = "", meta: dict[str, Any] | None = None
    ) -> Submission:
        player = player_header(self.name)
        day = utc_day(ticket.end_ms)
        headers = {
            "Origin": self.line.record.site,
            "Content-Type": "application/json",
            "X-Token-Start": ticket.token_start,
            "X-Token-End": ticket.token_end,
            "X-Score": str(score),
            "X-Player": player,
            "X-User-Key": self.key,
            "X-Sig": signature(ticket.token_end, player, str(score), day, ticket.sid),
        }
        path = f"/api/scores/{ticket.game}/{periods or EVERY_BOARD[ticket.game]}/{self.id}"
        body = b"" if meta is None else json.dumps({"meta": meta}).encode()
        return Submission(path, tuple(headers.items()), body)


def a_play(player: Player, game: str, seconds: float) -> Ticket | None:
    """None where this machine was so slow that the edge's clock and the player's disagree."""
    started = player.start(game)
    began = time.monotonic()
    time.sleep(seconds)
    return player.end(started, round((time.monotonic() - began) * 1000))


def play_honestly(player: Player, chance: Random, until: float) -> None:
    while time.monotonic() < until:
        game = chance.choice(["snake", "snake", "minesweeper"])
        ticket = a_play(player, game, chance.uniform(1.6, 2.6))
        if ticket is None:
            continue
        score = 1 if game == "minesweeper" else chance.randint(0, 12 * ticket.play_ms // 1000)
        sent = player.submission(ticket, score, meta={"level": chance.randint(1, 9)})
        reply = player.line.submit("honest", sent)
        if reply.status == 200 and chance.random() < 0.3:
            player.line.submit("honest, again", sent)
        if reply.code == "play_already_submitted":
            player.line.record.problem(f"an honest play was refused: {reply.body}")


def flood(players: Sequence[Player], seconds: float, what: str) -> None:
    """All play at once, for the most that the rules allow."""

    def start(player: Player) -> tuple[Player, Reply, float]:
        return player, player.start(), time.monotonic()

    def submit(begun: tuple[Player, Reply, float]) -> None:
        player, started, at = begun
        time.sleep(max(0.0, at + seconds - time.monotonic()))
        ticket = player.end(started, round(seconds * 1000))
        if ticket:
            player.line.submit(what, player.submission(ticket, int(12 * seconds)))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(submit, list(pool.map(start, players))))
