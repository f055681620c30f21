"""The gateway: it has the public address, and sends what arrives there to agents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .caddy import Caddy
from .errors import NotApplied
from .forwards import Forward
from .host import Host
from .wireguard import Peer


class Gateway(Host):
    role = "gateway"

    def __init__(
        self,
        state: Path,
        interface: str,
        *,
        port: int,
        public_ip: str | None,
        caddy: str,
        web_ports: tuple[int, int],
        challenge: str = "",
    ) -> None:
        super().__init__(state, interface, port=port, allowed=[])
        self._public_ip = public_ip
        self.challenge = challenge
        self._caddy = Caddy(state, caddy, http_port=web_ports[0], https_port=web_ports[1])
        self._data: dict[str, Any] = {}

    def allows(self, address: str) -> bool:  # noqa: ARG002
        """Its targets are agents' addresses, which control decides."""
        return True

    def down(self) -> None:
        self._caddy.down()
        super().down()

    def tick(self) -> None:
        self._caddy.revive()

    def introduction(self) -> dict[str, Any]:
        given = super().introduction()
        return {**given, "publicIp": self._public_ip} if self._public_ip else given

    def apply(self, data: dict[str, Any]) -> str:
        if data["gateway"]["port"] != self.wireguard.port:
            raise NotApplied(
                "control expects WireGuard on port %d, and this gateway was started with %d"
                % (data["gateway"]["port"], self.wireguard.port)
            )
        agents = data["agents"]
        self._data = data
        self.arrange(
            {each["gatewayIp"] for each in agents},
            [Peer(each["wireguardPublicKey"], each["virtualIp"]) for each in agents],
            {_forward(each) for each in data["tunnels"] if each["protocol"] != "http"},
        )
        return ""

    def before_commit(self) -> None:
        network = self._data["gateway"]["network"]
        self._caddy.load(self._data, f"{self.challenge}/{network}")


def _forward(tunnel: dict[str, Any]) -> Forward:
    return Forward(
        tunnel["protocol"],
        "0.0.0.0",  # it is there to be reached
        tunnel["publicPort"],
        tunnel["agentVirtualIp"],
        tunnel["port"],
        tunnel["proxyProtocol"],
    )
