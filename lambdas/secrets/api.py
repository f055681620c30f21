"""Creators' requests about their secrets. This function can seal values and cannot open them."""

from typing import Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.secrets.env_vars import change_in, creator_owner, key_named, project_owner
from lambdas.secrets.routes import ROUTES
from lambdas.secrets.settings import SecretsSettings
from lambdas.secrets.table import SecretTable
from lambdas.secrets.vault import Vault
from lambdas.shared.aws import CONFIG
from lambdas.shared.dynamo.transactions import Write
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint, for_project
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.principals import creator_of
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.published import lock_reader
from lambdas.shared.records.audit import Action, Record
from lambdas.shared.records.projects import UnknownProject
from lambdas.shared.records.table import BeingErased, Creators
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import uuid7

OK: Final = {"ok": True}

settings = SecretsSettings.from_environment()
logger = Logger(service="telemetry-secrets")
client = boto3.client("dynamodb", config=CONFIG)
creators = Creators(client, settings.creator_table)
secrets = SecretTable(client, settings.secret_table)
vault = Vault(boto3.client("kms", config=CONFIG))


def _list(request: Request) -> Answer:
    creator_id, project_id = creator_of(request), _project_id(request)
    if project_id is not None:
        creators.project(project_id, creator_id)
    keys = secrets.keys(_owner(creator_id, project_id))
    return Answer([{"key": key} for key in keys], log=for_project(project_id))


def _put(request: Request) -> Answer:
    creator_id, project_id = creator_of(request), _project_id(request)
    change = change_in(request.body)
    if project_id is not None:
        # Refuses another creator's project before it seals anything.
        creators.project(project_id, creator_id)
    owner, now_ms = _owner(creator_id, project_id), request.now_ms
    sealed = vault.seal(change.value, owner=owner, key=change.key, kms_key=settings.kms_key)
    writes = _with(creator_id, project_id, "key.put", change.key, now_ms)
    failed = secrets.put(owner, change.key, sealed, iso(now_ms), together_with=writes)
    return _done(failed, project_id)


def _delete(request: Request) -> Answer:
    creator_id, project_id = creator_of(request), _project_id(request)
    key = key_named(request.path["key"])
    if project_id is not None:
        creators.project(project_id, creator_id)
    writes = _with(creator_id, project_id, "key.delete", key, request.now_ms)
    failed = secrets.delete(_owner(creator_id, project_id), key, together_with=writes)
    return _done(failed, project_id)


def _with(
    creator_id: str, project_id: str | None, action: Action, key: str, now_ms: int
) -> list[Write]:
    """Fails the transaction where the owner is gone, and adds the audit's record."""
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
    return Answer(OK, log=for_project(project_id))


def _owner(creator_id: str, project_id: str | None) -> str:
    return creator_owner(creator_id) if project_id is None else project_owner(project_id)


def _project_id(request: Request) -> str | None:
    """None on the routes of the creator's own secrets."""
    return request.project_id if "projectId" in request.path else None


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.api_base_path),
        {
            "list": _list,
            "put": _put,
            "delete": _delete,
            "list_of_project": _list,
            "put_of_project": _put,
            "delete_of_project": _delete,
        },
    ),
    lock=origin_lock(lock_reader(settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(creators, secrets),
)
