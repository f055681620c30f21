"""How the ScoreTable stores the month's ledger of invalidations."""

from typing import Final

from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable

TURN: Final = "at#"
"""Before a game's id: when the game had its last invalidation of the month."""
_KEPT_SECONDS: Final = 62 * 24 * 3600
_BUDGET_SPENT_MS: Final = 600_000
"""Asking costs a write unit, and an operator rarely raises the budget, so ask seldom."""


def ledger_key(month: str) -> Item:
    return {"PK": "INVALIDATIONS", "SK": month}


class InvalidationLedger(MeteredTable):
    def claim(
        self, game_id: str, *, month: str, now_ms: int, window_ms: int, budget: int
    ) -> int | None:
        """Takes the game's turn in this window out of the month's budget, in one write.

        Returns None when taken, else the moment before which asking again is of no use.
        """
        turn = f"{TURN}{game_id}"
        try:
            self._update(
                ledger_key(month),
                UpdateExpression="SET #turn = :now, expires = :expires ADD spent :one",
                ConditionExpression=(
                    "(attribute_not_exists(#turn) OR #turn <= :before)"
                    " AND (attribute_not_exists(spent) OR spent < :budget)"
                ),
                ExpressionAttributeNames={"#turn": turn},
                ExpressionAttributeValues={
                    ":now": now_ms,
                    ":before": now_ms - window_ms,
                    ":budget": budget,
                    ":one": 1,
                    ":expires": now_ms // 1000 + _KEPT_SECONDS,
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failed:
            next_turn = int(failed.item.get(turn, 0)) + window_ms
            return next_turn if next_turn > now_ms else now_ms + _BUDGET_SPENT_MS
        return None
