"""Runs many small calls in parallel, in constant memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from operations.cli.target import AT_ONCE

Given = TypeVar("Given")
Result = TypeVar("Result")


def each(
    function: Callable[[Given], Result], items: Iterable[Given], at_once: int = AT_ONCE
) -> Iterator[Result]:
    """Yields the results in the order of the items. The first failure stops it."""
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(at_once) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > 2 * at_once:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()
