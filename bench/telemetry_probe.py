"""Runs inside the ingest's package: its handler, and a plain one that does the same work."""

import base64
import hashlib
import hmac
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from lambdas.shared.http import origin_lock
from lambdas.shared.keys.key_ring import KeyRing
from lambdas.shared.keys.tokens import Grant
from lambdas.shared.records.projects import Project
from lambdas.shared.values.uuids import uuid7
from lambdas.telemetry import ingest

PROJECT = Project(
    id="0190a5b0-0000-7000-8000-00000000cafe", creator_id="c", name="n", events=("death",)
)
KEY = base64.b64encode(bytes(24)).decode()

Json = dict[str, Any]


class Context:
    aws_request_id = "request"


class Table:
    """Accepts everything and answers as DynamoDB does."""

    def batch_write_item(self, **_: Any) -> Json:
        return {"UnprocessedItems": {}, "ConsumedCapacity": [{"CapacityUnits": 1.0}]}

    def put_item(self, **_: Any) -> Json:
        return {"ConsumedCapacity": {"CapacityUnits": 1.0}}

    update_item = put_item


def plain(event: Json, table: Table) -> Json:
    if event["headers"].get("x-origin-verify") != "lock":
        return {"statusCode": 403}
    body = json.loads(event["body"])
    payload, _, signature = body["token"].partition(".")
    decoded = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    digest = hmac.digest(KEY.encode(), decoded, hashlib.sha256)
    _, _, project, session, home, _, expires = decoded.decode().split("|")
    signed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    now = int(time.time())
    if not hmac.compare_digest(signature, signed) or now > int(expires):
        return {"statusCode": 401}
    table.update_item(Key={"PK": {"S": f"{home}#{now // 60}"}})
    began = time.gmtime(int(session[:8] + session[9:13], 16) / 1000)
    partition = f"P#{project}#D#{time.strftime('%Y-%m-%d', began)}#{session[-1]}"
    events = body.get("events") or [body]
    items = [
        {
            "PK": {"S": partition},
            "SK": {"S": f"{session}#E#{each['id']}"},
            "at": {"N": str(now * 1000)},
            "name": {"S": each["eventName"]},
            "data": {"S": json.dumps(each["data"])},
            "expires": {"N": str(now + 90 * 86400)},
        }
        for each in events
        if each["eventName"] in PROJECT.events
    ]
    table.batch_write_item(RequestItems={"t": [{"PutRequest": {"Item": item}} for item in items]})
    results = [{"id": each["id"], "ok": True} for each in events]
    answer = {"ok": True, "results": results} if "events" in body else {"ok": True}
    return {"statusCode": 200, "body": json.dumps(answer)}


def request(size: int) -> Json:
    now = int(time.time())
    session = uuid7(now * 1000)
    grant = Grant(
        project_id=PROJECT.id, session_id=session, home="h" * 22, player=None, expires=now + 900
    )
    events = [
        {
            "id": uuid7(now),
            "eventName": "death",
            "data": {"stage": number, "reason": "hit_enemy"},
        }
        for number in range(size)
    ]
    content = events[0] if size == 1 else {"events": events}
    sent = {"sessionId": session, "token": ingest.keys.token(grant, now), **content}
    return {
        "routeKey": f"POST 1/{'event' if size == 1 else 'events'}",
        "headers": {"x-origin-verify": "lock"},
        "body": json.dumps(sent),
    }


def prepare(table: Table, *, logging_too: bool) -> None:
    client: Any = table
    ingest.table._client = ingest.rates._client = client
    ingest.keys = KeyRing(lambda: f"t0000:{KEY}")
    ingest.projects.named = lambda _: PROJECT  # type: ignore[method-assign, assignment]
    origin_lock.OriginLock.check = lambda *_: None  # type: ignore[method-assign]
    silent = open(os.devnull, "w")  # noqa: PTH123, SIM115 - open as long as the process
    for handler in ingest.logger.handlers:
        handler.setStream(silent)  # type: ignore[attr-defined]
    if not logging_too:
        ingest.logger.setLevel(logging.CRITICAL)


def cheapest(call: Callable[[], object], times: int) -> float:
    rounds = []
    for _ in range(7):
        started = time.process_time()
        for _ in range(times):
            call()
        rounds.append((time.process_time() - started) / times)
    return min(rounds)


def main() -> None:
    kind, size, times = os.environ["KIND"], int(os.environ["SIZE"]), int(os.environ["TIMES"])
    table = Table()
    prepare(table, logging_too=kind == "with its log line")
    event = request(size)

    def call() -> Json:
        return plain(event, table) if kind == "plain" else ingest.handler(event, Context())

    assert call()["statusCode"] == 200
    if "COUNTED" in os.environ:
        for _ in range(times):
            call()
    else:
        sys.stdout.write(f"{cheapest(call, times)}\n")


main()
