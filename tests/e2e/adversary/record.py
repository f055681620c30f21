"""Everything that was sent and answered, and whether it agrees with the rules."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import urllib3

from tests.e2e.adversary.rules import (
    GAMES,
    Flaw,
    Row,
    Submission,
    Ticket,
    Worth,
    board_of,
    require,
    worth,
)

PATIENCE_SECONDS = 60
"""How long a request is repeated."""
BUSY = {429, 500, 502, 503, 504}
"""The server could not answer. Whether it did anything is unknown, so the same is sent again."""

Board = tuple[str, str]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"]) if self.is_refusal else ""

    @property
    def is_refusal(self) -> bool:
        return isinstance(self.body, dict) and "error" in self.body


@dataclass(frozen=True)
class Counted:
    """A submission that is worth something, and its answer."""

    worth: Worth
    refused: str
    accepted: frozenset[Board]
    what: str


@dataclass
class Record:
    """Shared by all threads."""

    site: str
    tickets: dict[str, Ticket] = field(default_factory=dict)
    counted: list[Counted] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    banned: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def problem(self, text: str) -> None:
        with self._lock:
            self.problems.append(text)

    def ticket(self, token_start: str, token_end: str) -> Ticket:
        ticket = Ticket.of(token_start, token_end)
        if ticket.flaw:
            self.problem(f"the edge gave a ticket: {ticket.flaw}: {ticket}")
        with self._lock:
            self.tickets[token_end] = ticket
        return ticket

    def submission(
        self, what: str, sent: Submission, reply: Reply, at_ms: tuple[int, int]
    ) -> Worth | None:
        """Compares the answer with the rules; returns what the submission is worth."""
        try:
            found = worth(sent, site=self.site, tickets=self.tickets, at_ms=at_ms)
            require(at_ms[0] <= self.banned.get(found.row.user, 2**60), "banned")
        except Flaw as flaw:
            self.count(f"{what}: {reply.status} {reply.code}")
            if reply.status < 400 or reply.status >= 500:
                self.problem(f"{what}: answered {reply.status} in spite of {flaw}: {sent}")
            return None
        self.count(f"{what}: worth, {reply.status} {reply.code}")
        allowed = {(200, ""), (409, "play_already_submitted"), (422, "below_threshold")}
        if (reply.status, reply.code) not in allowed:
            self.problem(f"{what}: answered {reply.status} {reply.body} to {sent}")
            return None
        results = reply.body.get("results", {})
        if reply.status == 200 and results.keys() != {period for _, period in found.boards}:
            self.problem(f"{what}: results of {results.keys()} instead of {found.boards}")
        accepted = {
            board for board in found.boards if results.get(board[1], {}).get("accepted") is True
        }
        with self._lock:
            self.counted.append(Counted(found, reply.code, frozenset(accepted), what))
        return found

    def count(self, what: str) -> None:
        with self._lock:
            self.tally[what] += 1

    def by_play(self) -> Mapping[tuple[str, ...], Sequence[Counted]]:
        plays: dict[tuple[str, ...], list[Counted]] = defaultdict(list)
        for each in self.counted:
            plays[each.worth.play].append(each)
        return plays

    def check_plays(self) -> None:
        """One play counts with one set of values, and with one of those that were sent."""
        for play, all_of_it in self.by_play().items():
            sent = {each.worth.values for each in all_of_it}
            taken = {each.worth.values for each in all_of_it if each.accepted}
            refused = {
                each.worth.values for each in all_of_it if each.refused == "play_already_submitted"
            }
            if len(taken) > 1:
                self.problem(f"{play} counts with {taken}")
            if refused and not sent - refused:
                self.problem(f"{play} counts with none of {sent}")
            if taken & refused:
                self.problem(f"{play}: {taken & refused} were accepted and refused")

    def rows(self, board: Board, counts: Callable[[Counted], bool] = lambda _: True) -> list[Row]:
        return [
            each.worth.row
            for each in self.counted
            if board in each.worth.boards
            and each.refused != "play_already_submitted"
            and counts(each)
        ]

    def boards(self) -> set[Board]:
        return {board for each in self.counted for board in each.worth.boards}

    def expected(self, board: Board) -> list[tuple[Any, ...]]:
        return shown(board, self.rows(board))

    def expected_of(
        self,
        board: Board,
        standing: Sequence[tuple[Any, ...]],
        counts: Callable[[Counted], bool],
    ) -> list[tuple[Any, ...]]:
        """The board without the others' plays.

        A play that was not good enough for the board at its time may be lost, or be in the
        reserve if the board filled up meanwhile. Its answer does not tell, so the board may.
        """
        accepted = self.rows(board, lambda each: counts(each) and board in each.accepted)
        perhaps = [row for row in self.rows(board, counts) if row.shown in standing]
        return shown(board, [*accepted, *perhaps])


def shown(board: Board, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    return [row.shown for row in board_of(rows, GAMES[board[0]]["topN"])]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Line:
    """One connection to the edge, which repeats what was answered as busy."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._pool = urllib3.PoolManager(retries=False, maxsize=8)

    def ask(
        self, method: str, path: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b""
    ) -> Reply:
        sent = urllib3.HTTPHeaderDict()
        for name, value in headers:
            sent.add(name, value)
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._pool.request(
                method, f"{self.record.site}{path}", headers=sent, body=body or None
            )
            if answer.status not in BUSY or time.monotonic() > until:
                break
            time.sleep(0.2)
        try:
            content: Any = json.loads(answer.data)
        except ValueError:
            content = answer.data.decode(errors="replace")
        return Reply(answer.status, answer.headers, content)

    def end(
        self, what: str, token: str, play_ms: str, more: Sequence[tuple[str, str]] = ()
    ) -> Ticket | None:
        """None where the edge refuses to end the play."""
        headers = [("X-Token-Start", token), ("X-Play-Ms", play_ms), *more]
        reply = self.ask("GET", "/api/get-end", headers)
        self.record.count(f"{what}: {reply.status} {reply.code}")
        if reply.status == 200:
            return self.record.ticket(token, reply.body["token_end"])
        if not 400 <= reply.status < 500:
            self.record.problem(f"{what}: get-end answered {reply.status} {reply.body}")
        return None

    def submit(self, what: str, sent: Submission) -> Reply:
        began = now_ms()
        reply = self.ask(sent.method, sent.path, sent.headers, sent.body)
        self.record.submission(what, sent, reply, (began, now_ms()))
        return reply
