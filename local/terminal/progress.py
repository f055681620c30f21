"""Shows the current step and the time it takes."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self


class Step:
    """One line on the terminal; note() adds the current detail."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._note = ""
        self._started = time.monotonic()
        self._live = sys.stdout.isatty()
        self._done = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        if self._live:
            self._ticker.start()
        else:
            print(f"… {self._name}", flush=True)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._done.set()
        if self._live:
            self._ticker.join()
            print("\r\033[K", end="")
        mark = "✗" if kind else "✓"
        print(f"{mark} {self._name} ({self._elapsed():.1f} s)", flush=True)

    def note(self, text: str) -> None:
        self._note = text

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _tick(self) -> None:
        while not self._done.wait(0.2):
            line = f"… {self._name} ({self._elapsed():.0f} s) {self._note}"
            print(f"\r\033[K{line[:100]}", end="", flush=True)


@contextmanager
def step(name: str) -> Iterator[Step]:
    with Step(name) as running:
        yield running
