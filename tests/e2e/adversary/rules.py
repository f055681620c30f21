"""What a play is worth by the rules, written again in the simplest way.

It reads a game's configuration and the protocol's documents, and no code of the product.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from tests.cf_functions.client import decoded, signature, user_id, utc_day

GAMES = {
    game: json.loads(Path(f"config/game-config/{game}.json").read_text(encoding="utf-8"))
    for game in ("snake", "minesweeper")
}
DAY_MS = 86_400_000
META_BYTES = 128
CLOCK_MS = 2_000
"""How far the clocks of two edge locations may differ."""
ROUND_TRIPS_MS = 800
"""What an honest client's clock may have missed of a play."""

SHAPES = {
    "all": r"all",
    "monthly": r"\d{4}-\d\d",
    "weekly": r"\d{4}-W\d\d",
    "daily": r"\d{4}-\d\d-\d\d",
}
ODD_NAMES = {
    "Eve\u200b 2": "Eve 2",
    "\u202eEve 3": "Eve 3",
    "Ｅｖｅ 4": "Eve 4",
    "Eve\ufffc\U00016fe4 5": "Eve 5",
    "  Eve \t 6 ": "Eve 6",
    "\u200b\u3164": "",
    "\U00016fe4": "",
}
"""Names that hide or imitate, and what is shown of them; "" is refused."""


@dataclass(frozen=True)
class Ticket:
    """The edge's word for a play that has ended."""

    token_start: str
    token_end: str
    game: str
    user: str
    sid: str
    start_ms: int
    end_ms: int
    play_ms: int

    @classmethod
    def of(cls, token_start: str, token_end: str) -> Ticket:
        fields = decoded(token_end.split(".")[0]).split(".")
        _, _, game, user, sid, start, end, play_ms, _, _ = fields
        return cls(token_start, token_end, game, user, sid, int(start, 36), int(end), int(play_ms))

    @property
    def play(self) -> tuple[str, ...]:
        return (self.game, self.user, self.sid, str(self.start_ms))

    @property
    def flaw(self) -> str | None:
        """The rule that the edge broke when it gave this ticket."""
        limits = GAMES[self.game]["limits"]
        elapsed = self.end_ms - self.start_ms
        if not limits["playMs"]["min"] <= self.play_ms <= limits["playMs"]["max"]:
            return "play time out of limits"
        if elapsed < limits["playMs"]["min"]:
            return "sooner than any human"
        if self.play_ms > elapsed + CLOCK_MS:
            return "longer than the time elapsed"
        if self.play_ms < elapsed - limits["pauseMs"] - ROUND_TRIPS_MS:
            return "shorter than the time elapsed"
        return None


@dataclass(frozen=True, order=True)
class Row:
    """One line of a board. Rows sort best first."""

    rank_key: tuple[int, int, int, str]
    name: str = field(compare=False)
    score: int = field(compare=False)
    play_ms: int = field(compare=False)

    @classmethod
    def of(cls, game: str, user: str, name: str, score: int, play_ms: int, end_ms: int) -> Row:
        by = {"snake": (-score, play_ms), "minesweeper": (play_ms, 0)}[game]
        return cls((*by, end_ms, user), name, score, play_ms)

    @property
    def user(self) -> str:
        return self.rank_key[3]

    @property
    def shown(self) -> tuple[Any, ...]:
        return (self.user, self.name, self.score, self.play_ms, self.rank_key[2])


@dataclass(frozen=True)
class Worth:
    """What a submission is worth if its play has no other values yet."""

    play: tuple[str, ...]
    values: tuple[Any, ...]
    """One play counts with one of these."""
    row: Row
    boards: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Submission:
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    method: str = "PUT"

    def value(self, name: str) -> str | None:
        """None where it is not sent exactly once."""
        found = [value for each, value in self.headers if each.lower() == name]
        return found[0] if len(found) == 1 else None

    def changed(self, **changes: str | None) -> Submission:
        """X_Score="5" replaces a header and None removes it."""
        wanted = {name.replace("_", "-"): value for name, value in changes.items()}
        kept = [pair for pair in self.headers if pair[0] not in wanted]
        added = [(name, value) for name, value in wanted.items() if value is not None]
        return Submission(self.path, (*kept, *added), self.body, self.method)


class Flaw(Exception):
    """Why a submission does not count."""


def require(condition: object, flaw: str) -> None:
    if not condition:
        raise Flaw(flaw)


