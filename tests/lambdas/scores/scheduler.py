"""Runs tasks that share a client one call at a time, in an order that the test decides.

Between its turns a task waits right before its next call. The test can replay every
interleaving of calls that a real table could see, and the same choices give the same run.
"""

import copy
import threading
from collections.abc import Callable, Sequence
from typing import Any


class Scheduler:
    def __init__(self, client: Any, choose: Callable[[int], int], *, stalest: int = 0) -> None:
        self._client = client
        self._choose = choose
        self._stalest = stalest
        self._tasks: list[_Task] = []
        self._boards: dict[str, list[Any]] = {}
        self._age = 0

    def run(self, tasks: Sequence[Callable[[Any], object]]) -> int:
        """Runs all tasks to their end; the most that were under way at once."""
        waiting = [_Task(self, task) for task in tasks]
        most = 0
        running: list[_Task] = []
        while waiting or running:
            if waiting and (not running or self._choose(2)):
                running.append(waiting.pop(0))
                running[-1].start()
            else:
                self._age = self._choose(self._stalest + 1)
                running[self._choose(len(running))].step()
            most = max(most, len(running))
            running = [task for task in running if not task.done]
        return most

    def call(self, name: str, **request: Any) -> Any:
        answer = getattr(self._client, name)(**request)
        if name != "query":
            return answer
        return answer if request["ConsistentRead"] else self._perhaps_stale(request, answer)

    def _perhaps_stale(self, request: Any, answer: Any) -> Any:
        """An eventually consistent read may show any of the last few states of a board."""
        seen = self._boards.setdefault(str(request["ExpressionAttributeValues"]), [])
        seen.append(copy.deepcopy(answer))
        return seen[-1 - min(self._age, len(seen) - 1)]


class _Task:
    def __init__(self, scheduler: Scheduler, body: Callable[[Any], object]) -> None:
        self._scheduler = scheduler
        self._body = body
        self._turn = threading.Semaphore(0)
        self._paused = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure: BaseException | None = None
        self.done = False

    def start(self) -> None:
        self._thread.start()
        self._wait_for_pause()

    def step(self) -> None:
        self._turn.release()
        self._wait_for_pause()

    def _wait_for_pause(self) -> None:
        self._paused.acquire()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._body(self)
        except BaseException as failure:  # noqa: BLE001 - handed to the test's own thread
            self._failure = failure
        finally:
            self.done = True
            self._paused.release()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self._paused.release()
            self._turn.acquire()
            return self._scheduler.call(name, **request)

        return call
