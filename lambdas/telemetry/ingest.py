"""POST {API}/telemetry/…: sessions, events and scores."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import CONFIG
from lambdas.shared.dynamo.rate_table import NO_SESSION, RateTable
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint
from lambdas.shared.http.errors import Busy, Refusal
from lambdas.shared.http.origin_lock import origin_lock, published_name
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.identities import address_hash, agent_hash, player_hash, viewer_address
from lambdas.shared.keys.key_ring import key_ring
from lambdas.shared.keys.parameters import Parameters
from lambdas.shared.keys.published import lock_reader
from lambdas.shared.keys.tokens import Grant, expiry
from lambdas.shared.records.table import Projects
from lambdas.shared.values.clock import day_of
from lambdas.shared.values.uuids import uuid7
from lambdas.telemetry.batches import batch_of, results_of
from lambdas.telemetry.records import Ended, Session
from lambdas.telemetry.routes import ROUTES
from lambdas.telemetry.settings import IngestSettings
from lambdas.telemetry.submission import (
    EVENT_FIELDS,
    SCORE_FIELDS,
    Message,
    Sent,
    read_event,
    read_score,
    read_sent,
    read_start,
)
from lambdas.telemetry.table import TelemetryTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

OK: Final = {"ok": True}

settings = IngestSettings.from_environment()
logger = Logger(service="telemetry-ingest")
client: "DynamoDBClient" = boto3.client("dynamodb", config=CONFIG)
table = TelemetryTable(client, settings.telemetry_table)
projects = Projects(client, settings.creator_table)
rates = RateTable.limited_by(client, settings)
_lock_hashes = published_name(settings.origin_lock_parameter)
parameters = Parameters(_lock_hashes, settings.token_keys_parameter, settings.hash_key_parameter)
keys = key_ring(parameters.reader(settings.token_keys_parameter), logger)
_hash_key = cache(parameters.reader(settings.hash_key_parameter))


def _start(request: Request) -> Answer:
    now_ms, now_s = request.now_ms, request.now_s
    session_id, day, key = uuid7(now_ms), day_of(now_ms), keys.hashing_key(now_s)
    home = _home(request)
    # Before anything else, so that requests that are refused count too.
    rates.take(home, session_id, now_s)
    start = read_start(request.body)
    project = projects.named(start.project_id)
    agent = request.headers.get("user-agent")
    player = None
    if start.player_key is not None:
        player = player_hash(_hash_key(), project.id, start.player_key)
    session = Session(
        project_id=project.id,
        id=session_id,
        at=now_ms,
        address=home,
        agent=None if agent is None else agent_hash(key, day, agent),
        player=player,
        keep_days=project.retention.session_days,
        pointer_days=project.retention.pointer_days,
    )
    if not table.begin(session):
        raise Busy
    grant = Grant(
        project_id=project.id,
        session_id=session_id,
        home=home,
        player=player,
        expires=expiry(session_id, now_s),
    )
    return _granted(grant, now_s)


def _renew(request: Request) -> Answer:
    _, old = _admitted(request)
    renewed = replace(old, expires=expiry(old.session_id, request.now_s))
    return _granted(renewed, request.now_s)


def _end(request: Request) -> Answer:
    _, grant = _admitted(request)
    table.end(Ended(grant.project_id, grant.session_id, request.now_ms))
    return _done(grant)


def _event(request: Request) -> Answer:
    message = _message(request, *EVENT_FIELDS)
    event = read_event(message)
    table.put_event(event)
    return _done(message.grant)


def _events(request: Request) -> Answer:
    message = _message(request, "events")
    batch = batch_of(message)
    left = table.put_events(batch.events.values())
    return _done(message.grant, results_of(batch, left), events=len(batch.events), left=len(left))


def _score(request: Request) -> Answer:
    message = _message(request, *SCORE_FIELDS)
    score = read_score(message)
    table.put_score(score)
    return _done(message.grant)


def _message(request: Request, *fields: str) -> Message:
    sent, grant = _admitted(request, *fields)
    return Message(sent.content, grant, projects.named(grant.project_id), request.now_ms)


def _admitted(request: Request, *fields: str) -> tuple[Sent, Grant]:
    """Counts the request before its content is read, so that refused requests count too.

    One without a session counts against its own address.
    """
    try:
        sent = read_sent(request.body, *fields)
        grant = _grant(sent, request.now_s)
    except Refusal:
        rates.take(_home(request), NO_SESSION, request.now_s)
        raise
    rates.take(grant.home, grant.session_id, request.now_s)
    return sent, grant


def _home(request: Request) -> str:
    """The keyed hash of the sender's address."""
    forwarded = request.headers.get("x-forwarded-for", "")
    address = viewer_address(forwarded, request.caller_address, settings.gateway_hops)
    return address_hash(keys.hashing_key(request.now_s), day_of(request.now_ms), address)


def _grant(sent: Sent, now_s: int) -> Grant:
    return sent.within(keys.grant(sent.token, now_s))


def _granted(grant: Grant, now_s: int) -> Answer:
    body = {
        "sessionId": grant.session_id,
        "token": keys.token(grant, now_s),
        "expiresAt": grant.expires,
    }
    return _done(grant, body)


def _done(grant: Grant, body: Mapping[str, Any] = OK, **log: int) -> Answer:
    return Answer(body, log={"project": grant.project_id, **log})


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.telemetry_path),
        {
            "start": _start,
            "renew": _renew,
            "end": _end,
            "event": _event,
            "events": _events,
            "score": _score,
        },
    ),
    lock=origin_lock(
        lock_reader(settings.origin_lock_parameter, parameters.reader(_lock_hashes)), logger
    ),
    logger=logger,
    tables=(table, rates, projects),
)
