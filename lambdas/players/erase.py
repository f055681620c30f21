"""Erases, exports and gathers a person's data of all capabilities.

Its schedule goes on with erasures that were cut short. {"jobId": …} works on one, {"userId": …}
begins one for an operator, and {"export": …} answers a page of an export. {"gather": …} brings
anonymous entries to the account, and {"shown": …} hashes keys that a person has shown.
"""

import time
from functools import cache, partial
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.players.erasing import PersonEraser, begin_erasing, follow, person_of, removal_json
from lambdas.players.errors import UnknownUser
from lambdas.players.settings import EraseSettings, ForgettableSettings
from lambdas.players.shown_keys import pseudonyms_of
from lambdas.players.table import Account, PlayerTable
from lambdas.shared.aws import PATIENT
from lambdas.shared.forgetting import Forgettable, Person, forgettables
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, LeaseLostError, Pseudonym

_RESERVE_MS: Final = 10_000
_GRACE_SECONDS: Final = 60

settings = EraseSettings.from_environment()
logger = Logger(service="players-erase")
client = boto3.client("dynamodb", config=PATIENT)
everywhere = forgettables(client)
_player_table = ForgettableSettings.from_environment().player_table
table = PlayerTable(client, _player_table)
jobs = JobTable(client, _player_table)
_hash_key = cache(read_parameter)


def handler(event: dict[str, Any], context: Any) -> Any:
    left_ms = context.get_remaining_time_in_millis
    if "export" in event:
        return _told(**event["export"])
    if "shown" in event:
        return _pseudonyms(event["shown"])
    if "gather" in event:
        return _gathered(event["gather"])
    eraser = PersonEraser(
        everywhere,
        table,
        jobs,
        worker=context.aws_request_id,
        clock_ms=lambda: time.time_ns() // 1_000_000,
        time_left=lambda: bool(left_ms() > _RESERVE_MS),
        on_unfollowed=_not_followed,
    )
    if "userId" in event:
        account_of = partial(_account, event["userId"])
        begun = begin_erasing(table, jobs, account_of, time.time_ns() // 1_000_000)
        return removal_json(_work_on(eraser, begun.id, left_ms()) or begun)
    if "jobId" in event:
        job = _work_on(eraser, event["jobId"], left_ms()) or jobs.read(event["jobId"])
        return removal_json(job)
    for job_id in jobs.unfinished():
        if left_ms() <= _RESERVE_MS:
            break
        _work_on(eraser, job_id, left_ms())
    return None


def _gathered(user_id: str) -> dict[str, int]:
    person = person_of(_account(user_id).user, time.time_ns() // 1_000_000)
    moved = {each.name: _gather(each, person) for each in everywhere}
    logger.info("gathered", moved=moved)
    return moved


def _gather(forgettable: Forgettable, person: Person) -> int:
    """Returns how many items moved. Derived data follows, also where a failure ends it."""
    changed: list[str] = []
    try:
        changed.extend(forgettable.gather(person))
    finally:
        follow(forgettable, changed, _not_followed)
    return len(changed)


def _not_followed(capability: str) -> None:
    logger.exception("not followed", capability=capability)


def _pseudonyms(shown: Any) -> tuple[Pseudonym, ...]:
    if not shown or not settings.hash_key_parameter:
        return ()
    return pseudonyms_of(shown, _hash_key(settings.hash_key_parameter))


def _told(user_id: str, capability: str, after: str, at_ms: int, shown: Any = ()) -> dict[str, Any]:
    """A page of what the capability holds, and where the next one begins."""
    person = person_of(_account(user_id).user, at_ms, _pseudonyms(shown))
    names = [each.name for each in everywhere]
    if capability and capability not in names:
        return {"items": [], "next": None}
    place = names.index(capability) if capability else 0
    told = everywhere[place].told(person, after)
    following = names[place + 1 : place + 2]
    if told.next is not None:
        return {"items": told.items, "next": [capability or names[0], told.next]}
    return {"items": told.items, "next": [following[0], ""] if following else None}


def _account(user_id: str) -> Account:
    account = table.account(user_id)
    if account is None:
        raise UnknownUser
    return account


def _work_on(eraser: PersonEraser, job_id: str, left_ms: int) -> Job | None:
    try:
        job = eraser.work_on(job_id, lease_s=left_ms // 1000 + _GRACE_SECONDS)
    except LeaseLostError:
        logger.info("done, or another works on it", job=job_id)
        return None
    logger.info("erased", job=job.id, done=job.ended_at is not None, removed=dict(job.removed))
    return job
