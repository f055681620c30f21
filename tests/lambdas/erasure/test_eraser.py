"""Erased items are gone and counted once, wherever the work was interrupted; the rest stays."""

import importlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.creators import erasable as creators
from lambdas.creators.table import CreatorTable
from lambdas.data import erasable as data
from lambdas.data.table import DataTable
from lambdas.data.things import Place, Thing
from lambdas.erasure.eraser import Eraser
from lambdas.secrets import erasable as secrets
from lambdas.secrets.env_vars import creator_owner, project_owner
from lambdas.secrets.table import SecretTable
from lambdas.secrets.vault import Sealed
from lambdas.shared.dynamo import partitions as partitions_module
from lambdas.shared.dynamo.items import packed
from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.erasing import in_order
from lambdas.shared.http.errors import Malformed
from lambdas.shared.records.job_table import JobTable, job_item
from lambdas.shared.records.jobs import Job, LeaseLostError, Target, UnknownJob
from lambdas.shared.records.projects import Project, UnknownProject
from lambdas.shared.values.uuids import uuid7
from lambdas.telemetry import erasable as telemetry
from lambdas.telemetry.records import Event, Score, Session
from lambdas.telemetry.table import SHARDS, TelemetryTable
from local.dynamodb.tables import table_named
from tests.lambdas.lagging import lagging
from tests.lambdas.two_creators import ANN, BOB, NOW, NOW_MS, created, everything, record

DAY_MS = 24 * 3600 * 1000
PLAYER, OTHER_PLAYER = "p" * 22, "q" * 22
_THINGS = [
    *[("saves", PLAYER)] * 2,
    ("saves", OTHER_PLAYER),
    *[("levels", OTHER_PLAYER), ("levels", PLAYER)] * 5,
    ("empty-soon", PLAYER),
]
"""Private collections and public ones."""


class Interrupted(Exception):
    pass


class Frail:
    """A client whose writes end at the n-th: before it is done, or after, unheard."""

    def __init__(self, client: Any, calls: int, *, done: bool) -> None:
        self._client = client
        self._calls = calls
        self._done = done

    def __getattr__(self, name: str) -> Any:
        if not {"write", "update"} & set(name.split("_")):
            return getattr(self._client, name)

        def call(**request: Any) -> Any:
            self._calls -= 1
            if self._calls < 0 and not self._done:
                raise Interrupted
            answer = getattr(self._client, name)(**request)
            if self._calls < 0:
                raise Interrupted
            return answer

        return call


@dataclass
class Stage:
    client: Any

    @property
    def creators(self) -> CreatorTable:
        return CreatorTable(self.client, "creators")

    @property
    def jobs(self) -> JobTable:
        return JobTable(self.client, "creators")

    def eraser(
        self,
        client: Any = None,
        worker: str = "w",
        time_left: Callable[[], bool] = lambda: True,
        at_s: int = 0,
    ) -> Eraser:
        client = client or self.client
        erasables = in_order(
            [
                telemetry.Sessions(client, "telemetry"),
                data.Collections(client, "data"),
                secrets.SealedValues(client, "secrets"),
                creators.Projects(client, "creators"),
            ]
        )
        return Eraser(
            erasables,
            Partitions(client, {each.name: each.table for each in erasables}),
            CreatorTable(client, "creators"),
            JobTable(client, "creators"),
            worker=worker,
            clock_ms=lambda: NOW_MS + at_s * 1000,
            time_left=time_left,
        )

    def work(self, job_id: str, eraser: Eraser | None = None, at_s: int = 0) -> Job:
        eraser = eraser or self.eraser(at_s=at_s)
        return eraser.work_on(job_id, lease_s=60, settled=lambda _: True)

    def items(self, *tables: str) -> list[dict[str, Any]]:
        return [item for table in tables for item in everything(self.client, table)]


