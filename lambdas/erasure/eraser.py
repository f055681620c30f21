"""What an erasure goes through, step by step, from wherever it was interrupted.

What a page holds is counted before it is deleted, and how far the page reaches is kept with
the count: a page that was cut short is finished without being counted again.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from lambdas.creators.table import CreatorTable
from lambdas.data.table import PUBLIC, DataTable, collection_partition, owner_prefix
from lambdas.secrets.env_vars import creator_owner, project_owner
from lambdas.shared.counters.table import counters_of
from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.keys.tokens import SESSION_SECONDS
from lambdas.shared.records.audit import months_between
from lambdas.shared.records.jobs import Job, JobTable, Pending, Reached, Target
from lambdas.shared.records.projects import UnknownProject
from lambdas.shared.values.clock import day_after, day_of, days_between, iso
from lambdas.shared.values.uuids import made_ms
from lambdas.telemetry.table import SHARDS, partition, partition_of, pointers, pointers_of

TELEMETRY: Final = "telemetry"
DATA: Final = "data"
SECRETS: Final = "secrets"
_ROUNDS: Final = 2
"""The second finds what was still being written when the first went by."""
_LAST: Final = _ROUNDS - 1
_ASKED_AGAIN_SECONDS: Final = 7 * 86_400
"""What leads to other things goes in this one: until then there may come more of them."""
_END: Final = "~"
"""Behind every sort key of a collection."""
_AUDIT_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Sweep:
    table: str
    partition: str
    kind: Callable[[str], str]
    """What an item is, told by its sort key; what is of no interest is nothing."""
    prefix: str = ""
    owner: str = ""
    """Where it is about one player's things among others."""
    reaches: Reached | None = None
    """What its step has come to when it is done."""


@dataclass(frozen=True, slots=True)
class Collections:
    """All of a project's, however many there are by then; of one player, if it is named."""

    project_id: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Sessions:
    """All that a player has begun."""

    project_id: str
    player: str


@dataclass(frozen=True, slots=True)
class Blur:
    """The audit of a month stays, without telling what it was about."""

    month: str


Step = Sweep | Collections | Sessions | Blur


