"""The WireGuard interface: by the kernel's module, or else by wireguard-go."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from .commands import run
from .errors import TunnelError
from .state import write_private

MTU = 1420
_KEEPALIVE = 25
_SOCKETS = "/var/run/wireguard"
_START_SECONDS = 5.0


class Peer(NamedTuple):
    key: str
    address: str
    """Inside the tunnel."""
    endpoint: str = ""


class WireGuard:
    """One interface. The private key is made here and never leaves this host."""

    def __init__(self, state: Path, name: str, port: int = 0) -> None:
        self.name, self.port = name, port
        self._state = state
        self._key, self._next = state / "wireguard.key", state / "wireguard.key.next"
        self._process: subprocess.Popen[bytes] | None = None
        self._addresses: set[str] = set()
        self._routes: set[str] = set()
        self._peers: dict[str, Peer] = {}
        self.kind = ""
        if not self._key.exists():
            write_private(self._key, run("wg", "genkey") + "\n")

    @property
    def public_key(self) -> str:
        return _public(self._key)

    @property
    def announced_key(self) -> str:
        """The next key, where one waits until the other hosts know it."""
        return _public(self._next) if self._next.exists() else self.public_key

    def make_next_key(self) -> str:
        if not self._next.exists():
            write_private(self._next, run("wg", "genkey") + "\n")
        return self.announced_key

    def use_next_key(self) -> None:
        """No session outlives the key, so every peer is set again to shake hands at once."""
        self._next.replace(self._key)
        run("wg", "set", self.name, "private-key", str(self._key))
        for peer in list(self._peers.values()):
            if peer.endpoint:
                self.restart(peer)

    def up(self) -> None:
        if self._exists():
            run("ip", "link", "del", self.name)
        try:
            run("ip", "link", "add", self.name, "type", "wireguard")
            self.kind = "kernel"
        except TunnelError:
            self._start_user_space()
        run("ip", "link", "set", self.name, "mtu", str(MTU), "up")
        listen = ["listen-port", str(self.port)] if self.port else []
        run("wg", "set", self.name, "private-key", str(self._key), *listen)
        # syncconf without a port binds a new one, and gateways lose the host for seconds.
        self.port = self.port or int(run("wg", "show", self.name, "listen-port"))

    def _exists(self) -> bool:
        return Path("/sys/class/net", self.name).exists()

    def _start_user_space(self) -> None:
        if shutil.which("wireguard-go") is None:
            raise TunnelError(
                "this kernel has no WireGuard, and wireguard-go is not installed; fix: apt-get "
                "install wireguard-go, and see that /dev/net/tun exists"
            )
        self.kind = "wireguard-go"
        self._process = subprocess.Popen(
            ["wireguard-go", "-f", self.name],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LOG_LEVEL": "silent"},
        )
        until = time.monotonic() + _START_SECONDS
        while not Path(_SOCKETS, self.name + ".sock").exists() or not self._exists():
            if self._process.poll() is not None or time.monotonic() > until:
                raise TunnelError("wireguard-go did not start; see that /dev/net/tun exists")
            time.sleep(0.02)

    @property
    def alive(self) -> bool:
        return self._exists() and (self._process is None or self._process.poll() is None)

    def add_addresses(self, addresses: set[str]) -> None:
        """Adds only, so that listeners can bind before anything is taken away."""
        for address in addresses - self._addresses:
            run("ip", "addr", "replace", address + "/32", "dev", self.name)
        self._addresses |= addresses

    def apply(self, addresses: set[str], peers: list[Peer]) -> None:
        """Exactly these addresses and peers. Sessions of peers that stay go on."""
        with tempfile.NamedTemporaryFile("w", dir=self._state, suffix=".conf") as file:
            file.write(f"[Interface]\nPrivateKey = {self._key.read_text().strip()}\n")
            file.write("ListenPort = %d\n" % self.port)
            for peer in peers:
                file.write("[Peer]\nPublicKey = {}\nAllowedIPs = {}/32\n".format(*peer[:2]))
                if peer.endpoint:
                    file.write(
                        "Endpoint = %s\nPersistentKeepalive = %d\n" % (peer.endpoint, _KEEPALIVE)
                    )
            file.flush()
            run("wg", "syncconf", self.name, file.name)
        self._peers = {peer.key: peer for peer in peers}
        self.add_addresses(addresses)
        routes = {peer.address for peer in peers}
        for route in routes - self._routes:
            run("ip", "route", "replace", route + "/32", "dev", self.name)
        for route in self._routes - routes:
            _ignoring("ip", "route", "del", route + "/32", "dev", self.name)
        for address in self._addresses - addresses:
            _ignoring("ip", "addr", "del", address + "/32", "dev", self.name)
        self._addresses, self._routes = set(addresses), routes

    def restart(self, peer: Peer) -> None:
        """A restarted peer does not know the session, which lasts two minutes more."""
        run("wg", "set", self.name, "peer", peer.key, "remove")
        run(
            "wg", "set", self.name, "peer", peer.key, "endpoint", peer.endpoint,
            "allowed-ips", peer.address + "/32", "persistent-keepalive", str(_KEEPALIVE),
        )  # fmt: skip

    def handshakes(self) -> dict[str, int]:
        """When each peer last shook hands, in seconds of the host's clock; 0 for never."""
        lines = run("wg", "show", self.name, "latest-handshakes").splitlines()
        return {key: int(at) for key, at in (line.split("\t") for line in lines)}

    def traffic(self) -> tuple[int, int]:
        """Bytes received and sent since the interface is up."""
        rows = [line.split("\t") for line in run("wg", "show", self.name, "transfer").splitlines()]
        return sum(int(row[1]) for row in rows), sum(int(row[2]) for row in rows)

    def down(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(5)
        elif self._exists():
            _ignoring("ip", "link", "del", self.name)


def _public(key: Path) -> str:
    return run("wg", "pubkey", given=key.read_text())


def _ignoring(*command: str) -> None:
    with contextlib.suppress(TunnelError):
        run(*command)
