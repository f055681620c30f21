"""The account's budget of model calls, taken in blocks so that a message costs no write for it."""

import time
from collections.abc import Callable
from typing import Final

from lambdas.players.errors import Asleep
from lambdas.players.table import BUDGET_DAYS, PlayerTable
from lambdas.shared.values.clock import day_of

BLOCK: Final = 50
DAY_SECONDS: Final = 24 * 3600
ASKED_AGAIN_SECONDS: Final = 60
"""An operator may raise the budget. Asking costs a write unit."""


def until_midnight(now_s: int) -> int:
    return DAY_SECONDS - now_s % DAY_SECONDS


class Budget:
    """Of one instance. Calls that it has taken and not used are lost with it."""

    def __init__(
        self,
        table: PlayerTable,
        calls_a_day: int,
        *,
        block: int = BLOCK,
        on_spent: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = table
        self._most = calls_a_day
        self._block = min(block, max(calls_a_day, 1))
        self._on_spent = on_spent
        self._clock = clock
        self._day = ""
        self._left = 0
        self._asleep_until = float("-inf")

    def check(self, now_ms: int) -> None:
        """Raises Asleep where there is no call left."""
        day, now_s = day_of(now_ms), now_ms // 1000
        if day != self._day:
            self._day, self._left, self._asleep_until = day, 0, float("-inf")
        if self._left:
            return
        if self._clock() < self._asleep_until:
            raise Asleep(until_midnight(now_s))
        expires_s = now_s + BUDGET_DAYS * DAY_SECONDS
        if not self._table.take_calls(day, self._block, self._most, expires_s):
            self._asleep_until = self._clock() + ASKED_AGAIN_SECONDS
            self._on_spent()
            raise Asleep(until_midnight(now_s))
        self._left = self._block

    def use(self) -> None:
        self._left -= 1
