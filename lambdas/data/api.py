"""{API}/data/{collection} and {API}/data/{collection}/{id}: data that a game keeps for players."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.data.routes import ROUTES
from lambdas.data.settings import DataSettings
from lambdas.data.table import DataTable
from lambdas.data.things import (
    Place,
    Thing,
    cursor_after,
    read_bearer,
    read_change,
    read_collection,
    read_id,
    read_new,
    read_page,
)
from lambdas.shared.aws import CONFIG
from lambdas.shared.dynamo.rate_table import RateTable
from lambdas.shared.http.endpoint import Answer, Answering, dispatch, endpoint
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.key_ring import key_ring
from lambdas.shared.keys.parameters import Parameters
from lambdas.shared.records.table import Projects
from lambdas.shared.values.clock import iso

settings = DataSettings.from_environment()
logger = Logger(service="telemetry-data")
client = boto3.client("dynamodb", config=CONFIG)
table = DataTable(client, settings.data_table)
projects = Projects(client, settings.creator_table)
rates = RateTable.limited_by(client, settings)
parameters = Parameters(settings.origin_lock_parameter, settings.token_keys_parameter)
keys = key_ring(parameters.reader(settings.token_keys_parameter), logger)

Admit = Callable[[], None]
"""Counts the request against its limits, after everything in it was found right."""


def _visited(answer: Callable[[Request, Place, Admit], Any]) -> Answering:
    def visited(request: Request) -> Answer:
        grant = keys.grant(read_bearer(request.headers), request.now_s)
        collection = read_collection(request.path["collection"])
        project = projects.named(grant.project_id)
        place = Place(
            project_id=project.id,
            collection=collection,
            owner=grant.owner,
            private=project.is_private(collection),
            declared=collection in project.collections,
        )
        admit = partial(rates.take, grant.home, grant.session_id, request.now_s)
        return Answer(answer(request, place, admit), log={"project": project.id})

    return visited


def _list(request: Request, place: Place, admit: Admit) -> Any:
    limit, after = read_page(request.query)
    admit()
    page = table.page(place, limit, after)
    cursor = None if page.next is None else cursor_after(page.next)
    return {"items": [_shown(thing) for thing in page.things], "cursor": cursor}


def _add(request: Request, place: Place, admit: Admit) -> Any:
    thing = read_new(request.body, place.owner, request.now_ms)
    admit()
    return _shown(table.add(place, thing))


def _get(request: Request, place: Place, admit: Admit) -> Any:
    thing_id = read_id(request.path["id"])
    admit()
    return _shown(table.get(place, thing_id))


def _replace(request: Request, place: Place, admit: Admit) -> Any:
    thing_id = read_id(request.path["id"])
    data = read_change(request.body)
    admit()
    return _shown(table.change(place, thing_id, data, request.now_ms))


def _delete(request: Request, place: Place, admit: Admit) -> Any:
    thing_id = read_id(request.path["id"])
    admit()
    table.remove(place, thing_id)
    return {"ok": True}


def _shown(thing: Thing) -> dict[str, Any]:
    return {
        "id": thing.id,
        "data": json.loads(thing.data),
        "createdAt": iso(thing.created_ms),
        "updatedAt": iso(thing.updated_ms),
    }


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.data_path),
        {
            "list": _visited(_list),
            "add": _visited(_add),
            "get": _visited(_get),
            "replace": _visited(_replace),
            "delete": _visited(_delete),
        },
    ),
    lock=origin_lock(parameters.reader(settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(table, rates, projects),
)
