"""What creators ask of their projects, their audit and their erasures."""

import json
import re
import time
from functools import cache, partial
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.creators.project_settings import (
    MOST_BODY_BYTES,
    changed_project,
    new_project,
    project_json,
)
from lambdas.creators.routes import PROJECTS
from lambdas.creators.settings import ProjectsSettings
from lambdas.creators.table import CreatorTable
from lambdas.shared.aws import CONFIG
from lambdas.shared.dynamo.units import Spent
from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.endpoint import Answer, Event, body_of, by_route, endpoint
from lambdas.shared.http.errors import Malformed
from lambdas.shared.http.origin_lock import OriginLock
from lambdas.shared.http.principals import creator_of
from lambdas.shared.keys.identities import player_hash, player_key
from lambdas.shared.keys.parameters import Parameters
from lambdas.shared.records.audit import Action, Record, month_named, record_json
from lambdas.shared.records.jobs import Job, JobTable, Target, UnknownJob, job_json
from lambdas.shared.records.projects import UnknownProject
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import is_uuid, uuid7

MOST_RECORDS: Final = 100
_FEWER: Final = 50
_LIMIT: Final = re.compile(r"[1-9][0-9]?|100")

settings = ProjectsSettings.from_environment()
logger = Logger(service="telemetry-projects")
client = boto3.client("dynamodb", config=CONFIG)
table = CreatorTable(client, settings.creator_table)
jobs = JobTable(client, settings.creator_table)
parameters = Parameters(settings.origin_lock_parameter, settings.hash_key_parameter)
_hash_key = cache(parameters.reader(settings.hash_key_parameter))


def _list(event: Event) -> Answer:
    projects = [
        {"id": each.id, "name": each.name, "createdAt": each.created_at}
        for each in table.projects(_creator(event))
    ]
    return Answer({"projects": projects}, log=_log())


def _create(event: Event) -> Answer:
    creator_id, now_ms = _creator(event), _now_ms()
    project = new_project(
        body_of(event), project_id=uuid7(now_ms), creator_id=creator_id, now=iso(now_ms)
    )
    table.create(project, _record(creator_id, "project.create", project.id))
    return Answer(project_json(project), log=_log(project.id))


def _read(event: Event) -> Answer:
    project = table.project(_project_id(event), _creator(event))
    return Answer(project_json(project), log=_log(project.id))


def _change(event: Event) -> Answer:
    creator_id = _creator(event)
    project = table.project(_project_id(event), creator_id)
    changed = changed_project(project, body_of(event), now=iso(_now_ms()))
    table.change(changed, _record(creator_id, "project.change", project.id))
    return Answer(project_json(changed), log=_log(project.id))


def _delete(event: Event) -> Answer:
    creator_id = _creator(event)
    project = table.project(_project_id(event), creator_id)
    job = Job(
        id=uuid7(_now_ms()),
        kind="project",
        creator_id=creator_id,
        targets=(Target(project.id, project.created_at[:10]),),
    )
    job.removed["projects"] = 1
    note = table.note(_record(creator_id, "project.delete", project.id))
    if not table.remove(project, note, *jobs.opening(job)):
        raise UnknownProject
    return _started(job)


def _forget(event: Event) -> Answer:
    creator_id = _creator(event)
    project = table.project(_project_id(event), creator_id)
    sent = object_in(body_of(event), most_bytes=MOST_BODY_BYTES, fields=("playerKey",))
    key = player_key(sent.get("playerKey"))
    if key is None:
        raise Malformed("playerKey", "missing; the one its sessions were begun with")
    job = Job(
        id=uuid7(_now_ms()),
        kind="player",
        creator_id=creator_id,
        targets=(Target(project.id, project.created_at[:10]),),
        player=player_hash(_hash_key(), project.id, key),
    )
    jobs.open(job, table.note(_record(creator_id, "player.forget", project.id)))
    return _started(job)


def _erase(event: Event) -> Answer:
    creator_id = _creator(event)
    job = Job(id=uuid7(_now_ms()), kind="creator", creator_id=creator_id)
    note = table.note(_record(creator_id, "creator.erase"))
    begun = table.begin_erasing(creator_id, job.id, note, *jobs.opening(job))
    return _started(job if begun == job.id else jobs.of(creator_id, begun))


def _job(event: Event) -> Answer:
    job_id = event["pathParameters"]["jobId"].lower()
    if not is_uuid(job_id):
        raise UnknownJob
    return Answer(job_json(jobs.of(_creator(event), job_id)), log=_log())


def _audit(event: Event) -> Answer:
    query = event.get("queryStringParameters") or {}
    month = month_named(query.get("month", iso(_now_ms())[:7]))
    limit = query.get("limit", str(_FEWER))
    if not _LIMIT.fullmatch(limit):
        raise Malformed("limit", f"not a whole number from 1 to {MOST_RECORDS}")
    after = query.get("cursor")
    if after is not None and not is_uuid(after):
        raise Malformed("cursor", "not one that an answer of this month had")
    page = table.audit(_creator(event), month, after=after, limit=int(limit))
    return Answer(
        {
            "month": month,
            "items": [record_json(record) for record in page.records],
            "cursor": page.next,
        },
        log=_log(),
    )


def _started(job: Job) -> Answer:
    """Whoever does not hear of it now finds it at the next hour."""
    try:
        boto3.client("lambda", config=CONFIG).invoke(
            FunctionName=settings.erase_function,
            InvocationType="Event",
            Payload=json.dumps({"jobId": job.id}).encode(),
        )
    except Exception:
        logger.exception("erasure not begun yet", job=job.id)
    return Answer(job_json(job), log={**_log(), "job": job.id})


def _creator(event: Event) -> str:
    return creator_of(event["requestContext"]["authorizer"]["jwt"]["claims"])


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _project_id(event: Event) -> str:
    project_id = event["pathParameters"]["projectId"]
    if not is_uuid(project_id):
        raise Malformed("projectId", "not a UUID")
    return str(project_id).lower()


def _record(creator_id: str, action: Action, project_id: str | None = None) -> Record:
    return Record(id=uuid7(_now_ms()), creator_id=creator_id, action=action, project_id=project_id)


def _log(project_id: str | None = None) -> dict[str, Any]:
    told = {} if project_id is None else {"project": project_id}
    return {**told, "rru": table.spent.reads, "wru": table.spent.writes}


_ANSWERS: Final = (_list, _create, _read, _change, _delete, _forget, _audit, _job, _erase)
_answer = by_route(
    {
        route.replace(" ", f" {settings.api_base_path}"): answer
        for route, answer in zip(PROJECTS, _ANSWERS, strict=True)
    }
)


def _counted(event: Event) -> Answer:
    table.spent = jobs.spent = Spent()
    return _answer(event)


handler = endpoint(
    _counted,
    lock=OriginLock(
        parameters.reader(settings.origin_lock_parameter),
        on_failure=partial(logger.exception, "origin lock not read; the last one holds"),
    ),
    logger=logger,
)
