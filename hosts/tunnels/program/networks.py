"""The networks of this host: where targets may be, and what a tunnel's addresses may not meet."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from typing import NamedTuple, Union

from .commands import run
from .errors import NotApplied

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

_NEVER = tuple(
    ipaddress.ip_network(each)
    for each in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128",
                 "100.100.100.200/32", "224.0.0.0/4", "ff00::/8", "0.0.0.0/8", "::/128")
)  # fmt: skip
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


class Local(NamedTuple):
    interface: str
    network: Network


def local_networks(without: str) -> list[Local]:
    """Of all interfaces but this one."""
    found = []
    for each in json.loads(run("ip", "-j", "addr") or "[]"):
        if each.get("ifname") in (without, "lo"):
            continue
        for address in each.get("addr_info", ()):
            network = ipaddress.ip_network(
                "%s/%d" % (address["local"], address["prefixlen"]), strict=False
            )
            found.append(Local(each["ifname"], network))
    return found


def refuse_overlap(addresses: Iterable[str], networks: Iterable[Local]) -> None:
    """Addresses of the tunnel that are also in this host's own network would cut it off."""
    for address in map(ipaddress.ip_address, addresses):
        for local in networks:
            if address.version == local.network.version and address in local.network:
                raise NotApplied(
                    f"the tunnel's address {address} is in this host's own network {local.network} "
                    f"({local.interface}); delete this agent and add it again: it gets another "
                    "subnet"
                )


class Guard:
    """Lets traffic go to this host, to its networks, and to what its owner allows besides."""

    def __init__(self, allowed: Iterable[str], without: str) -> None:
        self._allowed = tuple(ipaddress.ip_network(each, strict=False) for each in allowed)
        self._without = without

    def allows(self, text: str) -> bool:
        address = ipaddress.ip_address(text.partition("%")[0])
        plain: Address = getattr(address, "ipv4_mapped", None) or address
        if _within(plain, _NEVER):
            return False
        if _within(plain, _LOOPBACK) or _within(plain, self._allowed):
            return True
        return _within(plain, [each.network for each in local_networks(self._without)])


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == each.version and address in each for each in networks)
