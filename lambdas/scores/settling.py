"""Has boards settled after rows of them went or moved, as after an operator's change.

The trim fills each board from its reserve and publishes the thresholds. Then the cached rankings
are invalidated.
"""

import time
from collections.abc import Callable, Collection
from typing import Any, Final

from lambdas.scores.table import board_of

_AT_ONCE: Final = 500
_TRIMMED_MS: Final = 5_000
"""By then the trim of a few boards is done, so that the next reader sees its result."""

Invoke = Callable[[str, dict[str, Any]], object]


class Settling:
    def __init__(
        self,
        invoke: Invoke,
        *,
        trim: str,
        refresh: str,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._invoke = invoke
        self._trim = trim
        self._refresh = refresh
        self._clock_ms = clock_ms

    def settle(self, keys: Collection[str]) -> None:
        """Of these boards, by their partition keys."""
        boards = sorted(set(map(board_of, keys)))
        for start in range(0, len(boards), _AT_ONCE):
            some = boards[start : start + _AT_ONCE]
            self._invoke(self._trim, {"boards": [list(each) for each in some]})
        at_ms = self._clock_ms() + _TRIMMED_MS
        for game in sorted({game for game, _ in boards}):
            self._invoke(self._refresh, {"game": game, "at": at_ms, "again": True})
