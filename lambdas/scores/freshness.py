"""Asks for new thresholds at the edge when a board has filled up, or has moved enough to matter.

The edge's store charges $0.003 for a change, as much as it costs to judge about a thousand plays at
the origin. So a game gets one change for all its boards, once per window, out of a monthly
budget. The nightly trim does the rest.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from lambdas.scores.games import Game
from lambdas.scores.ledger_table import ThresholdLedger
from lambdas.scores.periods import period_at
from lambdas.scores.rules import Entry, visible
from lambdas.shared.values.clock import from_iso, iso

if TYPE_CHECKING:
    from lambdas.scores.boards import Outcome

SHARE: Final = 10
"""A board has moved enough when one in this many of its entries is new."""
_BUDGET_SPENT_MS: Final = 600_000

Publish = Callable[[list[list[str]]], object]
"""Takes boards as [game, period], to be trimmed and published."""


class FreshThresholds:
    def __init__(
        self,
        ledger: ThresholdLedger,
        publish: Publish,
        *,
        window_ms: int,
        budget: int,
        on_budget_spent: Callable[[], object] = lambda: None,
    ) -> None:
        self._ledger = ledger
        self._publish = publish
        self._window_ms = window_ms
        self._budget = budget
        self._on_budget_spent = on_budget_spent
        self._last_turns: dict[str, int] = {}
        self._no_use_before: dict[str, int] = {}

    def follow(self, game: Game, outcomes: Sequence["Outcome"], now_ms: int) -> bool:
        """Returns whether this call asked for new thresholds of the game's open boards."""
        moved_ms = max((_moved_ms(game, each, now_ms) for each in outcomes), default=0)
        if moved_ms <= self._last_turns.get(game.id, 0):
            return False
        if now_ms < self._no_use_before.get(game.id, 0) or not self._claims(
            game.id, moved_ms, now_ms
        ):
            return False
        self._publish(open_boards(game, now_ms))
        return True

    def _claims(self, game_id: str, moved_ms: int, now_ms: int) -> bool:
        refused = self._ledger.claim(
            game_id,
            month=iso(now_ms)[:7],
            now_ms=now_ms,
            before_ms=min(now_ms - self._window_ms, moved_ms - 1),
            budget=self._budget,
        )
        last_ms = now_ms if refused is None else refused.last_ms
        self._last_turns[game_id] = last_ms
        self._no_use_before[game_id] = last_ms + self._window_ms
        if refused is not None and refused.spent:
            self._no_use_before[game_id] = now_ms + _BUDGET_SPENT_MS
            self._on_budget_spent()
        return refused is None


def open_boards(game: Game, now_ms: int) -> list[list[str]]:
    return [[game.id, period_at(kind, game.timezone, now_ms).id] for kind in game.periods]


def _moved_ms(game: Game, outcome: "Outcome", now_ms: int) -> int:
    """The moment since which the board has moved enough; 0 where nothing is to be published."""
    if not outcome.changed_ranking:
        return 0
    if outcome.filled:
        return now_ms
    return moved_since(visible(outcome.settled.rows), game.top_n)


def moved_since(rows: Sequence[Entry], top_n: int) -> int:
    """Thresholds published before this moment miss one in ten entries; 0 while there is room."""
    if len(rows) < top_n:
        return 0
    newest = sorted((from_iso(entry.updated_at) for entry in rows), reverse=True)
    return newest[max(1, top_n // SHARE) - 1]
