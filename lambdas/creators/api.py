"""Creators' requests about their projects, their audit and their erasures."""

import json
from functools import cache
from typing import Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.creators.project_settings import (
    MOST_BODY_BYTES,
    changed_project,
    new_project,
    project_json,
)
from lambdas.creators.routes import ROUTES
from lambdas.creators.settings import ProjectsSettings
from lambdas.creators.table import CreatorTable
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint, for_project
from lambdas.shared.http.errors import Malformed
from lambdas.shared.http.origin_lock import origin_lock, published_name
from lambdas.shared.http.principals import creator_of
from lambdas.shared.http.requests import Request, limit_in
from lambdas.shared.keys.identities import player_hash, player_key
from lambdas.shared.keys.parameters import Parameters
from lambdas.shared.keys.published import lock_reader
from lambdas.shared.records.audit import Action, Record, month_named, record_json
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, Target, UnknownJob, job_json
from lambdas.shared.records.projects import UnknownProject
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import is_uuid, uuid7

MOST_RECORDS: Final = 100
_FEWER: Final = 50

settings = ProjectsSettings.from_environment()
logger = Logger(service="telemetry-projects")
client = boto3.client("dynamodb", config=CONFIG)
table = CreatorTable(client, settings.creator_table)
jobs = JobTable(client, settings.creator_table)
_lock_hashes = published_name(settings.origin_lock_parameter)
parameters = Parameters(_lock_hashes, settings.hash_key_parameter)
_hash_key = cache(parameters.reader(settings.hash_key_parameter))


def _list(request: Request) -> Answer:
    projects = [
        {"id": each.id, "name": each.name, "createdAt": each.created_at}
        for each in table.projects(creator_of(request))
    ]
    return Answer({"projects": projects})


def _create(request: Request) -> Answer:
    creator_id, now_ms = creator_of(request), request.now_ms
    project = new_project(
        request.body, project_id=uuid7(now_ms), creator_id=creator_id, now=iso(now_ms)
    )
    table.create(project, _record(request, "project.create", project.id))
    return Answer(project_json(project), log=for_project(project.id))


def _read(request: Request) -> Answer:
    project = table.project(request.project_id, creator_of(request))
    return Answer(project_json(project), log=for_project(project.id))


def _change(request: Request) -> Answer:
    creator_id = creator_of(request)
    project = table.project(request.project_id, creator_id)
    changed = changed_project(project, request.body, now=iso(request.now_ms))
    table.change(changed, _record(request, "project.change", project.id))
    return Answer(project_json(changed), log=for_project(project.id))


def _delete(request: Request) -> Answer:
    creator_id = creator_of(request)
    project = table.project(request.project_id, creator_id)
    job = Job(
        id=uuid7(request.now_ms),
        kind="project",
        creator_id=creator_id,
        targets=(Target(project.id, project.created_at[:10]),),
    )
    job.removed["projects"] = 1
    note = table.note(_record(request, "project.delete", project.id))
    if not table.remove(project, note, *jobs.opening(job)):
        raise UnknownProject
    return _started(job)


def _forget(request: Request) -> Answer:
    creator_id = creator_of(request)
    project = table.project(request.project_id, creator_id)
    sent = object_in(request.body, most_bytes=MOST_BODY_BYTES, fields=("playerKey",))
    key = player_key(sent.get("playerKey"))
    if key is None:
        raise Malformed("playerKey", "missing; send the key that the player's sessions began with")
    job = Job(
        id=uuid7(request.now_ms),
        kind="player",
        creator_id=creator_id,
        targets=(Target(project.id, project.created_at[:10]),),
        player=player_hash(_hash_key(), project.id, key),
    )
    jobs.open(job, table.note(_record(request, "player.forget", project.id)))
    return _started(job)


def _erase(request: Request) -> Answer:
    creator_id = creator_of(request)
    job = Job(id=uuid7(request.now_ms), kind="creator", creator_id=creator_id)
    note = table.note(_record(request, "creator.erase"))
    begun = table.begin_erasing(creator_id, job.id, note, *jobs.opening(job))
    return _started(job if begun == job.id else jobs.of(creator_id, begun))


def _job(request: Request) -> Answer:
    job_id = request.path["jobId"].lower()
    if not is_uuid(job_id):
        raise UnknownJob
    return Answer(job_json(jobs.of(creator_of(request), job_id)))


def _audit(request: Request) -> Answer:
    query = request.query
    month = month_named(query.get("month", iso(request.now_ms)[:7]))
    limit = limit_in(query, most=MOST_RECORDS, usual=_FEWER)
    after = query.get("cursor")
    if after is not None and not is_uuid(after):
        raise Malformed("cursor", "not a cursor from an answer for this month")
    page = table.audit(creator_of(request), month, after=after, limit=limit)
    return Answer(
        {
            "month": month,
            "items": [record_json(record) for record in page.records],
            "cursor": page.next,
        },
    )


def _started(job: Job) -> Answer:
    """Where the worker cannot be invoked now, its hourly run finds the job."""
    try:
        boto3.client("lambda", config=CONFIG).invoke(
            FunctionName=settings.erase_function,
            InvocationType="Event",
            Payload=json.dumps({"jobId": job.id}).encode(),
        )
    except Exception:
        logger.exception("erasure not started; the hourly run starts it", job=job.id)
    return Answer(job_json(job), log={"job": job.id})


def _record(request: Request, action: Action, project_id: str | None = None) -> Record:
    return Record(
        id=uuid7(request.now_ms),
        creator_id=creator_of(request),
        action=action,
        project_id=project_id,
    )


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.api_base_path),
        {
            "list": _list,
            "create": _create,
            "read": _read,
            "change": _change,
            "delete": _delete,
            "forget": _forget,
            "audit": _audit,
            "job": _job,
            "erase": _erase,
        },
    ),
    lock=origin_lock(
        lock_reader(settings.origin_lock_parameter, parameters.reader(_lock_hashes)), logger
    ),
    logger=logger,
    tables=(table, jobs),
)
