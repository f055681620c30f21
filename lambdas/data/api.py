"""{API}/data/…: data that a game keeps for players. {API}/project/{projectId}/data…: all of it,
for the project's creator.
"""

import json
from collections.abc import Callable
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.data.moderation_table import Kept, Moderation, sort_key_of
from lambdas.data.routes import CREATOR_ROUTES, ROUTES
from lambdas.data.settings import DataSettings
from lambdas.data.things import (
    Place,
    Thing,
    creator_cursor,
    cursor_after,
    read_bearer,
    read_change,
    read_collection,
    read_creator_page,
    read_id,
    read_new,
    read_owner,
    read_page,
)
from lambdas.shared.aws import CONFIG
from lambdas.shared.dynamo.rate_table import NO_SESSION, RateTable
from lambdas.shared.http.endpoint import Answer, Answering, dispatch, endpoint, for_project
from lambdas.shared.http.errors import Refusal
from lambdas.shared.http.origin_lock import origin_lock, published_name
from lambdas.shared.http.principals import creator_of
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.identities import address_hash, viewer_address
from lambdas.shared.keys.key_ring import key_ring
from lambdas.shared.keys.parameters import Parameters
from lambdas.shared.keys.published import lock_reader
from lambdas.shared.keys.tokens import Grant
from lambdas.shared.records.audit import Action, Record
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import Creators, Projects
from lambdas.shared.values.clock import day_of, iso
from lambdas.shared.values.uuids import uuid7

settings = DataSettings.from_environment()
logger = Logger(service="telemetry-data")
client = boto3.client("dynamodb", config=CONFIG)
table = Moderation(
    client,
    settings.data_table,
    quota=settings.items_a_project,
    undeclared=bool(settings.undeclared_collections),
)
creators = Creators(client, settings.creator_table)
projects = Projects(client, settings.creator_table)
rates = RateTable.limited_by(client, settings)
_lock_hashes = published_name(settings.origin_lock_parameter)
parameters = Parameters(_lock_hashes, settings.token_keys_parameter)
keys = key_ring(parameters.reader(settings.token_keys_parameter), logger)


def _visited(answer: Callable[[Request, Place], Any]) -> Answering:
    def visited(request: Request) -> Answer:
        grant = _admitted(request)
        collection = read_collection(request.path["collection"])
        project = projects.named(grant.project_id)
        place = Place(
            project_id=project.id,
            collection=collection,
            owner=grant.owner,
            private=project.is_private(collection),
            declared=collection in project.collections,
            keep_days=project.collection_days.get(collection),
        )
        return Answer(answer(request, place), log={"project": project.id})

    return visited


def _admitted(request: Request) -> Grant:
    """Counts the request before its content is read, so that refused requests count too."""
    try:
        grant = keys.grant(read_bearer(request.headers), request.now_s)
    except Refusal:
        rates.take(_home(request), NO_SESSION, request.now_s)
        raise
    rates.take(grant.home, grant.session_id, request.now_s)
    return grant


def _home(request: Request) -> str:
    """The keyed hash of the sender's address."""
    forwarded = request.headers.get("x-forwarded-for", "")
    address = viewer_address(forwarded, request.caller_address, settings.gateway_hops)
    return address_hash(keys.hashing_key(request.now_s), day_of(request.now_ms), address)


def _list(request: Request, place: Place) -> Any:
    limit, after = read_page(request.query)
    page = table.page(place, limit, after, request.now_ms)
    cursor = None if page.next is None else cursor_after(page.next)
    return {"items": [_shown(thing) for thing in page.things], "cursor": cursor}


def _add(request: Request, place: Place) -> Any:
    thing = read_new(request.body, place, request.now_ms)
    return _shown(table.add(place, thing))


def _get(request: Request, place: Place) -> Any:
    thing_id = read_id(request.path["id"])
    return _shown(table.get(place, thing_id, request.now_ms))


def _replace(request: Request, place: Place) -> Any:
    thing_id = read_id(request.path["id"])
    data = read_change(request.body)
    return _shown(table.change(place, thing_id, data, request.now_ms))


def _delete(request: Request, place: Place) -> Any:
    thing_id = read_id(request.path["id"])
    table.remove(place, thing_id)
    return {"ok": True}


def _moderated(answer: Callable[[Request, Project], Any]) -> Answering:
    def moderated(request: Request) -> Answer:
        project = creators.project(request.project_id, creator_of(request))
        return Answer(answer(request, project), log=for_project(project.id))

    return moderated


def _collections(_request: Request, project: Project) -> Any:
    names = sorted({*project.collections, *table.collections(project.id)})
    return {
        "collections": [
            {"name": name, "declared": project.collections.get(name)} for name in names
        ],
        "items": table.usage(project.id),
        "quota": settings.items_a_project,
    }


def _items(request: Request, project: Project) -> Any:
    collection = read_collection(request.path["collection"])
    limit, after = read_creator_page(request.query)
    found = table.items(project.id, collection, limit, after)
    more = len(found) == limit
    return {
        "items": [_shown_to_creator(kept) for kept in found],
        "cursor": creator_cursor(found[-1].sort_key) if more else None,
    }


def _remove(request: Request, project: Project) -> Any:
    collection = read_collection(request.path["collection"])
    sort_key = sort_key_of(read_id(request.path["id"]), read_owner(request.query))
    table.remove_any(creators, _record(request, "data.remove", project), collection, sort_key)
    return {"ok": True}


def _clear(request: Request, project: Project) -> Any:
    collection = read_collection(request.path["collection"])
    record = _record(request, "data.clear", project)
    declared = collection in project.collections
    return {"removed": table.clear(creators, record, collection, declared=declared)}


def _record(request: Request, action: Action, project: Project) -> Record:
    return Record(
        id=uuid7(request.now_ms),
        creator_id=project.creator_id,
        action=action,
        project_id=project.id,
    )


def _shown_to_creator(kept: Kept) -> dict[str, Any]:
    """The owner is a hash or a session's id, which names nobody."""
    expires = kept.thing.expires
    return _shown(kept.thing) | {
        "owner": kept.thing.owner,
        "private": kept.private,
        "expiresAt": None if expires is None else iso(expires * 1000),
    }


def _shown(thing: Thing) -> dict[str, Any]:
    return {
        "id": thing.id,
        "data": json.loads(thing.data),
        "createdAt": iso(thing.created_ms),
        "updatedAt": iso(thing.updated_ms),
    }


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.data_path) | CREATOR_ROUTES.keys(settings.api_base_path),
        {
            "list": _visited(_list),
            "add": _visited(_add),
            "get": _visited(_get),
            "replace": _visited(_replace),
            "delete": _visited(_delete),
            "collections": _moderated(_collections),
            "items": _moderated(_items),
            "remove": _moderated(_remove),
            "clear": _moderated(_clear),
        },
    ),
    lock=origin_lock(
        lock_reader(settings.origin_lock_parameter, parameters.reader(_lock_hashes)), logger
    ),
    logger=logger,
    tables=(table, rates, projects, creators),
)
