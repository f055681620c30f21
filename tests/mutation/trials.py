"""The tests as judges: run on the tree as it is, then on each mutant."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from tests.mutation.mutants import Mutant
from tests.mutation.rooms import Stage
from tests.mutation.trees import Tree

_PYTEST: Final = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=short")
_NO_TESTS: Final = 5
_SLOWER: Final = 4
"""The factor on the unmutated run's time after which a mutant counts as an endless loop."""
_LEAST_SECONDS: Final = 60


class TreeFailsError(Exception):
    """The tests must pass before they can judge."""

    def __init__(self, stage: Stage, said: str) -> None:
        super().__init__(
            f"these tests fail without any mutant, so they cannot judge one: "
            f"{' '.join(stage)}\n{said}"
        )


class EndedError(Exception):
    """The run was interrupted, so the tests that were killed say nothing of the mutant."""


class Outcome(Enum):
    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"

    @property
    def noticed(self) -> bool:
        return self is not Outcome.SURVIVED


@dataclass(frozen=True)
class Trial:
    mutant: Mutant
    outcome: Outcome
    seconds: float


class Judges:
    """Runs of pytest, all of which can be ended at once."""

    def __init__(self, least_seconds: float = _LEAST_SECONDS) -> None:
        self._least_seconds = least_seconds
        self._took: dict[Stage, float] = {}
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._ended = False

    def rehearse(self, tree: Tree, stages: Sequence[Stage]) -> float:
        """Seconds that the tests take on the tree as it is, where they must pass."""
        for stage in stages:
            if stage not in self._took:
                self._took[stage] = self._rehearsed(tree, stage)
        return sum(self._took[stage] for stage in stages)

    def try_one(
        self, tree: Tree, mutant: Mutant, stages: Sequence[Stage], usual_seconds: float
    ) -> Trial:
        began = time.monotonic()
        original = tree.read(mutant.path)
        tree.write(mutant.path, mutant.applied(original))
        try:
            patience = max(self._least_seconds, _SLOWER * usual_seconds)
            outcome = self._judged(tree.root, stages, patience)
        finally:
            tree.write(mutant.path, original)
        return Trial(mutant, outcome, time.monotonic() - began)

    def end(self) -> None:
        with self._lock:
            self._ended = True
            for process in self._running:
                _kill(process)

    def _rehearsed(self, tree: Tree, stage: Stage) -> float:
        began = time.monotonic()
        with tempfile.TemporaryFile() as output:
            returned = self._run(tree.root, stage, None, output.fileno(), {})
            output.seek(0)
            if returned:
                raise TreeFailsError(stage, output.read().decode(errors="replace")[-4000:])
        return time.monotonic() - began

    def _judged(self, root: Path, stages: Sequence[Stage], patience: float) -> Outcome:
        # Bytecode of a mutant must not be found when the file is whole again.
        once = {"PYTHONDONTWRITEBYTECODE": "1"}
        for stage in stages:
            try:
                returned = self._run(root, stage, patience, subprocess.DEVNULL, once)
            except subprocess.TimeoutExpired:
                return Outcome.TIMED_OUT
            if returned:
                return Outcome.KILLED
        return Outcome.SURVIVED

    def _run(
        self,
        root: Path,
        stage: Stage,
        patience: float | None,
        output: int,
        more: dict[str, str],
    ) -> int:
        """The same draws of examples each time; a group of its own, which ends as a whole."""
        environment = os.environ | {"PYTHONPATH": str(root), "CI": "1"} | more
        command = [sys.executable, *_PYTEST, *stage]
        process = subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with self._known(process):
            returned = process.wait(patience)
        if self._ended:
            raise EndedError
        if returned == _NO_TESTS:
            raise TreeFailsError(stage, "no test was found")
        return returned

    @contextmanager
    def _known(self, process: "subprocess.Popen[bytes]") -> Iterator[None]:
        with self._lock:
            self._running.add(process)
            if self._ended:
                _kill(process)
        try:
            yield
        finally:
            _kill(process)
            process.wait()
            with self._lock:
                self._running.discard(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