def worth(
    sent: Submission, *, site: str, tickets: Mapping[str, Ticket], at_ms: tuple[int, int]
) -> Worth:
    """Raises Flaw where it does not count. It was sent and answered between two moments."""
    require(sent.method == "PUT", "method")
    path = re.fullmatch(r"/api/scores/([^/?]+)/([^/?]+)/([^/?]+)", sent.path)
    require(path, "path")
    assert path
    game, periods, user = path.groups()
    ticket = tickets.get(sent.value("x-token-end") or "")
    require(ticket, "not a ticket of this site")
    assert ticket
    require(sent.value("x-token-start") == ticket.token_start, "start of another play")
    require((game, user) == (ticket.game, ticket.user), "ticket of another game or player")
    _require_site(sent, site)
    require(user_id(sent.value("x-user-key") or "") == user, "user key")
    score = _number(sent.value("x-score"))
    _require_limits(score, ticket)
    require(at_ms[0] <= ticket.end_ms + GAMES[game]["limits"]["graceMs"], "grace")
    player = sent.value("x-player") or ""
    _require_signature(sent, ticket, player, score, at_ms)
    name = _name(player)
    boards = frozenset((game, period) for period in _periods(game, periods, ticket.end_ms))
    _require_other_headers(sent)
    values = (score, ticket.play_ms, name, _meta(sent.body))
    row = Row.of(game, user, name, score, ticket.play_ms, ticket.end_ms)
    return Worth(ticket.play, values, row, boards)


def _require_site(sent: Submission, site: str) -> None:
    given = [value for name, value in sent.headers if name.lower() in ("origin", "referer")]
    require(len(given) == 1, "not one origin")
    require(given[0] == site or given[0].startswith(f"{site}/"), "origin")


def _number(text: str | None) -> int:
    require(re.fullmatch(r"0|-?[1-9][0-9]{0,15}", text or "", re.ASCII), "spelling of a number")
    return int(text or "")


def _require_limits(score: int, ticket: Ticket) -> None:
    limits = GAMES[ticket.game]["limits"]
    require(limits["score"]["min"] <= score <= limits["score"]["max"], "score out of limits")
    per_second = limits.get("perSecond")
    seconds = min(ticket.play_ms, ticket.end_ms - ticket.start_ms) / 1000
    require(per_second is None or score <= per_second * seconds, "points a second")


def _require_signature(
    sent: Submission, ticket: Ticket, player: str, score: int, at_ms: tuple[int, int]
) -> None:
    days = {utc_day(at_ms[0]), utc_day(at_ms[1])}
    if at_ms[1] % DAY_MS <= GAMES[ticket.game]["limits"]["graceMs"]:
        days.add(utc_day(at_ms[1] - DAY_MS))
    signed = {signature(ticket.token_end, player, str(score), day, ticket.sid) for day in days}
    require(sent.value("x-sig") in signed, "signature")


def _name(player: str) -> str:
    require(re.fullmatch(r"(?:[A-Za-z0-9_.!~*'()-]|%[0-9A-Fa-f]{2}){1,400}", player), "X-Player")
    try:
        raw = unquote(player, errors="strict")
    except UnicodeDecodeError:
        raise Flaw("X-Player is not UTF-8") from None
    name = ODD_NAMES.get(raw, raw)
    require(1 <= len(name) <= 24, "length of the name")
    return name


def _periods(game: str, text: str, end_ms: int) -> list[str]:
    ended_in = period_ids(end_ms)
    kinds = []
    for each in text.split(","):
        found = [kind for kind in SHAPES if each in (kind, ended_in[kind])]
        require(found and found[0] in GAMES[game]["periods"], f"period {each}")
        kinds += found
    require(len(set(kinds)) == len(kinds), "a period twice")
    return [ended_in[kind] for kind in kinds]


def period_ids(moment_ms: int) -> dict[str, str]:
    """Both games' time zone is Asia/Tokyo."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment_ms)
    day = moment.astimezone(ZoneInfo("Asia/Tokyo")).date()
    year, week, _ = day.isocalendar()
    return {
        "all": "all",
        "monthly": f"{day.year}-{day.month:02}",
        "weekly": f"{year}-W{week:02}",
        "daily": day.isoformat(),
    }


def _require_other_headers(sent: Submission) -> None:
    idem = [value for name, value in sent.headers if name.lower() == "x-idem-key"]
    require(not idem or re.fullmatch(r"[\w.~-]{1,100}", idem[0], re.ASCII), "X-Idem-Key")


def _meta(body: bytes) -> str | None:
    require(len(body) <= 4096, "size of the body")
    if not body:
        return None
    try:
        content = json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Flaw("body is not JSON") from None
    require(isinstance(content, dict) and content.keys() <= {"meta"}, "body")
    meta = content.get("meta")
    if meta is None:
        return None
    require(isinstance(meta, dict), "meta")
    text = json.dumps(meta, separators=(",", ":"), ensure_ascii=False)
    require(len(text.encode()) <= META_BYTES, "size of meta")
    return text


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def board_of(rows: Iterable[Row], top_n: int) -> list[Row]:
    """Each player's best, best first."""
    best: dict[str, Row] = {}
    for row in rows:
        best[row.user] = min(row, best.get(row.user, row))
    return sorted(best.values())[:top_n]
