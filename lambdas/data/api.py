"""{API}/data/{collection} and {API}/data/{collection}/{id}: what a game keeps for its players."""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

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
from lambdas.shared.dynamo.rates import RateTable
from lambdas.shared.dynamo.units import Spent
from lambdas.shared.http.endpoint import Answer, Event, body_of, by_route, endpoint
from lambdas.shared.http.origin_lock import OriginLock
from lambdas.shared.keys.key_ring import KeyRing
from lambdas.shared.keys.parameters import Parameters
from lambdas.shared.records.projects import Projects
from lambdas.shared.values.clock import iso

settings = DataSettings.from_environment()
logger = Logger(service="telemetry-data")
client = boto3.client("dynamodb", config=CONFIG)
table = DataTable(client, settings.data_table)
projects = Projects(client, settings.creator_table)
rates = RateTable(
    client,
    settings.rate_table,
    of_address=settings.address_requests_a_minute,
    of_session=settings.session_requests_a_minute,
)
parameters = Parameters(settings.origin_lock_parameter, settings.token_keys_parameter)
keys = KeyRing(
    parameters.reader(settings.token_keys_parameter),
    on_failure=partial(logger.exception, "token keys not read; the last ones hold"),
)

Admit = Callable[[], None]
"""Counts the request, once nothing is wrong with it."""


def _visited(answer: Callable[[Event, Place, int, Admit], Any]) -> Callable[[Event], Answer]:
    def visited(event: Event) -> Answer:
        table.spent = rates.spent = projects.spent = spent = Spent()
        now_ms = time.time_ns() // 1_000_000
        grant = keys.grant(read_bearer(event["headers"]), now_ms // 1000)
        collection = read_collection(event["pathParameters"]["collection"])
        project = projects.named(grant.project_id)
        place = Place(
            project_id=project.id,
            collection=collection,
            owner=grant.owner,
            private=project.is_private(collection),
            declared=collection in project.collections,
        )
        admit = partial(rates.take, grant.home, grant.session_id, now_ms // 1000)
        body = answer(event, place, now_ms, admit)
        log = {"project": project.id, "rru": spent.reads, "wru": spent.writes}
        return Answer(body, log=log)

    return visited


def _list(event: Event, place: Place, _now_ms: int, admit: Admit) -> Any:
    limit, after = read_page(event.get("queryStringParameters") or {})
    admit()
    page = table.page(place, limit, after)
    cursor = None if page.next is None else cursor_after(page.next)
    return {"items": [_shown(thing) for thing in page.things], "cursor": cursor}


def _add(event: Event, place: Place, now_ms: int, admit: Admit) -> Any:
    thing = read_new(body_of(event), place.owner, now_ms)
    admit()
    return _shown(table.add(place, thing))


def _get(event: Event, place: Place, _now_ms: int, admit: Admit) -> Any:
    thing_id = read_id(event["pathParameters"]["id"])
    admit()
    return _shown(table.get(place, thing_id))


def _replace(event: Event, place: Place, now_ms: int, admit: Admit) -> Any:
    thing_id = read_id(event["pathParameters"]["id"])
    data = read_change(body_of(event))
    admit()
    return _shown(table.change(place, thing_id, data, now_ms))


def _delete(event: Event, place: Place, _now_ms: int, admit: Admit) -> Any:
    thing_id = read_id(event["pathParameters"]["id"])
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


_COLLECTION: Final = f"{settings.data_path}/{{collection}}"
handler = endpoint(
    by_route(
        {
            f"GET {_COLLECTION}": _visited(_list),
            f"POST {_COLLECTION}": _visited(_add),
            f"GET {_COLLECTION}/{{id}}": _visited(_get),
            f"PUT {_COLLECTION}/{{id}}": _visited(_replace),
            f"DELETE {_COLLECTION}/{{id}}": _visited(_delete),
        }
    ),
    lock=OriginLock(
        parameters.reader(settings.origin_lock_parameter),
        on_failure=partial(logger.exception, "origin lock not read; the last one holds"),
    ),
    logger=logger,
)
