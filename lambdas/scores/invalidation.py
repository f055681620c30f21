"""Invalidates cached rankings when they change, at a bounded price.

CloudFront charges $0.005 for each path beyond the month's first 1,000. So a game gets one
wildcard path for all its boards, once per window, out of a monthly budget. Changes within a
window show at its end: the first of them asks for an invalidation then. Changes over the budget
show when the cached ranking expires, after ten minutes. So do changes that come while CloudFront
already works on the 15 wildcard paths that it takes at a time.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

from lambdas.scores.ledger_table import InvalidationLedger
from lambdas.scores.settings import RankingCacheSettings
from lambdas.shared.values.clock import iso

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient

TOO_MANY: Final = "TooManyInvalidationsInProgress"
"""CloudFront's error at its limit of invalidations in progress."""

Later = Callable[[str, int], object]
"""Takes a game and the moment at which its rankings are to be invalidated."""


class RankingCache:
    def __init__(
        self,
        ledger: InvalidationLedger,
        make_client: Callable[[], "CloudFrontClient"],
        *,
        distribution_id: str,
        ranking_path: str,
        window_ms: int,
        budget: int,
        on_budget_spent: Callable[[], object] = lambda: None,
        later: Later | None = None,
    ) -> None:
        self._ledger = ledger
        self._make_client = make_client
        self._distribution_id = distribution_id
        self._ranking_path = ranking_path
        self._window_ms = window_ms
        self._budget = budget
        self._on_budget_spent = on_budget_spent
        self._later = later
        self._no_use_before: dict[str, int] = {}
        self._asked_for: dict[str, int] = {}

    @classmethod
    def of(
        cls,
        ledger: InvalidationLedger,
        make_client: Callable[[], "CloudFrontClient"],
        settings: RankingCacheSettings,
        *,
        on_budget_spent: Callable[[], object] = lambda: None,
        later: Later | None = None,
    ) -> Self:
        return cls(
            ledger,
            make_client,
            distribution_id=settings.distribution_id,
            ranking_path=settings.ranking_path,
            window_ms=settings.invalidation_window_seconds * 1000,
            budget=settings.invalidations_a_month,
            on_budget_spent=on_budget_spent,
            later=later,
        )

    def forget(self, game_id: str, now_ms: int) -> bool:
        """Returns whether this call invalidated. Asks the ledger only where the answer is open."""
        if now_ms < self._no_use_before.get(game_id, 0):
            self._at_the_end(game_id, now_ms)
            return False
        wait_until = self._ledger.claim(
            game_id,
            month=iso(now_ms)[:7],
            now_ms=now_ms,
            window_ms=self._window_ms,
            budget=self._budget,
        )
        self._no_use_before[game_id] = wait_until or now_ms + self._window_ms
        if wait_until is None:
            self._invalidate(game_id, now_ms)
            return True
        # The next turn is at most a window away; a longer wait means that the budget is spent.
        if wait_until > now_ms + self._window_ms:
            self._asked_for[game_id] = wait_until
            self._on_budget_spent()
        self._at_the_end(game_id, now_ms)
        return False

    def next_turn_ms(self, game_id: str) -> int:
        """The moment before which asking for an invalidation of the game is of no use."""
        return self._no_use_before.get(game_id, 0)

    def _at_the_end(self, game_id: str, now_ms: int) -> None:
        """Asks for an invalidation at the end of the window, unless someone has."""
        at_ms = self._no_use_before[game_id]
        if self._later is None or self._asked_for.get(game_id) == at_ms:
            return
        self._asked_for[game_id] = at_ms
        if self._ledger.claim_later(
            game_id, month=iso(now_ms)[:7], at_ms=at_ms, budget=self._budget
        ):
            self._later(game_id, at_ms)

    def _invalidate(self, game_id: str, now_ms: int) -> None:
        self._make_client().create_invalidation(
            DistributionId=self._distribution_id,
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": [f"{self._ranking_path}/{game_id}/*"]},
                "CallerReference": f"{game_id}-{now_ms}",
            },
        )
