"""Erasing a person: everything goes, the count is right, and a crash only delays it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest

from lambdas.players.erasing import PersonEraser, begin_erasing
from lambdas.players.errors import TokenRevoked
from lambdas.players.forgettable import TABLE, Persons
from lambdas.players.messages import Sent
from lambdas.players.points import Award
from lambdas.players.table import PlayerTable
from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.keys.player_tokens import Bearer
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, LeaseLostError, Pending
from tests.lambdas.players.world import (
    NOON,
    Crashed,
    Voice,
    World,
    accounts,
    conversation,
    ledger,
    new_id,
    player,
    proof,
    session_of,
    world,
)

MESSAGES = 6
HELD = Counter(sessions=4, messages=4 * MESSAGES, pointEvents=27, receipts=1, accounts=2)
"""Of Ann and of the account that was merged into hers; each merge is an event of both."""


@pytest.fixture
def here(moto: Any) -> Iterator[World]:
    with world(moto) as here:
        yield here


@pytest.fixture
def ann(here: World) -> Bearer:
    """Someone with two sessions in each of two accounts."""
    ann, bob = player(here.client, "ann"), player(here.client, "bob", NOON + 1)
    for who in (ann, bob):
        for _ in range(2):
            chat(here, who)
    account = accounts(here.client).merge(ann, proof("bob"), NOON)
    award = Award(reference="board#snake#2025-01", delta=5, reason="board")
    row = {"PK": "B#snake#2025-01", "SK": account.user.player_id}
    ledger(here.client).give(ann.user_id, award, NOON, also=(row,))
    return ann


def chat(here: World, who: Bearer) -> str:
    session = session_of(here.client, who)
    for number in range(MESSAGES):
        sent = Sent(session_id=session, text=f"m{number}", locale="en", id=new_id())
        conversation(here.client, Voice()).say(sent, who, NOON)
    return session


def begun(here: World, who: Bearer) -> tuple[Job, JobTable]:
    jobs = JobTable(here.client, here.table_name)
    signing = accounts(here.client)
    return begin_erasing(here.table, jobs, lambda: signing.of(who), NOON), jobs


def eraser(client: Any, here: World, worker: str = "w", **more: Any) -> PersonEraser:
    return PersonEraser(
        [Persons(client, here.table_name)],
        PlayerTable(client, here.table_name),
        JobTable(client, here.table_name),
        worker=worker,
        clock_ms=lambda: here.now_ms,
        partitions=Partitions(client, {TABLE: here.table_name}, wait=lambda _: None),
        **more,
    )


def left(here: World) -> list[Any]:
    items = here.client.scan(TableName=here.table_name)["Items"]
    return [item["PK"]["S"] for item in items if not item["PK"]["S"].startswith(("JOB", "BUDGET"))]


def test_everything_goes_and_is_counted(here: World, ann: Bearer) -> None:
    job, _ = begun(here, ann)
    done = eraser(here.client, here).work_on(job.id, lease_s=60)
    assert done.ended_at is not None
    assert done.removed == HELD
    assert left(here) == []


def test_others_keep_what_is_theirs(here: World, ann: Bearer) -> None:
    cem = player(here.client, "cem", NOON + 2)
    chat(here, cem)
    before = here.client.scan(TableName=here.table_name)["Items"]
    job, _ = begun(here, ann)
    eraser(here.client, here).work_on(job.id, lease_s=60)
    assert len(left(here)) == sum(is_of(cem.user_id, item, before) for item in before)


def is_of(user_id: str, item: Any, items: list[Any]) -> bool:
    sessions = {
        each["PK"]["S"]
        for each in items
        if each["SK"]["S"] == "SESSION" and each["userId"]["S"] == user_id
    }
    partition = item["PK"]["S"]
    return (
        partition.startswith(f"U#{user_id}")
        or partition in sessions
        or item.get("userId", {}).get("S") == user_id
    )


class Cut:
    """A client whose function ends at the call of this number, before it or after it."""

    def __init__(self, client: Any, at: int, *, after: bool) -> None:
        self._client = client
        self._left = at
        self._after = after
        self.exceptions = client.exceptions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Crashed
            answer = getattr(self._client, name)(**request)
            if self._left == 0:
                raise Crashed
            return answer

        return call


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_delays_it_and_counts_nothing_twice(moto: Any, *, after: bool) -> None:
    """Each attempt dies one call later than the one before."""
    for first in (3, 4, 5):
        with world(moto) as here:
            ann = player(here.client, "ann")
            for _ in range(2):
                chat(here, ann)
            job, jobs = begun(here, ann)
            crashes = 0
            while (job := jobs.read(job.id)).ended_at is None:
                here.now_ms += 61_000
                client = Cut(here.client, first + crashes, after=after)
                try:
                    eraser(client, here, worker=f"w{crashes}").work_on(job.id, lease_s=60)
                except Crashed:
                    crashes += 1
            assert crashes > 5
            assert job.removed == Counter(
                sessions=2, messages=2 * MESSAGES, pointEvents=2 * MESSAGES, accounts=1
            )
            assert left(here) == []


def test_it_goes_on_where_time_ran_out(here: World, ann: Bearer) -> None:
    job, jobs = begun(here, ann)
    rounds = 0
    while (job := jobs.read(job.id)).ended_at is None:
        rounds += 1
        eraser(here.client, here, time_left=lambda: False).work_on(job.id, lease_s=60)
    assert rounds > 5
    assert job.removed == HELD
    assert left(here) == []


def test_two_workers_do_not_work_on_one_job(here: World, ann: Bearer) -> None:
    job, jobs = begun(here, ann)
    jobs.claim(job.id, "another", now_s=NOON // 1000, until_s=NOON // 1000 + 60)
    with pytest.raises(LeaseLostError):
        eraser(here.client, here).work_on(job.id, lease_s=60)


def test_from_the_first_moment_nobody_gets_in_or_writes_anything_more(
    here: World, ann: Bearer
) -> None:
    session = session_of(here.client, ann)
    sent = Sent(session_id=session, text="late", locale="en", id=new_id())

    def erase() -> None:
        job, _ = begun(here, ann)
        eraser(here.client, here).work_on(job.id, lease_s=60)

    with pytest.raises(TokenRevoked):
        conversation(here.client, Voice(before=erase)).say(sent, ann, NOON)
    assert left(here) == []
    again = accounts(here.client).sign_in(proof("ann"), NOON)
    assert again.created
    assert again.account.user.id != ann.user_id


class Followed(Persons):
    """Remembers which partitions have changed."""

    def __init__(self, client: Any, table: str, *, fails: bool = False) -> None:
        super().__init__(client, table)
        self.partitions: list[str] = []
        self._fails = fails

    def follow(self, partitions: Collection[str]) -> None:
        self.partitions += partitions
        if self._fails:
            raise ConnectionError


def following(here: World, followed: Followed, **more: Any) -> PersonEraser:
    return PersonEraser(
        [followed],
        here.table,
        JobTable(here.client, here.table_name),
        worker="w",
        clock_ms=lambda: here.now_ms,
        **more,
    )


def test_derived_data_follows_once(here: World, ann: Bearer) -> None:
    followed = Followed(here.client, here.table_name)
    job, _ = begun(here, ann)
    following(here, followed).work_on(job.id, lease_s=60)
    assert len(followed.partitions) == len(set(followed.partitions))
    assert f"U#{ann.user_id}#P" in followed.partitions


def test_it_also_follows_what_was_counted_before_a_crash(here: World, ann: Bearer) -> None:
    job, jobs = begun(here, ann)
    claimed = jobs.claim(job.id, "dead", now_s=NOON // 1000, until_s=NOON // 1000 + 1)
    partition = f"U#{ann.user_id}#P"
    pending = Pending(TABLE, partition, "", "", through="9")
    jobs.save(claimed.having(Counter(), pending), "dead")
    here.now_ms += 60_000
    followed = Followed(here.client, here.table_name)
    following(here, followed, time_left=lambda: False).work_on(job.id, lease_s=60)
    assert partition in followed.partitions


def test_a_failure_to_follow_is_reported_and_the_erasure_is_done(here: World, ann: Bearer) -> None:
    reported: list[str] = []
    followed = Followed(here.client, here.table_name, fails=True)
    job, _ = begun(here, ann)
    eraser = following(here, followed, on_unfollowed=reported.append)
    assert eraser.work_on(job.id, lease_s=60).ended_at is not None
    assert reported == [TABLE]
