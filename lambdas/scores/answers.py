"""The JSON of boards and outcomes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from lambdas.scores.games import Game
from lambdas.scores.lookalikes import lookalikes
from lambdas.scores.periods import Period
from lambdas.scores.rules import Entry

if TYPE_CHECKING:
    from lambdas.scores.boards import Outcome
    from lambdas.scores.settle import Settled

_TOP: Final = 10
_FRESH_SECONDS: Final = 600
_STALE_SECONDS: Final = 120

Json = dict[str, Any]


def _item(rank: int, entry: Entry, marked: frozenset[str]) -> Json:
    item: Json = {
        "rank": rank,
        "userId": entry.user_id,
        "userName": entry.user_name,
        "score": entry.score,
        "timeMs": entry.time_ms,
        "updatedAt": entry.updated_at,
    }
    if entry.user_id in marked:
        item["lookalike"] = True
    return item


def _items(
    board: Sequence[Entry], marked: frozenset[str], limit: int, first: int = 1
) -> list[Json]:
    """The entries from rank `first` on."""
    shown = board[first - 1 : first - 1 + limit]
    return [_item(rank, entry, marked) for rank, entry in enumerate(shown, first)]


def ranking(game: Game, period: Period, board: Sequence[Entry], limit: int, first: int) -> Json:
    kept = board[: game.top_n]
    return {
        "gameId": game.id,
        "period": period.id,
        "order": game.order,
        "topN": game.top_n,
        "from": first,
        "items": _items(kept, lookalikes(kept), limit, first),
        "updatedAt": max((entry.updated_at for entry in kept), default=None),
    }


def submitted(outcomes: Sequence["Outcome"]) -> Json:
    return {
        "accepted": any(outcome.settled.accepted for outcome in outcomes),
        "rankChanged": any(outcome.settled.moved for outcome in outcomes),
        "results": {outcome.period_id: _result(outcome.settled) for outcome in outcomes},
    }


def _result(settled: "Settled") -> Json:
    rank, best, marked = settled.rank, settled.best, lookalikes(settled.rows)
    return {
        "accepted": settled.accepted,
        "rank": rank,
        "best": None if best is None or rank is None else _item(rank, best, marked),
        "top": _items(settled.rows, marked, _TOP),
    }


def cache_control(period: Period, now_ms: int) -> str:
    """Ten minutes, but never past the period's end, when the same URL shows a new board."""
    fresh, stale = _FRESH_SECONDS, _STALE_SECONDS
    if period.ends_ms is not None and period.contains(now_ms):
        left = (period.ends_ms - now_ms) // 1000
        fresh = min(fresh, left)
        stale = min(stale, left - fresh)
    return f"public, max-age=0, s-maxage={fresh}, stale-while-revalidate={stale}"
