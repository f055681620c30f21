"""The agent: it runs beside the server that the tunnels lead to."""

from __future__ import annotations

import ipaddress
import sys
import time
from pathlib import Path
from typing import Any

from . import firewall
from .forwards import Forward
from .host import Host
from .wireguard import Peer

_NUDGING_SECONDS = 10.0
_FIRST_SECONDS = 20.0
_MEETING_SECONDS = 200.0


class Agent(Host):
    role = "agent"

    def __init__(self, state: Path, interface: str, *, allowed: list[str]) -> None:
        super().__init__(state, interface, port=0, allowed=allowed)
        self._boots: dict[str, str] = {}
        self._peers: list[Peer] = []
        self._nudging_until = 0.0
        self._met: dict[str, tuple[int, float]] = {}
        """The last handshake with each peer by the host's clock, and when it was noticed."""

    def up(self) -> None:
        super().up()
        if not firewall.available():
            print("nft is not installed: gateways can reach every port that this host opens to "
                  "all addresses; fix: apt-get install nftables", file=sys.stderr)  # fmt: skip

    def tick(self) -> None:
        """Shakes hands again with gateways that did not know this agent yet when it began.

        WireGuard itself would wait five seconds.
        """
        if time.monotonic() > self._nudging_until:
            return
        met = self.wireguard.handshakes()
        for peer in self._peers:
            if not met.get(peer.key):
                self.wireguard.restart(peer)

    def complaint(self) -> str:
        """Gateways that do not answer. Peers that are met shake hands every two minutes."""
        now, met = time.monotonic(), self.wireguard.handshakes()
        for peer in self._peers:
            at = met.get(peer.key, 0)
            before, noticed = self._met.get(peer.key, (-1, now))
            self._met[peer.key] = (at, now if before != at else noticed)
        silent = [
            peer.endpoint
            for peer in self._peers
            if now - self._met[peer.key][1]
            > (_MEETING_SECONDS if self._met[peer.key][0] else _FIRST_SECONDS)
        ]
        if not silent:
            return ""
        return (
            "no answer over UDP from the gateway at {}; fix: let that port through the gateway's "
            "firewall, and see that the gateway runs".format(", ".join(silent))
        )

    def down(self) -> None:
        super().down()
        if firewall.available():
            firewall.remove(self.interface)

    def more_metadata(self) -> dict[str, str]:
        return {"firewall": "nft" if firewall.available() else "none"}

    def apply(self, data: dict[str, Any]) -> str:
        me, gateways = data["agent"], data["gateways"]
        peers = {
            each["id"]: Peer(
                each["wireguardPublicKey"],
                each["virtualIp"],
                "%s:%d" % (each["publicIp"], each["port"]),
            )
            for each in gateways
        }
        allowed, refused = self._sorted_out(data["tunnels"])
        wanted = {
            Forward(_carried(each), me["virtualIp"], each["port"], *_target(each))
            for each in allowed
        }
        if firewall.available():
            firewall.apply(
                self.interface,
                [each.port for each in wanted if each.protocol == "tcp"],
                [each.port for each in wanted if each.protocol == "udp"],
            )
        self.arrange({me["virtualIp"]}, list(peers.values()), wanted)
        for each in gateways:
            before = self._boots.get(each["id"], each["bootId"])
            if before != each["bootId"]:
                self.wireguard.restart(peers[each["id"]])
        self._boots = {each["id"]: each["bootId"] for each in gateways}
        self._peers = list(peers.values())
        self._nudging_until = time.monotonic() + _NUDGING_SECONDS
        return "; ".join(refused)

    def _sorted_out(self, tunnels: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
        """Addresses are checked now. Names are resolved and checked for each connection."""
        allowed, refused = [], []
        for tunnel in tunnels:
            host, _ = _target(tunnel)
            if _is_address(host) and not self.allows(host):
                refused.append(
                    "tunnel {}: target {} is outside this host's networks; to allow it, start the "
                    "agent with --allow-target={}".format(_name(tunnel), tunnel["target"], host)
                )
            else:
                allowed.append(tunnel)
        return allowed, refused


def _carried(tunnel: dict[str, Any]) -> str:
    return "udp" if tunnel["protocol"] == "udp" else "tcp"


def _target(tunnel: dict[str, Any]) -> tuple[str, int]:
    host, _, port = tunnel["target"].rpartition(":")
    return host.strip("[]"), int(port)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _name(tunnel: dict[str, Any]) -> str:
    return str(tunnel["domain"] or tunnel["id"])
