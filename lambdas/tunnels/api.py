"""Creators' requests about their agents, gateways and tunnels."""

from dataclasses import replace
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import CONFIG
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.principals import creator_of
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.published import lock_reader
from lambdas.shared.values.uuids import is_uuid
from lambdas.tunnels.api_keys import Kind, new_key
from lambdas.tunnels.changes import (
    changed_agent,
    changed_gateway,
    changed_tunnel,
    new_agent,
    new_gateway,
    new_tunnel,
)
from lambdas.tunnels.dns import addresses_of
from lambdas.tunnels.errors import NoCertificate, UnknownHost, UnknownTunnel
from lambdas.tunnels.orders import order_again, order_now
from lambdas.tunnels.records import Tunnel, agent_json, dns_json, gateway_json, tunnel_json
from lambdas.tunnels.routes import ROUTES
from lambdas.tunnels.settings import TunnelsSettings
from lambdas.tunnels.table import TunnelTable

settings = TunnelsSettings.from_environment()
logger = Logger(service="tunnels")
table = TunnelTable(boto3.client("dynamodb", config=CONFIG), settings.tunnel_table)


def _overview(request: Request) -> Answer:
    """Everything in one request, for a page that refreshes itself."""
    network, now_s = table.network(creator_of(request)), request.now_s
    certificates = {each.domain: each for each in network.certificates}
    return Answer(
        {
            "version": network.version.number,
            "epoch": network.version.epoch or None,
            "agents": [agent_json(each, now_s) for each in network.agents],
            "gateways": [gateway_json(each, now_s) for each in network.gateways],
            "tunnels": [
                tunnel_json(each, certificates.get(each.domain or "")) for each in network.tunnels
            ],
        }
    )


def _add_agent(request: Request) -> Answer:
    key = new_key("agent")
    agent = table.create_agent(creator_of(request), key, request.now_ms, new_agent(request.body))
    return Answer({**agent_json(agent, request.now_s), "apiKey": key})


def _list_agents(request: Request) -> Answer:
    agents = table.agents(creator_of(request))
    return Answer({"agents": [agent_json(each, request.now_s) for each in agents]})


def _read_agent(request: Request) -> Answer:
    agent = table.agent(creator_of(request), _host_id(request, "agent"))
    return Answer(agent_json(agent, request.now_s))


def _change_agent(request: Request) -> Answer:
    changed = _changed(request, "agent", partial(changed_agent, body=request.body))
    return Answer(agent_json(changed, request.now_s))


def _delete_agent(request: Request) -> Answer:
    table.delete_agent(creator_of(request), _host_id(request, "agent"), request.now_ms)
    return Answer({"ok": True})


def _add_gateway(request: Request) -> Answer:
    key, fields = new_key("gateway"), new_gateway(request.body)
    gateway = table.create_gateway(creator_of(request), key, request.now_ms, fields)
    return Answer({**gateway_json(gateway, request.now_s), "apiKey": key})


def _list_gateways(request: Request) -> Answer:
    gateways = table.gateways(creator_of(request))
    return Answer({"gateways": [gateway_json(each, request.now_s) for each in gateways]})


def _read_gateway(request: Request) -> Answer:
    gateway = table.gateway(creator_of(request), _host_id(request, "gateway"))
    return Answer(gateway_json(gateway, request.now_s))


def _change_gateway(request: Request) -> Answer:
    changed = _changed(request, "gateway", partial(changed_gateway, body=request.body))
    return Answer(gateway_json(changed, request.now_s))


def _delete_gateway(request: Request) -> Answer:
    table.delete_gateway(creator_of(request), _host_id(request, "gateway"), request.now_ms)
    return Answer({"ok": True})


def _changed(request: Request, kind: Kind, change: Any) -> Any:
    owner, host_id = creator_of(request), _host_id(request, kind)
    return table.change_host(owner, kind, host_id, request.now_ms, change)


def _rotate_key(request: Request, kind: Kind) -> Answer:
    """The old key is refused from now on, and its connection is closed within seconds."""
    key = new_key(kind)
    table.rotate_key(creator_of(request), kind, _host_id(request, kind), key, request.now_ms)
    return Answer({"apiKey": key})


