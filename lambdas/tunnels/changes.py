"""Reads what creators send about agents, gateways and tunnels."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.errors import Malformed
from lambdas.tunnels import rules
from lambdas.tunnels.records import Agent, Gateway, Tunnel

_HOST: Final = ("name", "enabled")
_GATEWAY: Final = (*_HOST, "publicIp", "region")
_TUNNEL: Final = (
    "domain",
    "target",
    "enabled",
    "description",
    "publicPort",
    "proxyProtocol",
)

Json = dict[str, Any]


def new_agent(body: bytes) -> Json:
    """Fields of the new agent."""
    sent = object_in(body, most_bytes=rules.MOST_BODY_BYTES, fields=_HOST)
    return _host_fields({"name": None, **sent})


def new_gateway(body: bytes) -> Json:
    sent = object_in(body, most_bytes=rules.MOST_BODY_BYTES, fields=_GATEWAY)
    return _gateway_fields({"name": None, **sent})


def changed_agent(agent: Agent, body: bytes) -> Agent:
    sent = object_in(body, most_bytes=rules.MOST_BODY_BYTES, fields=_HOST)
    return replace(agent, **_host_fields(sent))


def changed_gateway(gateway: Gateway, body: bytes) -> Gateway:
    sent = object_in(body, most_bytes=rules.MOST_BODY_BYTES, fields=_GATEWAY)
    return replace(gateway, **_gateway_fields(sent))


def _host_fields(sent: Json) -> Json:
    found: Json = {}
    if "name" in sent:
        found["name"] = rules.name(sent["name"])
    if "enabled" in sent:
        found["enabled"] = rules.flag("enabled", sent["enabled"])
    return found


def _gateway_fields(sent: Json) -> Json:
    found = _host_fields(sent)
    if "publicIp" in sent:
        given = sent["publicIp"]
        found["public_ip"] = None if given is None else rules.public_ip(given)
        found["fixed_ip"] = given is not None
    if "region" in sent:
        found["region"] = rules.region(sent["region"])
    return found


def new_tunnel(body: bytes) -> Json:
    fields = (*_TUNNEL, "agentId", "protocol")
    sent = object_in(body, most_bytes=rules.MOST_BODY_BYTES, fields=fields)
    if not isinstance(sent.get("agentId"), str):
        raise Malformed("agentId", "missing; send the id of one of your agents")
    protocol = rules.protocol(sent.get("protocol", "http"))
    found = _tunnel_fields({"target": None, **sent})
    found |= {"agent_id": sent["agentId"].lower(), "protocol": protocol}
    blank: Json = {
        "domain": None,
        "public_port": None,
        "enabled": True,
        "proxy_protocol": False,
        "description": "",
    }
    made = blank | found
    _check(protocol, made["domain"], made["public_port"], made["proxy_protocol"])
    return made


def changed_tunnel(tunnel: Tunnel, body: bytes) -> Tunnel:
    sent = object_in(body, most_bytes=rules.MOST_BODY_BYTES, fields=_TUNNEL)
    changed = replace(tunnel, **_tunnel_fields(sent))
    _check(changed.protocol, changed.domain, changed.public_port, changed.proxy_protocol)
    if changed.protocol != "http" and changed.public_port is None:
        raise Malformed("publicPort", "missing; give a whole number from 1024 to 65535")
    return changed


def _tunnel_fields(sent: Json) -> Json:
    readers: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "domain": ("domain", lambda value: None if value is None else rules.domain(value)),
        "target": ("target", rules.target),
        "enabled": ("enabled", lambda value: rules.flag("enabled", value)),
        "description": ("description", lambda value: rules.description(value or "")),
        "publicPort": (
            "public_port",
            lambda value: None if value is None else rules.public_port(value),
        ),
        "proxyProtocol": ("proxy_protocol", lambda value: rules.flag("proxyProtocol", value)),
    }
    return {field: read(sent[name]) for name, (field, read) in readers.items() if name in sent}


def _check(
    protocol: str,
    domain: str | None,
    public_port: int | None,
    proxy_protocol: bool,  # noqa: FBT001
) -> None:
    if protocol == "http" and domain is None:
        raise Malformed("domain", "missing; an http tunnel is reached by its domain")
    if protocol == "http" and public_port is not None:
        raise Malformed("publicPort", "an http tunnel has ports 80 and 443; leave it out")
    if protocol != "http" and domain is not None:
        raise Malformed("domain", f"a {protocol} tunnel is reached by its port; leave it out")
    if protocol == "udp" and proxy_protocol:
        raise Malformed("proxyProtocol", "is for tcp and http tunnels; udp has none")