@pytest.fixture
def stage(moto: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(partitions_module, "_PAGE", 3)
    with (
        table_named(moto, "telemetry"),
        table_named(moto, "data"),
        table_named(moto, "secrets"),
        table_named(moto, "creators"),
    ):
        yield Stage(moto)


def filled(stage: Stage, creator_id: str = ANN, sessions: int = 3) -> tuple[Project, Counter[str]]:
    """A project with sessions of two players over two days; what there is of it, by kind."""
    project = created(stage.creators, creator_id)
    table = TelemetryTable(stage.client, "telemetry")
    for number in range(sessions):
        at = NOW_MS + number % 2 * DAY_MS
        player = (PLAYER, OTHER_PLAYER)[number % 2]
        session = Session(
            project_id=project.id,
            id=uuid7(at),
            at=at,
            address="a",
            agent=None,
            player=player,
            keep_days=30,
            pointer_days=None,
        )
        table.begin(session)
        table.put_events(event(session) for _ in range(4))
        table.put_score(
            Score(
                project_id=project.id,
                session_id=session.id,
                id=uuid7(at),
                at=at,
                score=5,
                metadata="{}",
                player=player,
                keep_days=None,
            )
        )
    for number, (collection, owner) in enumerate(_THINGS):
        put_thing(stage, project, collection, owner, f"{number}")
    for day in ("D#2026-11-21", "D#2026-11-22"):
        counters = {"PK": {"S": f"C#{project.id}"}, "SK": {"S": day}}
        stage.client.put_item(TableName="telemetry", Item=counters)
    for key in ("A", "B"):
        put_secret(stage, project_owner(project.id), key)
    kinds = Counter(
        sessions=sessions,
        pointers=sessions,
        events=4 * sessions,
        scores=sessions,
        days=2,
        keys=2,
        items=len(_THINGS),
    )
    return project, kinds


def put_thing(
    stage: Stage,
    project: Project,
    collection: str,
    owner: str,
    id_: str,
    table: DataTable | None = None,
) -> None:
    place = Place(
        project_id=project.id,
        collection=collection,
        owner=owner,
        private=collection == "saves",
    )
    thing = Thing(id=id_, owner=owner, data="{}", created_ms=NOW_MS, updated_ms=NOW_MS)
    (table or DataTable(stage.client, "data", undeclared=True)).add(place, thing)


def event(session: Session) -> Event:
    return Event(
        project_id=session.project_id,
        session_id=session.id,
        id=uuid7(session.at),
        at=session.at,
        name="death",
        data="{}",
        client_at=None,
        keep_days=90,
    )


def put_secret(stage: Stage, owner: str, key: str) -> None:
    table = SecretTable(stage.client, "secrets")
    table.put(owner, key, Sealed(b"x", "kms"), NOW, together_with=[])


def deleting(stage: Stage, project: Project) -> Job:
    job = Job(
        id=uuid7(NOW_MS),
        kind="project",
        creator_id=project.creator_id,
        targets=(Target(project.id, project.created_at[:10]),),
    )
    job.removed["projects"] = 1
    assert stage.creators.remove(project, *stage.jobs.opening(job))
    return job


def erasing(stage: Stage, creator_id: str = ANN) -> Job:
    job = Job(id=uuid7(NOW_MS), kind="creator", creator_id=creator_id)
    note = stage.creators.note(record("creator.erase", creator_id))
    assert stage.creators.begin_erasing(creator_id, job.id, note, *stage.jobs.opening(job))
    return job


def forgetting(
    stage: Stage, project: Project, player: str, at_ms: int = NOW_MS + 3 * DAY_MS
) -> Job:
    """When nobody plays any more, unless said otherwise."""
    job = Job(
        id=uuid7(at_ms),
        kind="player",
        creator_id=project.creator_id,
        targets=(Target(project.id, NOW[:10]),),
        player=player,
    )
    stage.jobs.open(job)
    return job


def test_a_deleted_project_leaves_nothing_but_the_audit(stage: Stage) -> None:
    mine, kinds = filled(stage)
    job = deleting(stage, mine)
    done = stage.work(job.id)
    assert done.removed == kinds + Counter(projects=1)
    assert done.ended_at is not None
    assert stage.items("telemetry", "data", "secrets") == []
    assert stage.creators.projects(ANN) == []
    assert stage.jobs.of(ANN, job.id) == done
    assert list(stage.jobs.unfinished()) == []


def test_another_creators_data_is_untouched_by_an_erasure(stage: Stage) -> None:
    filled(stage, BOB)
    put_secret(stage, creator_owner(BOB), "A")
    before = stage.items("telemetry", "data", "secrets", "creators")
    expected = Counter(projects=2, keys=1)
    for _ in range(2):
        expected += filled(stage, ANN)[1]
    put_secret(stage, creator_owner(ANN), "A")
    done = stage.work(erasing(stage).id)
    assert done.removed == expected
    after = stage.items("telemetry", "data", "secrets", "creators")
    left = [item for item in after if item not in before]
    assert [item for item in before if item not in after] == []
    assert {item["PK"]["S"].partition("#")[0] for item in left} == {"AU", "JOB"}
    assert not any("projectId" in item for item in left)
    created(stage.creators, ANN)


def test_wherever_it_was_interrupted_it_goes_on_and_counts_all_once(stage: Stage) -> None:
    writes = 0
    while True:
        _, kinds = filled(stage, sessions=1)
        put_secret(stage, creator_owner(ANN), "A")
        job = erasing(stage)
        try:
            client = Frail(stage.client, writes, done=writes % 4 == 0)
            stage.work(job.id, stage.eraser(client, "first"))
        except Interrupted:
            with suppress(LeaseLostError):  # it was the very last write
                stage.work(job.id, stage.eraser(worker="second", at_s=100))
        else:
            break
        erased = stage.jobs.read(job.id)
        assert erased.ended_at is not None
        assert erased.removed == kinds + Counter(projects=1, keys=1), writes
        assert stage.items("telemetry", "data", "secrets") == []
        writes += 2
    assert writes > 10


def test_short_of_time_it_goes_on_where_it_was(stage: Stage) -> None:
    mine, kinds = filled(stage)
    job = deleting(stage, mine)
    turns = 0
    while (now := stage.work(job.id, stage.eraser(time_left=lambda: False))).ended_at is None:
        turns += 1
    assert now.removed == kinds + Counter(projects=1)
    assert turns > 5
    assert stage.items("telemetry", "data", "secrets") == []


def test_items_that_arrive_during_an_erasure_are_found_in_the_second_round(stage: Stage) -> None:
    mine, kinds = filled(stage)
    job = deleting(stage, mine)
    late = Session(
        project_id=mine.id,
        id=uuid7(NOW_MS),
        at=NOW_MS,
        address="a",
        agent=None,
        player=None,
        keep_days=30,
        pointer_days=None,
    )

    def settled(_: Job) -> bool:
        TelemetryTable(stage.client, "telemetry").begin(late)
        return True

    done = stage.eraser().work_on(job.id, lease_s=60, settled=settled)
    assert done.removed == kinds + Counter(projects=1, sessions=1)
    assert stage.items("telemetry") == []


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_the_second_round_looks_at_the_days_around_the_end_of_the_project(
    stage: Stage, days: int
) -> None:
    """A session lies at the day on which it began.

    Of the day before, it may still be going on; of the day after, it began while the project's
    end was not known everywhere.
    """
    mine, kinds = filled(stage)
    job = deleting(stage, mine)
    late = Session(
        project_id=mine.id,
        id=uuid7(NOW_MS + days * DAY_MS),
        at=NOW_MS + days * DAY_MS,
        address="a",
        agent=None,
        player=None,
        keep_days=30,
        pointer_days=None,
    )

    def settled(_: Job) -> bool:
        TelemetryTable(stage.client, "telemetry").put_events([event(late)])
        return True

    since = replace(job, targets=(Target(mine.id, "2026-11-01"),))
    stage.client.put_item(TableName="creators", Item=packed(job_item(since)))
    done = stage.eraser().work_on(job.id, lease_s=60, settled=settled)
    assert done.removed == kinds + Counter(projects=1, events=1)
    assert stage.items("telemetry") == []


def test_the_second_round_looks_at_no_more_days_however_old_the_project_is(stage: Stage) -> None:
    mine = created(stage.creators, ANN)
    job = deleting(stage, mine)
    old = replace(job, targets=(Target(mine.id, "2026-11-01"),))
    stage.client.put_item(TableName="creators", Item=packed(job_item(old)))
    client = Listening(stage.client)
    rounds: list[int] = []

    def settled(_: Job) -> bool:
        rounds.append(len(client.days))
        return True

    stage.eraser(client).work_on(job.id, lease_s=60, settled=settled)
    assert rounds == [22 * SHARDS]
    assert len(client.days) - rounds[0] == 3 * SHARDS


@pytest.mark.parametrize("about", ["project", "creator", "player"])
def test_the_last_writes_are_erased_too(stage: Stage, about: str) -> None:
    """A read that misses the last writes would leave them behind for good."""
    tables = ("telemetry", "data", "secrets", "creators")
    with lagging(stage.client, *tables) as client:
        mine, kinds = filled(stage)
        if about == "player":
            job = forgetting(stage, mine, PLAYER)
            kinds = Counter(sessions=2, pointers=2, events=8, scores=2, items=8)
        else:
            job = deleting(stage, mine) if about == "project" else erasing(stage)
            kinds += Counter(projects=1)
        eraser = stage.eraser(client)
        assert eraser.work_on(job.id, lease_s=60, settled=lambda _: True).removed == kinds
    if about != "player":
        assert stage.items("telemetry", "data", "secrets") == []


class FailsOnce:
    """A client whose n-th batch of writes fails after it was carried out."""

    def __init__(self, client: Any, batch: int) -> None:
        self._client = client
        self._left = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_write_item(self, **request: Any) -> Any:
        answer = self._client.batch_write_item(**request)
        self._left -= 1
        if self._left == 0:
            raise Interrupted
        return answer


def test_work_that_failed_is_given_back_as_it_was_saved_last(stage: Stage) -> None:
    """Given back as an older view shows it, what is deleted already would never be counted."""
    mine, kinds = filled(stage)
    job = deleting(stage, mine)
    with lagging(stage.client, "telemetry", "data", "secrets", "creators") as client:
        with pytest.raises(Interrupted):
            stage.work(job.id, stage.eraser(FailsOnce(client, 5)))
        assert stage.jobs.read(job.id).pending is not None
    assert stage.work(job.id).removed == kinds + Counter(projects=1)


def test_items_that_arrive_in_a_cached_collection_are_found_as_well(
    stage: Stage,
) -> None:
    mine, kinds = filled(stage)
    warm = DataTable(stage.client, "data", undeclared=True)
    put_thing(stage, mine, "levels", PLAYER, "before", warm)
    job = deleting(stage, mine)

    def settled(_: Job) -> bool:
        put_thing(stage, mine, "levels", PLAYER, "late", warm)
        return True

    done = stage.eraser().work_on(job.id, lease_s=60, settled=settled)
    assert done.removed == kinds + Counter(projects=1, items=2)
    assert stage.items("data") == []


def test_a_creator_s_projects_are_believed_in_until_they_were_taken_away(stage: Stage) -> None:
    """However long after its birth the work began."""
    filled(stage)
    job = erasing(stage)
    days = 5
    late = Session(
        project_id=stage.creators.projects(ANN)[0].id,
        id=uuid7(NOW_MS + days * DAY_MS),
        at=NOW_MS + days * DAY_MS,
        address="a",
        agent=None,
        player=None,
        keep_days=30,
        pointer_days=None,
    )
    asked: list[Job] = []

    def settled(job: Job) -> bool:
        TelemetryTable(stage.client, "telemetry").begin(late)
        asked.append(job)
        return True

    eraser = stage.eraser(at_s=days * DAY_MS // 1000)
    eraser.work_on(job.id, lease_s=60, settled=settled)
    assert [each.closed_ms for each in asked] == [late.at]
    assert stage.jobs.read(job.id).closed_ms == late.at
    assert stage.items("telemetry") == []


def test_a_job_that_does_not_say_when_its_projects_went_lost_them_at_its_birth(
    stage: Stage,
) -> None:
    job = deleting(stage, filled(stage)[0])
    stage.client.update_item(
        TableName="creators",
        Key={"PK": {"S": f"JOB#{job.id}"}, "SK": {"S": "JOB"}},
        UpdateExpression="REMOVE takenAt, reached",
    )
    assert stage.jobs.read(job.id).closed_ms == job.began_ms
    assert stage.work(job.id).ended_at is not None


def test_it_waits_until_no_cache_holds_the_deleted_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = {
        "TELEMETRY_TABLE": "telemetry",
        "DATA_TABLE": "data",
        "CREATOR_TABLE": "creators",
        "SECRET_TABLE": "secrets",
        "TUNNEL_TABLE": "tunnels",
        "FUNCTION_NAME": "erase",
        "SETTLE_SECONDS": "120",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    erase = importlib.reload(importlib.import_module("lambdas.erasure.erase"))
    slept: list[float] = []
    monkeypatch.setattr(erase.time, "sleep", slept.append)
    monkeypatch.setattr(erase.time, "time_ns", lambda: (NOW_MS + DAY_MS) * 1_000_000)
    job = Job(id=uuid7(NOW_MS), kind="creator", creator_id=ANN, taken_ms=NOW_MS + DAY_MS - 20_000)
    assert not erase._settled(job, left_ms=99_000)
    assert erase._settled(job, left_ms=101_000)
    assert erase._settled(replace(job, taken_ms=None), left_ms=0)
    assert slept == [100, 0]


class EraseFunction:
    """The function of its own, and whom it has handed jobs on to."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = {
            "TELEMETRY_TABLE": "telemetry",
            "DATA_TABLE": "data",
            "CREATOR_TABLE": "creators",
            "SECRET_TABLE": "secrets",
            "TUNNEL_TABLE": "tunnels",
            "FUNCTION_NAME": "erase",
            "SETTLE_SECONDS": "0",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        self.stage = stage
        self.handed_on: list[str] = []
        self._module = importlib.reload(importlib.import_module("lambdas.erasure.erase"))
        monkeypatch.setattr(self._module, "_now_ms", lambda: NOW_MS)
        monkeypatch.setattr(self._module, "boto3", SimpleNamespace(client=lambda *_, **__: self))

    def invoke(self, **request: Any) -> None:
        assert (request["FunctionName"], request["InvocationType"]) == ("erase", "Event")
        self.handed_on.append(json.loads(request["Payload"])["jobId"])

    def call(self, left_ms: int = 900_000, **event: Any) -> Any:
        context = SimpleNamespace(
            aws_request_id="request-1", get_remaining_time_in_millis=lambda: left_ms
        )
        return self._module.handler(event, context)


@pytest.fixture
def erase(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> EraseFunction:
    return EraseFunction(stage, monkeypatch)


def test_a_job_that_was_done_in_time_is_handed_on_to_nobody(erase: EraseFunction) -> None:
    mine, kinds = filled(erase.stage)
    job = deleting(erase.stage, mine)
    assert erase.call(jobId=job.id) is None
    assert erase.stage.jobs.read(job.id).removed == kinds + Counter(projects=1)
    assert erase.handed_on == []


def test_a_job_is_handed_on_half_a_minute_before_the_time_is_over(erase: EraseFunction) -> None:
    job = deleting(erase.stage, filled(erase.stage)[0])
    erase.call(left_ms=30_000, jobId=job.id)
    assert erase.stage.jobs.read(job.id).ended_at is None
    assert erase.handed_on == [job.id]
    erase.call(left_ms=30_001, jobId=job.id)
    assert erase.stage.jobs.read(job.id).ended_at is not None
    assert erase.handed_on == [job.id]


def test_a_job_that_another_works_on_is_left_to_them(erase: EraseFunction) -> None:
    job = deleting(erase.stage, filled(erase.stage)[0])
    now_s = NOW_MS // 1000
    erase.stage.jobs.claim(job.id, "another", now_s=now_s, until_s=now_s + 60)
    assert erase.call(jobId=job.id) is None
    assert erase.stage.jobs.read(job.id).done == 0
    assert erase.handed_on == []


def test_a_lease_lasts_a_minute_longer_than_its_worker(erase: EraseFunction) -> None:
    """Until then a worker that was cut off may still be about to write."""
    job = deleting(erase.stage, filled(erase.stage)[0])
    leases: list[int] = []
    claim = JobTable.claim

    def claimed(*arguments: Any, now_s: int, until_s: int) -> Job:
        leases.append(until_s - now_s)
        return claim(*arguments, now_s=now_s, until_s=until_s)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JobTable, "claim", claimed)
        erase.call(left_ms=900_000, jobId=job.id)
    assert leases == [900 + 60]


def test_an_operator_begins_a_creator_s_erasure_once(erase: EraseFunction) -> None:
    filled(erase.stage)
    first = erase.call(creatorId=ANN.upper())
    assert erase.call(creatorId=ANN) == first
    assert erase.handed_on == [first["jobId"]] * 2
    job = erase.stage.jobs.read(first["jobId"])
    assert (job.kind, job.creator_id) == ("creator", ANN)
    audit = erase.stage.creators.audit(ANN, "2026-11", after=None, limit=10).records
    assert [each.action for each in audit].count("creator.erase") == 1
    with pytest.raises(Malformed, match="creatorId: not a UUID"):
        erase.call(creatorId="7")


def test_each_hour_the_jobs_that_nobody_finished_are_handed_on(erase: EraseFunction) -> None:
    jobs = [deleting(erase.stage, filled(erase.stage)[0]) for _ in range(2)]
    erase.stage.work(jobs[0].id)
    assert erase.call() is None
    assert erase.handed_on == [jobs[1].id]


def test_until_the_dust_has_settled_it_is_not_done(stage: Stage) -> None:
    job = deleting(stage, filled(stage)[0])
    waiting = stage.eraser().work_on(job.id, lease_s=60, settled=lambda _: False)
    assert waiting.ended_at is None
    assert list(stage.jobs.unfinished()) == [job.id]
    assert stage.work(job.id).ended_at is not None


def test_two_workers_do_not_work_on_one_job(stage: Stage) -> None:
    job = deleting(stage, filled(stage)[0])
    stage.jobs.claim(job.id, "first", now_s=NOW_MS // 1000, until_s=NOW_MS // 1000 + 60)
    with pytest.raises(LeaseLostError):
        stage.work(job.id, stage.eraser(worker="second"))
    assert stage.work(job.id, stage.eraser(worker="second", at_s=61)).ended_at is not None
    with pytest.raises(LeaseLostError):
        stage.jobs.save(job, "first")
    with pytest.raises(LeaseLostError):
        stage.work(job.id, at_s=200)


def test_a_forgotten_players_data_goes_and_the_others_stay(stage: Stage) -> None:
    mine, _ = filled(stage, sessions=6)
    other, _ = filled(stage, sessions=2)
    before = stage.items("telemetry", "data", "secrets")
    job = forgetting(stage, mine, PLAYER)
    done = stage.work(job.id)
    assert done.removed == Counter(sessions=3, pointers=3, events=12, scores=3, items=8)
    after = stage.items("telemetry", "data", "secrets")
    assert len(before) - len(after) == 29
    assert not any(PLAYER in str(item) for item in after if mine.id in item["PK"]["S"])
    assert any(PLAYER in str(item) for item in after if other.id in item["PK"]["S"])
    assert stage.creators.project(mine.id, ANN) == mine
    assert PLAYER not in str(stage.items("creators"))


class Throttled:
    """A client whose batches are all left undone, as by a table that is too busy."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_write_item(self, **request: Any) -> Any:
        return {"UnprocessedItems": request["RequestItems"], "ConsumedCapacity": []}


def test_no_session_is_kept_without_what_leads_to_it(stage: Stage) -> None:
    mine = created(stage.creators, ANN)
    throttled: Any = Throttled(stage.client)
    table = TelemetryTable(throttled, "telemetry", lambda _: None)
    session = Session(
        project_id=mine.id,
        id=uuid7(NOW_MS),
        at=NOW_MS,
        address="a",
        agent=None,
        player=PLAYER,
        keep_days=30,
        pointer_days=None,
    )
    assert not table.begin(session)
    assert stage.items("telemetry") == []


def test_a_player_forgotten_while_they_play_is_found_again(stage: Stage) -> None:
    mine = created(stage.creators, ANN)
    table = TelemetryTable(stage.client, "telemetry")
    session = Session(
        project_id=mine.id,
        id=uuid7(NOW_MS),
        at=NOW_MS,
        address="a",
        agent=None,
        player=PLAYER,
        keep_days=30,
        pointer_days=None,
    )
    table.begin(session)
    removed = []
    for hours in (1, 2, 25):
        table.put_events([event(session)])
        job = forgetting(stage, mine, PLAYER, NOW_MS + hours * 3_600_000)
        removed.append(stage.work(job.id).removed)
        if hours < 24:  # what leads to them is kept for those who ask again, and not for ever
            [pointer] = [each for each in stage.items("telemetry") if PLAYER in str(each["SK"])]
            assert int(pointer["expires"]["N"]) == NOW_MS // 1000 + 7 * 86_400
    assert removed == [
        Counter(sessions=1, events=1),
        Counter(events=1),
        Counter(events=1, pointers=1),
    ]
    assert stage.items("telemetry") == []


@pytest.mark.parametrize("days", [0, 3])
def test_short_of_time_a_player_is_forgotten_bit_by_bit(stage: Stage, days: int) -> None:
    mine, _ = filled(stage, sessions=4)
    job = forgetting(stage, mine, PLAYER, NOW_MS + days * DAY_MS)
    turns = 0
    while (now := stage.work(job.id, stage.eraser(time_left=lambda: False))).ended_at is None:
        turns += 1
    pointers = Counter(pointers=2) if days else Counter()
    assert now.removed == Counter(sessions=2, events=8, scores=2, items=8) + pointers
    assert turns > 10


class Listening:
    """A client that remembers its queries: of days, and of a player's items among others'."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.began: list[tuple[str, str]] = []
        self.days: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def query(self, **request: Any) -> Any:
        if "FilterExpression" in request:
            after = request.get("ExclusiveStartKey", {}).get("SK", {}).get("S", "")
            place = request["ExpressionAttributeValues"][":pk"]["S"].partition("#")[2]
            self.began.append((place, after))
        elif request["ExpressionAttributeValues"][":pk"]["S"].startswith("P#"):
            self.days.append(request["ExpressionAttributeValues"][":pk"]["S"])
        return self._client.query(**request)


def test_a_players_items_are_read_page_by_page_and_no_page_twice(stage: Stage) -> None:
    mine = created(stage.creators, ANN)
    for number in range(20):
        put_thing(stage, mine, "levels", OTHER_PLAYER, f"{number:02}")
        put_thing(stage, mine, "towers", OTHER_PLAYER, f"{number:02}")
        put_thing(stage, mine, "saves", OTHER_PLAYER, f"{number:02}")
    for collection in ("levels", "saves", "towers"):
        put_thing(stage, mine, collection, PLAYER, "19a")
    job = forgetting(stage, mine, PLAYER)
    pages = 1 + 2 * (20 // 3 + 1)
    client = Listening(stage.client)
    turns = 0
    while stage.work(job.id, stage.eraser(client, time_left=lambda: False)).ended_at is None:
        turns += 1
    assert turns >= 2 * pages
    rounds = [client.began[:pages], client.began[pages:]]
    for began in rounds:
        assert began == sorted(set(began))
    assert stage.jobs.read(job.id).removed == Counter(items=3)
    assert {item["owner"]["S"] for item in stage.items("data") if "owner" in item} == {OTHER_PLAYER}


@pytest.mark.parametrize("calls", range(0, 12, 2))
def test_a_player_is_forgotten_however_often_that_is_interrupted(stage: Stage, calls: int) -> None:
    mine, _ = filled(stage, sessions=4)
    job = forgetting(stage, mine, PLAYER)
    for turn in range(3):
        client = Frail(stage.client, calls, done=bool(turn % 2))
        with suppress(Interrupted, LeaseLostError):
            stage.work(job.id, stage.eraser(client, f"w{turn}", at_s=turn * 100))
    with suppress(LeaseLostError):
        stage.work(job.id, at_s=1000)
    done = stage.jobs.read(job.id)
    assert done.removed == Counter(sessions=2, pointers=2, events=8, scores=2, items=8)


def test_a_job_is_its_creators_alone(stage: Stage) -> None:
    job = deleting(stage, filled(stage)[0])
    for asked in (job.id, uuid7(NOW_MS)):
        with pytest.raises(UnknownJob):
            stage.jobs.of(BOB, asked)


def test_a_project_deleted_while_its_creator_is_erased_is_no_obstacle(stage: Stage) -> None:
    mine, _ = filled(stage)
    job = erasing(stage)
    deleting(stage, mine)
    with pytest.raises(UnknownProject):
        stage.creators.project(mine.id, ANN)
    assert stage.work(job.id).ended_at is not None
