"""The job that erases a person: it reports what it removed, and goes on after a crash."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from lambdas.players.table import Account, PlayerTable
from lambdas.players.users import User
from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.erasing import Step
from lambdas.shared.forgetting import Forgettable, Person
from lambdas.shared.http.errors import Busy
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, Pseudonym, Reached
from lambdas.shared.sweeping import Sweeper
from lambdas.shared.values.uuids import uuid7

_TRIES: Final = 4


class PersonEraser:
    def __init__(
        self,
        forgettables: Sequence[Forgettable],
        table: PlayerTable,
        jobs: JobTable,
        *,
        worker: str,
        clock_ms: Callable[[], int],
        time_left: Callable[[], bool] = lambda: True,
        partitions: Partitions | None = None,
        on_unfollowed: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._forgettables = forgettables
        self._table = table
        self._jobs = jobs
        self._worker = worker
        self._clock_ms = clock_ms
        self._time_left = time_left
        self._on_unfollowed = on_unfollowed
        self._changed: defaultdict[str, set[str]] = defaultdict(set)
        self._sweeper = Sweeper(
            partitions
            or Partitions(forgettables[0].client, {each.name: each.table for each in forgettables}),
            jobs,
            worker,
            time_left=time_left,
            on_change=lambda table, partition: self._changed[table].add(partition),
        )

    def work_on(self, job_id: str, *, lease_s: int) -> Job:
        """To the job's end, or for as long as there is time."""
        now_s = self._clock_ms() // 1000
        job = self._jobs.claim(job_id, self._worker, now_s=now_s, until_s=now_s + lease_s)
        try:
            job, finished = self._through(job)
        except Exception:
            self._jobs.release(self._jobs.read(job_id), self._worker)
            raise
        finally:
            for each in self._forgettables:
                follow(each, self._changed.pop(each.name, ()), self._on_unfollowed)
        if finished:
            return self._jobs.end(job, self._clock_ms())
        self._jobs.release(job, self._worker)
        return job

    def _through(self, job: Job) -> tuple[Job, bool]:
        job = self._sweeper.finish(job)
        for step in islice(self._steps(job), job.done, None):
            job, finished = self._sweeper.take(job, step, last_round=True)
            if not finished:
                return job, False
            job = replace(job, done=job.done + 1, reached=Reached())
            if not self._time_left():
                self._jobs.save(job, self._worker)
                return job, False
        return job, True

    def _steps(self, job: Job) -> Iterator[Step]:
        """They depend on items that go last, so they are the same after each crash."""
        user = self._table.erased(job.creator_id)
        if user is None:
            return
        person = person_of(user, job.began_ms, job.pseudonyms)
        for each in self._forgettables:
            yield from each.of_person(person)
        for each in self._forgettables:
            yield from each.at_last(person)


def follow(
    forgettable: Forgettable, partitions: Collection[str], on_failure: Callable[[str], object]
) -> None:
    """The data is gone, so a failure is reported and not raised: the capability's own schedule
    makes up for it.
    """
    if not partitions:
        return
    try:
        forgettable.follow(partitions)
    except Exception:  # noqa: BLE001 - whatever it is, the others follow
        on_failure(forgettable.name)


def person_of(user: User, at_ms: int, pseudonyms: tuple[Pseudonym, ...] = ()) -> Person:
    return Person(user_ids=user.ids, player_ids=user.player_ids, pseudonyms=pseudonyms, at_ms=at_ms)


def begin_erasing(
    table: PlayerTable,
    jobs: JobTable,
    account_of: Callable[[], Account],
    now_ms: int,
    pseudonyms: tuple[Pseudonym, ...] = (),
) -> Job:
    """The account is gone for everybody, and a job removes what is left of it."""
    for _ in range(_TRIES):
        account = account_of()
        job = Job(
            id=uuid7(now_ms), kind="player", creator_id=account.user.id, pseudonyms=pseudonyms
        )
        try:
            if table.begin_erasing(account, job.id, *jobs.opening(job)):
                return job
        except Busy:
            continue
    raise Busy


def removal_json(job: Job) -> dict[str, Any]:
    return {
        "jobId": job.id,
        "status": "running" if job.ended_at is None else "done",
        "removed": dict(sorted(job.removed.items())),
    }