def _rotate_wireguard(request: Request, kind: Kind) -> Answer:
    """Has the host make a new WireGuard key, which the others then learn."""
    _changed(request, kind, lambda host: replace(host, generation=host.generation + 1))
    return Answer({"ok": True})


def _add_tunnel(request: Request) -> Answer:
    fields = new_tunnel(request.body)
    if not is_uuid(fields["agent_id"]):
        raise UnknownHost("agent")
    tunnel = table.create_tunnel(creator_of(request), request.now_ms, fields)
    return Answer(tunnel_json(tunnel))


def _list_tunnels(request: Request) -> Answer:
    owner = creator_of(request)
    certificates = table.certificates(owner)
    tunnels = [
        tunnel_json(each, certificates.get(each.domain or "")) for each in table.tunnels(owner)
    ]
    return Answer({"tunnels": tunnels})


def _read_tunnel(request: Request) -> Answer:
    owner = creator_of(request)
    tunnel = table.tunnel(owner, _tunnel_id(request))
    certificate = table.certificate(owner, tunnel.domain) if tunnel.domain else None
    return Answer(tunnel_json(tunnel, certificate))


def _change_tunnel(request: Request) -> Answer:
    tunnel = table.change_tunnel(
        creator_of(request),
        _tunnel_id(request),
        request.now_ms,
        partial(changed_tunnel, body=request.body),
    )
    return Answer(tunnel_json(tunnel))


def _read_dns(request: Request) -> Answer:
    """The addresses that a domain needs, and those that it has."""
    owner = creator_of(request)
    tunnel = _with_domain(table.tunnel(owner, _tunnel_id(request)))
    gateways = [each for each in table.gateways(owner) if each.enabled and each.public_ip]
    return Answer(dns_json(str(tunnel.domain), gateways, addresses_of(str(tunnel.domain))))


def _order_certificate(request: Request) -> Answer:
    owner = creator_of(request)
    domain = str(_with_domain(table.tunnel(owner, _tunnel_id(request))).domain)
    order_again(table, owner, domain, request.now_s)
    order_now(settings.certificates_function)
    return Answer({"ok": True})


def _with_domain(tunnel: Tunnel) -> Tunnel:
    if tunnel.domain is None:
        raise NoCertificate(tunnel.protocol)
    return tunnel


def _delete_tunnel(request: Request) -> Answer:
    table.delete_tunnel(creator_of(request), _tunnel_id(request))
    return Answer({"ok": True})


def _host_id(request: Request, kind: Kind) -> str:
    if not is_uuid(request.path["id"]):
        raise UnknownHost(kind)
    return request.path["id"].lower()


def _tunnel_id(request: Request) -> str:
    if not is_uuid(request.path["id"]):
        raise UnknownTunnel
    return request.path["id"].lower()


handler = endpoint(
    dispatch(
        ROUTES.keys(settings.tunnels_path),
        {
            "overview": _overview,
            "add_agent": _add_agent,
            "list_agents": _list_agents,
            "read_agent": _read_agent,
            "change_agent": _change_agent,
            "delete_agent": _delete_agent,
            "rotate_agent_key": partial(_rotate_key, kind="agent"),
            "rotate_agent_wireguard": partial(_rotate_wireguard, kind="agent"),
            "add_gateway": _add_gateway,
            "list_gateways": _list_gateways,
            "read_gateway": _read_gateway,
            "change_gateway": _change_gateway,
            "delete_gateway": _delete_gateway,
            "rotate_gateway_key": partial(_rotate_key, kind="gateway"),
            "rotate_gateway_wireguard": partial(_rotate_wireguard, kind="gateway"),
            "add_tunnel": _add_tunnel,
            "list_tunnels": _list_tunnels,
            "read_tunnel": _read_tunnel,
            "change_tunnel": _change_tunnel,
            "delete_tunnel": _delete_tunnel,
            "read_dns": _read_dns,
            "order_certificate": _order_certificate,
        },
    ),
    lock=origin_lock(lock_reader(settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(table,),
)
