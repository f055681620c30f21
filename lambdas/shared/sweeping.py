"""Takes the steps of an erasure, and continues where one was interrupted.

It counts a page's items before it deletes them, and stores the end of the page with the count.
So it finishes an interrupted page without counting it again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.erasing import Step, Sweep, Walk
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, Pending, Reached


class Sweeper:
    def __init__(
        self,
        partitions: Partitions,
        jobs: JobTable,
        worker: str,
        *,
        time_left: Callable[[], bool],
        on_change: Callable[[str, str], object] = lambda _table, _partition: None,
    ) -> None:
        """`on_change` gets the table and the partition before something of it goes."""
        self._partitions = partitions
        self._jobs = jobs
        self._worker = worker
        self._time_left = time_left
        self._on_change = on_change

    def take(self, job: Job, step: Step, *, last_round: bool) -> tuple[Job, bool]:
        """False where time is short. Each attempt gets further than the one before."""
        for sweep in step(Walk(self._partitions, job, last_round=last_round)):
            if sweep is None:
                if not self._time_left():
                    return job, False
                continue
            before = job.removed
            job, finished = self._sweep(job, sweep)
            if not finished:
                return job, False
            # An attempt that ended here would read a partition again that others have items in.
            further = job.removed != before and not sweep.owner
            if sweep.reaches is not None:
                job, further = replace(job, reached=sweep.reaches), True
            if further and not self._time_left():
                return job, False
        return job, True

    def finish(self, job: Job) -> Job:
        """Deletes what was counted before an interruption."""
        if (pending := job.pending) is None:
            return job
        self._on_change(pending.table, pending.partition)
        place = (pending.table, pending.partition, pending.prefix, pending.owner)
        after = job.reached.after(pending.partition) if pending.owner else ""
        for page in self._partitions.pages(*place, after):
            due = [key for key in page.keys if key <= pending.through]
            self._partitions.delete(pending.table, pending.partition, due)
            if page.next is None or page.next >= pending.through:
                break
        return replace(job, pending=None)

    def _sweep(self, job: Job, sweep: Sweep) -> tuple[Job, bool]:
        """Remembers how far it is where it leaves other owners' items in place."""
        place = (sweep.table, sweep.partition, sweep.prefix, sweep.owner)
        after = job.reached.after(sweep.partition) if sweep.owner else ""
        for page in self._partitions.pages(*place, after):
            if page.keys:
                kinds = Counter(kind for key in page.keys if (kind := sweep.kind(key)))
                job = job.having(kinds, Pending(*place, through=page.keys[-1]))
                self._jobs.save(job, self._worker)
                self._on_change(sweep.table, sweep.partition)
                self._partitions.delete(sweep.table, sweep.partition, page.keys)
                job = replace(job, pending=None)
            if page.next is None:
                return job, True
            if sweep.owner:
                job = replace(job, reached=Reached(sweep.partition, page.next))
            if not self._time_left():
                return job, False
        return job, True
