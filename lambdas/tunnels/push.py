"""Pushes a network's config to its hosts after each change. The table's stream invokes it."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import CONFIG
from lambdas.tunnels.configs import message_for
from lambdas.tunnels.orders import order_now
from lambdas.tunnels.posts import Posts
from lambdas.tunnels.records import Agent, Gateway, Network, status
from lambdas.tunnels.settings import PushSettings
from lambdas.tunnels.table import KeyHolder, TunnelTable, changed_owners

_AT_ONCE: Final = 8

settings = PushSettings.from_environment()
logger = Logger(service="tunnels-push")
table = TunnelTable(boto3.client("dynamodb", config=CONFIG), settings.tunnel_table)
posts = Posts.below(settings.websocket_url)


def handler(event: dict[str, Any], _context: Any) -> None:
    """Several changes of one network are one push: it reads the newest state."""
    for owner in changed_owners(event["Records"]):
        try:
            _push(owner)
        except Exception:
            # A stream repeats a batch that fails, and one creator's must not block the others.
            # Hosts that miss a push get it with their next heartbeat.
            logger.exception("push failed", owner=owner)


def _push(owner: str) -> None:
    network = table.network(owner)
    for connection in network.closing:
        posts.close(connection)
        table.closed(owner, connection)
    # Gateways first, so that they know an agent's new key when the agent begins to use it.
    sent = [_send_all(network.gateways, network), _send_all(network.agents, network)]
    logger.info("pushed", version=network.version.number, hosts=sum(sent))
    if _needs_certificates(network):
        order_now(settings.certificates_function)


def _needs_certificates(network: Network) -> bool:
    """A tunnel is new, and there is a gateway to reach it by."""
    known = {each.domain for each in network.certificates}
    wanted = {each.domain for each in network.tunnels if each.domain and each.enabled}
    return bool(wanted - known) and any(each.link.acked for each in network.gateways)


def _send_all(hosts: tuple[Agent, ...] | tuple[Gateway, ...], network: Network) -> int:
    now_s = int(time.time())
    online = [each for each in hosts if status(each, now_s) != "offline"]
    if not online:
        return 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return sum(pool.map(lambda host: _send(host, network), online))


def _send(host: Agent | Gateway, network: Network) -> bool:
    connection = host.link.connection
    if posts.send(connection, message_for(host, network)):
        return True
    table.disconnected(KeyHolder(host.owner, host.kind, host.id), connection)
    return False
