"""A host's connection: it begins, its messages, and its end."""

import json
import time
from dataclasses import replace
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import CONFIG
from lambdas.shared.http.errors import Refusal
from lambdas.tunnels.configs import message_for
from lambdas.tunnels.errors import UnknownHost
from lambdas.tunnels.messages import Ack, Auth, Heartbeat, message_in
from lambdas.tunnels.posts import Posts
from lambdas.tunnels.records import Agent, Gateway
from lambdas.tunnels.settings import ConnectionsSettings
from lambdas.tunnels.table import KeyHolder, TunnelTable

settings = ConnectionsSettings.from_environment()
logger = Logger(service="tunnels-connections")
table = TunnelTable(boto3.client("dynamodb", config=CONFIG), settings.tunnel_table)
posts = Posts.below(settings.websocket_url)

OK = {"statusCode": 200}
"""Without a body: a body would need a route response, and hosts wait for none."""
_GONE = {"statusCode": 403}


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    context = event["requestContext"]
    given, connection = context["authorizer"], context["connectionId"]
    holder = KeyHolder(given["owner"], given["kind"], given["id"])
    match context["eventType"]:
        case "CONNECT":
            return _connect(holder, given["key"], connection)
        case "DISCONNECT":
            table.disconnected(holder, connection)
            return OK
    try:
        _message(holder, connection, event.get("body") or "", context["identity"]["sourceIp"])
    except Refusal as refusal:
        logger.info("message refused", refused=refusal.code)
        error = {"type": "error", "code": refusal.code, "message": str(refusal)}
        posts.send(connection, json.dumps(error).encode())
    return OK


def _connect(holder: KeyHolder, key: str, connection: str) -> dict[str, Any]:
    """The newest connection of a key is the host's. An older one is closed."""
    replaced = table.connected(holder, key, connection, _now_s())
    if replaced is None:
        return _GONE
    if replaced:
        error = {
            "type": "error",
            "code": "replaced",
            "message": "another connection has this host's key; install each host with its own",
        }
        if posts.send(replaced, json.dumps(error).encode()):
            posts.close(replaced)
    logger.info("connected", kind=holder.kind, host=holder.id, replaced=bool(replaced))
    return OK


def _message(holder: KeyHolder, connection: str, text: str, address: str) -> None:
    try:
        message = message_in(text)
        is_current = _carry_out(holder, connection, message, address)
    except UnknownHost:
        is_current = False
    if not is_current:
        posts.close(connection)


def _carry_out(
    holder: KeyHolder, connection: str, message: Auth | Heartbeat | Ack, address: str
) -> bool:
    """False where the connection is not the host's any more."""
    if isinstance(message, Ack):
        return table.acked(holder, connection, message.version, message.problem, _now_s())
    if isinstance(message, Heartbeat):
        traffic = (message.received, message.sent)
        if not table.seen(holder, connection, _now_s(), traffic):
            return False
        if message.version != table.version(holder.owner):
            _send_config(holder, connection)
        return True
    if not table.seen(holder, connection, _now_s()):
        return False
    _introduce(holder, message, address)
    return _send_config(holder, connection)


def _introduce(holder: KeyHolder, auth: Auth, address: str) -> None:
    """Stores what the host says. Where something changed, the others get a new config."""

    def introduced(host: Agent | Gateway) -> Agent | Gateway:
        changed = replace(host, public_key=auth.public_key, metadata=auth.metadata)
        if not isinstance(changed, Gateway):
            return changed
        # Agents shake hands again with a gateway that has restarted.
        changed = replace(changed, boot_id=auth.boot_id)
        if changed.fixed_ip:
            return changed
        return replace(changed, public_ip=auth.public_ip or _v4(address))

    host = table.host(holder)
    if introduced(host) != host:
        now_ms = time.time_ns() // 1_000_000
        table.change_host(holder.owner, holder.kind, holder.id, now_ms, introduced)


def _v4(address: str) -> str | None:
    return address if "." in address and ":" not in address else None


def _send_config(holder: KeyHolder, connection: str) -> bool:
    network = table.network(holder.owner)
    host = network.host(holder.kind, holder.id)
    if host is None or host.link.connection != connection:
        return False
    posts.send(connection, message_for(host, network))
    return True


def _now_s() -> int:
    return int(time.time())