class Eraser:
    def __init__(
        self,
        partitions: Partitions,
        data: DataTable,
        creators: CreatorTable,
        jobs: JobTable,
        *,
        worker: str,
        clock_ms: Callable[[], int],
        time_left: Callable[[], bool],
    ) -> None:
        self._partitions = partitions
        self._data = data
        self._creators = creators
        self._jobs = jobs
        self._worker = worker
        self._clock_ms = clock_ms
        self._time_left = time_left

    def work_on(self, job_id: str, *, lease_s: int, settled: Callable[[Job], bool]) -> Job:
        """To the job's end, or for as long as there is time; the job as it is then."""
        now_s = self._clock_ms() // 1000
        job = self._jobs.claim(job_id, self._worker, now_s=now_s, until_s=now_s + lease_s)
        try:
            job = self._through_rounds(job, settled)
        except Exception:
            # Whoever tries again need not wait for the lease to end.
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
        """To the end of the round, if there is time."""
        self._finish(job)
        if job.kind == "creator" and (job.round, job.done) == (0, 0):
            job = self._take_projects(job)
        for step in islice(self._steps(job), job.done, None):
            job, finished = self._take(job, step)
            if not finished:
                return job
            job = replace(job, done=job.done + 1, reached=Reached())
            if not self._time_left():
                return job
        return replace(job, round=job.round + 1, done=0)

    def _take_projects(self, job: Job) -> Job:
        """First of all nothing more is taken for them."""
        for listed in self._creators.projects(job.creator_id):
            try:
                project = self._creators.project(listed.id, job.creator_id)
            except UnknownProject:
                continue
            target = Target(project.id, project.created_at[:10])
            taken = replace(job, targets=(*job.targets, target), taken_ms=self._clock_ms())
            taken = taken.having(Counter(projects=1), None)
            if self._creators.remove(project, self._jobs.saving(taken, self._worker)):
                job = taken
        return job

    def _steps(self, job: Job) -> Iterator[Step]:
        if job.player is not None:
            project_id = job.targets[0].project_id
            yield Sessions(project_id, job.player)
            yield Collections(project_id, job.player)
            return
        last = day_after(day_of(job.closed_ms), 1)
        for target in job.targets:
            since = max(target.since, day_after(last, -2)) if job.round else target.since
            yield from _of_project(target.project_id, since, last)
        if job.kind == "creator":
            yield Sweep(SECRETS, creator_owner(job.creator_id), _kind_of_secret)
            since = self._creators.known_since(job.creator_id) or iso(job.began_ms)
            for month in months_between(since, last):
                yield Blur(month)

    def _take(self, job: Job, step: Step) -> tuple[Job, bool]:
        if isinstance(step, Blur):
            return job, self._blur(job.creator_id, step.month)
        if isinstance(step, Sweep):
            return self._sweep(job, step)
        sweeps = (
            self._of_sessions(job, step)
            if isinstance(step, Sessions)
            else self._of_collections(job, step)
        )
        for sweep in sweeps:
            job, finished = self._sweep(job, sweep)
            if not finished:
                return job, False
            if sweep.reaches is not None:
                job = replace(job, reached=sweep.reaches)
                if not self._time_left():
                    return job, False
        return job, True

    def _of_sessions(self, job: Job, step: Sessions) -> Iterator[Sweep]:
        """A session's items before what points to it: so the way to them is not lost."""
        pointing = pointers_of(step.project_id, step.player)
        after = _after(job.reached, pointing)
        for page in self._partitions.pages(
            TELEMETRY, pointing, prefix=f"{step.player}#", after=after
        ):
            for key in page.keys:
                session_id = key.rpartition("#")[2]
                home = partition_of(step.project_id, session_id)
                reaches = Reached(pointing, key)
                if job.round < _LAST or _goes_on(session_id, job.began_ms):
                    self._shorten(pointing, key, session_id)
                    yield Sweep(TELEMETRY, home, _kind_of_telemetry, session_id, reaches=reaches)
                else:
                    yield Sweep(TELEMETRY, home, _kind_of_telemetry, session_id)
                    yield Sweep(TELEMETRY, pointing, lambda _: "pointers", key, reaches=reaches)

    def _shorten(self, pointing: str, key: str, session_id: str) -> None:
        """What leads to a session that goes on stays for whoever asks again, and not for a year."""
        expires_s = made_ms(session_id) // 1000 + _ASKED_AGAIN_SECONDS
        self._partitions.shorten(TELEMETRY, pointing, key, expires_s)

    def _of_collections(self, job: Job, step: Collections) -> Iterator[Sweep]:
        for collection in self._data.collections(step.project_id):
            place = collection_partition(step.project_id, collection)
            reaches = Reached(place, _END)
            if job.reached >= reaches:
                continue
            if not step.owner:
                yield Sweep(DATA, place, lambda _: "items", reaches=reaches)
                continue
            yield Sweep(DATA, place, lambda _: "items", PUBLIC, step.owner)
            yield Sweep(DATA, place, lambda _: "items", owner_prefix(step.owner), reaches=reaches)
        if not step.owner and job.round == _LAST:
            yield Sweep(DATA, step.project_id, lambda _: "")

    def _sweep(self, job: Job, sweep: Sweep) -> tuple[Job, bool]:
        """What is not the owner's stays, so that how far it is has to be kept."""
        place = (sweep.table, sweep.partition, sweep.prefix, sweep.owner)
        after = _after(job.reached, sweep.partition) if sweep.owner else ""
        for page in self._partitions.pages(*place, after):
            if page.keys:
                kinds = Counter(kind for key in page.keys if (kind := sweep.kind(key)))
                job = job.having(kinds, Pending(*place, through=page.keys[-1]))
                self._jobs.save(job, self._worker)
                self._partitions.delete(sweep.table, sweep.partition, page.keys)
                job = replace(job, pending=None)
            if page.next is None:
                return job, True
            if sweep.owner:
                job = replace(job, reached=Reached(sweep.partition, page.next))
            if not self._time_left():
                return job, False
        return job, True

    def _finish(self, job: Job) -> None:
        if (pending := job.pending) is None:
            return
        place = (pending.table, pending.partition, pending.prefix, pending.owner)
        after = _after(job.reached, pending.partition) if pending.owner else ""
        for page in self._partitions.pages(*place, after):
            due = [key for key in page.keys if key <= pending.through]
            self._partitions.delete(pending.table, pending.partition, due)
            if page.next is None or page.next >= pending.through:
                return

    def _blur(self, creator_id: str, month: str) -> bool:
        after: str | None = None
        while True:
            page = self._creators.audit(creator_id, month, after=after, limit=_AUDIT_PAGE)
            for record in page.records:
                if record.tells_more:
                    self._creators.blur(record)
            if page.next is None:
                return True
            if not self._time_left():
                return False
            after = page.next


def _after(reached: Reached, partition: str) -> str:
    return reached.key if reached.partition == partition else ""


def _goes_on(session_id: str, at_ms: int) -> bool:
    """Whether something may still come of it, which must be found when it is forgotten again."""
    return made_ms(session_id) + SESSION_SECONDS * 1000 > at_ms


def _of_project(project_id: str, since: str, last: str) -> Iterator[Step]:
    for day in days_between(since, last):
        for shard in range(SHARDS):
            yield Sweep(TELEMETRY, partition(project_id, day, shard), _kind_of_telemetry)
    for shard in range(SHARDS):
        yield Sweep(TELEMETRY, pointers(project_id, shard), lambda _: "pointers")
    yield Sweep(TELEMETRY, counters_of(project_id), lambda _: "days")
    yield Collections(project_id)
    yield Sweep(SECRETS, project_owner(project_id), _kind_of_secret)


def _kind_of_telemetry(key: str) -> str:
    return {"0": "sessions", "E": "events", "C": "scores"}[key.split("#")[1]]


def _kind_of_secret(key: str) -> str:
    return "keys" if key.startswith("ENV#") else ""
