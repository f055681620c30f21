"""How the ScoreTable stores the month's ledgers: what is spent, and each game's last turn."""

from typing import ClassVar, Final, NamedTuple

from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable

TURN: Final = "at#"
"""Before a game's id: when the game had its last turn of the month."""
_LATER: Final = "later#"
"""Before a game's id: when it gets the invalidation that was put off to the end of a window."""
_KEPT_SECONDS: Final = 62 * 24 * 3600
_BUDGET_SPENT_MS: Final = 600_000
"""Asking costs a write unit, and an operator rarely raises the budget, so ask seldom."""
_WITHIN_BUDGET: Final = "(attribute_not_exists(spent) OR spent < :budget)"


class Refused(NamedTuple):
    """Why a game gets no turn."""

    last_ms: int
    """When it had its last turn of the month; 0 where it had none."""
    spent: bool
    """Whether the month's budget is spent."""


class _Ledger(MeteredTable):
    partition: ClassVar[str]

    def _key(self, month: str) -> Item:
        return {"PK": self.partition, "SK": month}

    def _take(
        self, game_id: str, *, month: str, now_ms: int, before_ms: int, budget: int
    ) -> Refused | None:
        """Takes a turn out of the month's budget, in one write; None when taken.

        The game's last turn must not be later than `before_ms`.
        """
        turn = f"{TURN}{game_id}"
        try:
            self._update(
                self._key(month),
                UpdateExpression="SET #turn = :now, expires = :expires ADD spent :one",
                ConditionExpression=(
                    f"(attribute_not_exists(#turn) OR #turn <= :before) AND {_WITHIN_BUDGET}"
                ),
                ExpressionAttributeNames={"#turn": turn},
                ExpressionAttributeValues={
                    ":now": now_ms,
                    ":before": before_ms,
                    ":budget": budget,
                    ":one": 1,
                    ":expires": now_ms // 1000 + _KEPT_SECONDS,
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failed:
            last_ms, spent = int(failed.item.get(turn, 0)), int(failed.item.get("spent", 0))
            return Refused(last_ms, spent >= budget)
        return None


def ledger_key(month: str) -> Item:
    return {"PK": InvalidationLedger.partition, "SK": month}


class InvalidationLedger(_Ledger):
    partition = "INVALIDATIONS"

    def claim(
        self, game_id: str, *, month: str, now_ms: int, window_ms: int, budget: int
    ) -> int | None:
        """Takes the game's turn in this window out of the month's budget, in one write.

        Returns None when taken, else the moment before which asking again is of no use.
        """
        refused = self._take(
            game_id, month=month, now_ms=now_ms, before_ms=now_ms - window_ms, budget=budget
        )
        if refused is None:
            return None
        next_turn = refused.last_ms + window_ms
        return next_turn if next_turn > now_ms else now_ms + _BUDGET_SPENT_MS

    def claim_later(self, game_id: str, *, month: str, at_ms: int, budget: int) -> bool:
        """Whether the caller is the first to ask for an invalidation of the game at that moment."""
        try:
            self._update(
                self._key(month),
                UpdateExpression="SET #later = :at",
                ConditionExpression=(
                    f"(attribute_not_exists(#later) OR #later < :at) AND {_WITHIN_BUDGET}"
                ),
                ExpressionAttributeNames={"#later": f"{_LATER}{game_id}"},
                ExpressionAttributeValues={":at": at_ms, ":budget": budget},
            )
        except ConditionFailed:
            return False
        return True


class ThresholdLedger(_Ledger):
    partition = "THRESHOLDS"

    def claim(
        self, game_id: str, *, month: str, now_ms: int, before_ms: int, budget: int
    ) -> Refused | None:
        return self._take(game_id, month=month, now_ms=now_ms, before_ms=before_ms, budget=budget)
