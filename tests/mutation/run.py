"""A run: copies of the tree, a sample of mutants of each room, and the tests on each mutant."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.mutants import Equivalent, Generator, Mutant, without
from tests.mutation.rooms import Room
from tests.mutation.trees import Tree
from tests.mutation.trials import Judges, Trial

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    sample: int
    """Mutants a room."""
    seed: int
    jobs: int
    minutes: float | None = None
    """After these no mutant is begun."""


class Run:
    def __init__(
        self,
        tree: Tree,
        rooms: Sequence[Room],
        draw: Generator,
        *,
        known: Sequence[Equivalent] = (),
        judges: Judges | None = None,
        say: Say = print,
    ) -> None:
        self._tree = tree
        self._rooms = rooms
        self._draw = draw
        self._known = known
        self._judges = judges or Judges()
        self._say = say
        self.trials: dict[str, list[Trial]] = {}

    def go(self, plan: Plan) -> Mapping[str, Sequence[Trial]]:
        """Runs the plan; after an interruption, `trials` holds the finished trials."""
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            first = self._tree.copied(Path(folder) / "0")
            drawn = [(room, self._mutants(first.root, room, plan)) for room in self._rooms]
            for room, mutants in drawn:
                self._rehearse(first, room, mutants)
            copies = [first.again(Path(folder) / str(n)) for n in range(1, plan.jobs)]
            until = None if plan.minutes is None else time.monotonic() + plan.minutes * 60
            for room, mutants in drawn:
                self._try_all(room, mutants, [first, *copies], until)
        return self.trials

    def _mutants(self, root: Path, room: Room, plan: Plan) -> list[Mutant]:
        drawn = self._draw(root, room.files(root), plan.sample, plan.seed)
        mutants = without(drawn.mutants, self._known)
        self._say(f"{room.name}: {len(mutants)} mutants, of {drawn.places} places to mutate")
        return mutants

    def _rehearse(self, copy: Tree, room: Room, mutants: Sequence[Mutant]) -> None:
        for tests in dict.fromkeys(room.tests_of(mutant.path) for mutant in mutants):
            seconds = self._judges.rehearse(copy, tests.whole())
            self._say(f"{' '.join(tests.paths)}: {seconds:.0f} s without a mutant")

    def _tried(self, copy: Tree, room: Room, mutant: Mutant) -> Trial:
        tests = room.tests_of(mutant.path)
        usual_seconds = self._judges.rehearse(copy, tests.whole())
        stages = tests.stages(copy.root, mutant.path)
        return self._judges.try_one(copy, mutant, stages, usual_seconds)

    def _try_all(
        self, room: Room, mutants: Sequence[Mutant], copies: Sequence[Tree], until: float | None
    ) -> None:
        tried = self.trials.setdefault(room.name, [])
        free: SimpleQueue[Tree] = SimpleQueue()
        for copy in copies:
            free.put(copy)

        def try_one(mutant: Mutant) -> None:
            if until is not None and time.monotonic() >= until:
                return
            copy = free.get()
            try:
                trial = self._tried(copy, room, mutant)
            finally:
                free.put(copy)
            tried.append(trial)
            self._say(
                f"{trial.outcome.value:10} {trial.seconds:5.0f} s  {mutant.path}:{mutant.line}"
            )

        with self._pool(len(copies)) as pool:
            for done in [pool.submit(try_one, mutant) for mutant in mutants]:
                done.result()

    @contextmanager
    def _pool(self, size: int) -> Iterator[ThreadPoolExecutor]:
        pool = ThreadPoolExecutor(size)
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            self._judges.end()
            raise
        finally:
            pool.shutdown()
