"""The latest requests, and the number of requests of each kind."""

from __future__ import annotations

import threading
from collections import Counter, deque
from operator import itemgetter
from typing import Final

from local.edge.behaviours import DEFAULT_PATTERN
from local.edge.handled import Handled

_REMEMBERED: Final = 200


class Recent:
    """Files are kept apart, because a page's many files would displace the API calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: deque[tuple[int, Handled]] = deque(maxlen=_REMEMBERED)
        self._calls: deque[tuple[int, Handled]] = deque(maxlen=_REMEMBERED)
        self._verdicts: Counter[str] = Counter()
        self._store_reads = 0

    def add(self, handled: Handled) -> None:
        with self._lock:
            self._verdicts[handled.verdict] += 1
            self._store_reads += len(handled.reads)
            latest = self._files if handled.behaviour == DEFAULT_PATTERN else self._calls
            latest.append((self._verdicts.total(), handled))

    def numbered(self) -> list[tuple[int, Handled]]:
        """In the order of arrival, numbered from 1."""
        with self._lock:
            both = [*self._files, *self._calls]
        return sorted(both, key=itemgetter(0))

    def verdicts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._verdicts)

    def store_reads(self) -> int:
        return self._store_reads
