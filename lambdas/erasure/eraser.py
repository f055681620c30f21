"""The jobs that erase a project, a player of a project, or a creator with all projects."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.erasing import Erasable, Step
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, Reached
from lambdas.shared.records.table import Creators
from lambdas.shared.sweeping import Sweeper
from lambdas.shared.values.clock import day_after, day_of

_ROUNDS: Final = 2
"""The second round finds what was written while the first one ran."""
_LAST: Final = _ROUNDS - 1


class Eraser:
    def __init__(
        self,
        erasables: Sequence[Erasable],
        partitions: Partitions,
        creators: Creators,
        jobs: JobTable,
        *,
        worker: str,
        clock_ms: Callable[[], int],
        time_left: Callable[[], bool],
    ) -> None:
        self._erasables = erasables
        self._sweeper = Sweeper(partitions, jobs, worker, time_left=time_left)
        self._creators = creators
        self._jobs = jobs
        self._worker = worker
        self._clock_ms = clock_ms
        self._time_left = time_left

    def work_on(self, job_id: str, *, lease_s: int, settled: Callable[[Job], bool]) -> Job:
        """Works to the job's end, or while there is time. Returns the job."""
        now_s = self._clock_ms() // 1000
        job = self._jobs.claim(job_id, self._worker, now_s=now_s, until_s=now_s + lease_s)
        try:
            job = self._through_rounds(job, settled)
        except Exception:
            # A retry need not wait for the lease to end.
            self._jobs.release(self._jobs.read(job_id), self._worker)
            raise
        if job.round < _ROUNDS:
            self._jobs.release(job, self._worker)
            return job
        others = [self._creators.forgetting(job.creator_id)] if job.kind == "creator" else []
        return self._jobs.end(job, self._clock_ms(), *others)

    def _through_rounds(self, job: Job, settled: Callable[[Job], bool]) -> Job:
        while job.round < _ROUNDS and (job.round == 0 or settled(job)):
            before = job.round
            job = self._go_on(job)
            if job.round == before:
                break
            self._jobs.save(job, self._worker)
        return job

    def _go_on(self, job: Job) -> Job:
        """Works to the end of the round, if there is time."""
        job = self._sweeper.finish(job)
        if job.kind == "creator" and (job.round, job.done) == (0, 0):
            job = self._close_projects(job)
        for step in islice(self._steps(job), job.done, None):
            job, finished = self._sweeper.take(job, step, last_round=job.round == _LAST)
            if not finished:
                return job
            job = replace(job, done=job.done + 1, reached=Reached())
            if not self._time_left():
                return job
        return replace(job, round=job.round + 1, done=0)

    def _close_projects(self, job: Job) -> Job:
        """Closes the projects before it deletes anything, so that no more data is written."""
        for erasable in self._erasables:
            for closing in erasable.closing(job.creator_id):
                targets = (*job.targets, closing.target)
                closed = replace(job, targets=targets, taken_ms=self._clock_ms())
                closed = closed.having(Counter(projects=1), None)
                if closing.close(self._jobs.saving(closed, self._worker)):
                    job = closed
        return job

    def _steps(self, job: Job) -> Iterator[Step]:
        if job.player is not None:
            for erasable in self._erasables:
                yield from erasable.of_player(job.targets[0].project_id, job.player)
            return
        last = day_after(day_of(job.closed_ms), 1)
        for target in job.targets:
            since = max(target.since, day_after(last, -2)) if job.round else target.since
            for erasable in self._erasables:
                yield from erasable.of_project(target.project_id, since, last)
        if job.kind == "creator":
            for erasable in self._erasables:
                yield from erasable.of_creator(job, last)
