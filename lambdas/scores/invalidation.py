"""Cached rankings are forgotten when they change, at a bounded price.

CloudFront takes $0.005 for each path beyond the month's first 1,000, so a game
gets one wildcard path for all its boards, once a window, out of a monthly budget.
What comes later in a window, and what the budget leaves out, the cache's own ten minutes do.
They do, too, where CloudFront works on 15 wildcard paths of the distribution already.
"""

from collections.abc import Callable
from typing import Any, Final

from lambdas.scores.periods import iso
from lambdas.scores.table import ScoreTable

TOO_MANY: Final = "TooManyInvalidationsInProgress"
"""CloudFront's error where it works on as many as it takes at a time."""


class RankingCache:
    def __init__(
        self,
        ledger: ScoreTable,
        make_client: Callable[[], Any],
        *,
        distribution_id: str,
        ranking_path: str,
        window_ms: int,
        budget: int,
        on_budget_spent: Callable[[], object] = lambda: None,
    ) -> None:
        self._ledger = ledger
        self._make_client = make_client
        self._distribution_id = distribution_id
        self._ranking_path = ranking_path
        self._window_ms = window_ms
        self._budget = budget
        self._on_budget_spent = on_budget_spent
        self._no_use_before: dict[str, int] = {}

    def forget(self, game_id: str, now_ms: int) -> bool:
        """Whether this call invalidated; an instance that knows the answer does not ask."""
        if now_ms < self._no_use_before.get(game_id, 0):
            return False
        wait_until = self._ledger.claim_invalidation(
            game_id,
            month=iso(now_ms)[:7],
            now_ms=now_ms,
            window_ms=self._window_ms,
            budget=self._budget,
        )
        self._no_use_before[game_id] = wait_until or now_ms + self._window_ms
        if wait_until is not None:
            # A turn comes again within a window; later than that, only a new month helps.
            if wait_until > now_ms + self._window_ms:
                self._on_budget_spent()
            return False
        self._make_client().create_invalidation(
            DistributionId=self._distribution_id,
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": [f"{self._ranking_path}/{game_id}/*"]},
                "CallerReference": f"{game_id}-{now_ms}",
            },
        )
        return True
