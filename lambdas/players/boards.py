"""Rewards of closed boards. A board is read as everybody reads it, by its public address."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

from lambdas.players.errors import BoardOpen, BoardsUnavailable, NoReward, UnknownBoard
from lambdas.players.fetching import Http, Unreachable
from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.wire import GAME_ID

_GAME: Final = re.compile(GAME_ID)
_PERIODS: Final = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})", re.ASCII),
    re.compile(r"(?P<year>\d{4})-W(?P<week>\d{2})", re.ASCII),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII),
)
_WESTMOST: Final = timedelta(hours=12)
"""A day ends last at UTC-12. The game's own time zone is not known here."""
_SETTLED: Final = timedelta(hours=1)
"""Longer than a play may be submitted late, and than a ranking stays in a cache."""
_MOST_BODY_BYTES: Final = 512


class Board(NamedTuple):
    game: str
    period: str

    @property
    def reference(self) -> str:
        return f"board#{self.game}#{self.period}"


class Boards(Protocol):
    def ranks(self, board: Board) -> Mapping[str, int]:
        """Each player's rank."""
        ...


class PublishedBoards:
    def __init__(self, http: Http, address: str, lock: Callable[[], str]) -> None:
        """The address is of the rankings, and the lock is what their API admits."""
        self._http = http
        self._address = address
        self._lock = lock

    def ranks(self, board: Board) -> Mapping[str, int]:
        url = f"{self._address}/{board.game}/{board.period}?limit=100"
        try:
            answer = self._http.get(url, {"x-origin-verify": self._lock()})
        except Unreachable:
            raise BoardsUnavailable from None
        if answer.status in {400, 404}:
            raise UnknownBoard
        try:
            # An alias such as "monthly" would be answered with another period.
            if answer.status != 200 or answer.body["period"] != board.period:
                raise BoardsUnavailable
            return {str(each["userId"]): int(each["rank"]) for each in answer.body["items"]}
        except (KeyError, TypeError, ValueError):
            raise BoardsUnavailable from None


def read_board(body: bytes) -> Board:
    sent = object_in(body, most_bytes=_MOST_BODY_BYTES, fields=("game", "period"))
    game, period = sent.get("game"), sent.get("period")
    if not isinstance(game, str) or not _GAME.fullmatch(game):
        raise Malformed("game", "not the id of a game")
    if not isinstance(period, str) or not any(each.fullmatch(period) for each in _PERIODS):
        raise Malformed("period", "not an id such as 2026-11, 2026-W47 or 2026-11-21")
    return Board(game, period)


def check_closed(board: Board, now_ms: int) -> None:
    ends = datetime.combine(_day_after(board.period), datetime.min.time(), UTC)
    if now_ms / 1000 < (ends + _WESTMOST + _SETTLED).timestamp():
        raise BoardOpen(board.period)


def _day_after(period: str) -> date:
    """The first day that is not of the period."""
    try:
        if match := _PERIODS[0].fullmatch(period):
            first = date(int(match["year"]), int(match["month"]), 1)
            return (first + timedelta(days=31)).replace(day=1)
        if match := _PERIODS[1].fullmatch(period):
            monday = date.fromisocalendar(int(match["year"]), int(match["week"]), 1)
            return monday + timedelta(days=7)
        return date.fromisoformat(period) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise UnknownBoard from None


def rewards_in(text: str) -> Mapping[int, int]:
    """{"1": 100, "10": 20}: 100 points for the first, 20 for ranks 2 to 10."""
    rewards = {int(rank): points for rank, points in json.loads(text or "{}").items()}
    if any(
        rank < 1 or not isinstance(points, int) or points < 1 for rank, points in rewards.items()
    ):
        raise ValueError(f"rewards: {text!r} must map ranks from 1 to points from 1")
    return dict(sorted(rewards.items()))


def reward(
    ranks: Mapping[str, int], players: Collection[str], rewards: Mapping[int, int]
) -> tuple[str, int, int]:
    """The best row of these players: its id, its rank and its points."""
    held = sorted((ranks[player], player) for player in players if player in ranks)
    for rank, player in held[:1]:
        points = next((points for last, points in rewards.items() if rank <= last), None)
        if points is not None:
            return player, rank, points
    raise NoReward


def json_of(**fields: Any) -> str:
    return json.dumps(fields, separators=(",", ":"))
