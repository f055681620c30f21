"""What creators ask of their secrets. This function can seal a value and can open none."""

import time
from functools import partial
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.secrets.env_vars import change_in, creator_owner, key_named, project_owner
from lambdas.secrets.routes import SECRETS
from lambdas.secrets.settings import SecretsSettings
from lambdas.secrets.table import Item, SecretTable
from lambdas.secrets.vault import Vault
from lambdas.shared.aws import CONFIG
from lambdas.shared.dynamo.units import Spent
from lambdas.shared.http.endpoint import Answer, Event, body_of, by_route, endpoint
from lambdas.shared.http.errors import Malformed
from lambdas.shared.http.origin_lock import OriginLock
from lambdas.shared.http.principals import creator_of
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.records.audit import Action, Record
from lambdas.shared.records.creators import BeingErased, Creators
from lambdas.shared.records.projects import UnknownProject
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import is_uuid, uuid7

OK: Final = {"ok": True}

settings = SecretsSettings.from_environment()
logger = Logger(service="telemetry-secrets")
client = boto3.client("dynamodb", config=CONFIG)
creators = Creators(client, settings.creator_table)
secrets = SecretTable(client, settings.secret_table)
vault = Vault(boto3.client("kms", config=CONFIG))


def _list(event: Event) -> Answer:
    creator_id, project_id = _creator(event), _project_id(event)
    if project_id is not None:
        creators.project(project_id, creator_id)
    keys = secrets.keys(_owner(creator_id, project_id))
    return Answer([{"key": key} for key in keys], log=_log(project_id))


def _put(event: Event) -> Answer:
    creator_id, project_id = _creator(event), _project_id(event)
    change = change_in(body_of(event))
    if project_id is not None:
        # Nothing is sealed for whoever may not keep it.
        creators.project(project_id, creator_id)
    owner, now_ms = _owner(creator_id, project_id), _now_ms()
    sealed = vault.seal(change.value, owner=owner, key=change.key, kms_key=settings.kms_key)
    writes = _with(creator_id, project_id, "key.put", change.key, now_ms)
    failed = secrets.put(owner, change.key, sealed, iso(now_ms), together_with=writes)
    return _done(failed, project_id)


def _delete(event: Event) -> Answer:
    creator_id, project_id = _creator(event), _project_id(event)
    key = key_named(event["pathParameters"]["key"])
    if project_id is not None:
        creators.project(project_id, creator_id)
    writes = _with(creator_id, project_id, "key.delete", key, _now_ms())
    failed = secrets.delete(_owner(creator_id, project_id), key, together_with=writes)
    return _done(failed, project_id)


def _with(
    creator_id: str, project_id: str | None, action: Action, key: str, now_ms: int
) -> list[Item]:
    """Only while its owner still stands, and never without the audit."""
    note = creators.note(
        Record(
            id=uuid7(now_ms),
            creator_id=creator_id,
            action=action,
            project_id=project_id,
            key=key,
        )
    )
    if project_id is None:
        return [creators.still_here(creator_id, iso(now_ms)), note]
    return [creators.still_owned(project_id, creator_id), note]


def _done(failed: int | None, project_id: str | None) -> Answer:
    if failed is not None:
        raise BeingErased if project_id is None else UnknownProject
    return Answer(OK, log=_log(project_id))


def _owner(creator_id: str, project_id: str | None) -> str:
    return creator_owner(creator_id) if project_id is None else project_owner(project_id)


def _project_id(event: Event) -> str | None:
    project_id = (event.get("pathParameters") or {}).get("projectId")
    if project_id is None:
        return None
    if not is_uuid(project_id):
        raise Malformed("projectId", "not a UUID")
    return str(project_id).lower()


def _creator(event: Event) -> str:
    return creator_of(event["requestContext"]["authorizer"]["jwt"]["claims"])


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _log(project_id: str | None) -> dict[str, Any]:
    told = {} if project_id is None else {"project": project_id}
    return {**told, "rru": secrets.spent.reads, "wru": secrets.spent.writes}


_answer = by_route(
    {
        route.replace(" ", f" {settings.api_base_path}"): answer
        for route, answer in zip(SECRETS, (_list, _put, _delete) * 2, strict=True)
    }
)


def _counted(event: Event) -> Answer:
    creators.spent = secrets.spent = Spent()
    return _answer(event)


handler = endpoint(
    _counted,
    lock=OriginLock(
        partial(read_parameter, settings.origin_lock_parameter),
        on_failure=partial(logger.exception, "origin lock not read; the last one holds"),
    ),
    logger=logger,
)
