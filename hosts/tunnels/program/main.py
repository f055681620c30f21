"""The command line: htmlgame-tunnel agent, gateway and status."""

from __future__ import annotations

import argparse
import os
import re
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from . import VERSION
from .agent import Agent
from .client import Client, log
from .control import Control
from .errors import TunnelError
from .gateway import Gateway
from .host import Host
from .state import CONFIG, kept

_KEYS = {"agent": "agt_", "gateway": "gtw_"}


def main() -> None:
    given = _parser().parse_args()
    try:
        if given.role == "status":
            _status(given)
        else:
            _serve(given)
    except TunnelError as error:
        sys.exit(f"htmlgame-tunnel: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="htmlgame-tunnel")
    parser.add_argument("--version", action="version", version=VERSION)
    roles = parser.add_subparsers(dest="role", required=True)
    for role in ("agent", "gateway"):
        added = roles.add_parser(role)
        added.add_argument("--state-dir", default="/var/lib/htmlgame-tunnel/" + role)
        added.add_argument("--interface", default="hg-" + role)
        added.add_argument("--control-url", default=os.environ.get("CONTROL_URL"))
    agent, gateway = roles.choices["agent"], roles.choices["gateway"]
    agent.add_argument(
        "--allow-target",
        action="append",
        default=os.environ.get("ALLOW_TARGETS", "").split(),
        metavar="NETWORK",
        help="a network outside this host's own that tunnels may lead to",
    )
    gateway.add_argument("--public-ip", default=os.environ.get("PUBLIC_IP") or None)
    gateway.add_argument("--port", type=int, default=51820, help="of WireGuard, over UDP")
    gateway.add_argument("--caddy", default=os.environ.get("CADDY", "caddy"))
    gateway.add_argument("--web-ports", default="80,443", metavar="HTTP,HTTPS")
    status = roles.add_parser("status", help="what the kept config says")
    status.add_argument("--state-dir", required=True)
    return parser


def _serve(given: argparse.Namespace) -> None:
    # The key is no argument: other users of this host could read it in the list of processes.
    api_key = os.environ.get("API_KEY", "")
    if not re.fullmatch(_KEYS[given.role] + "[a-z0-9]{32}", api_key):
        raise TunnelError(f"API_KEY: missing, or not a key of this kind ({_KEYS[given.role]}…)")
    if not given.control_url:
        raise TunnelError("CONTROL_URL: missing; give the address of your site")
    os.umask(0o077)
    _allow_sockets()
    state = Path(given.state_dir)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    host = _host(given, state)
    client = Client(host, Control(given.control_url, api_key), api_key)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: client.stop())
    try:
        host.up()
        log(f"{given.role} {VERSION}, WireGuard by {host.wireguard.kind}")
        client.begin()
        client.run()
    finally:
        host.down()


def _allow_sockets() -> None:
    """Services start with a limit of 1024 files, and a connection has two sockets."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _host(given: argparse.Namespace, state: Path) -> Host:
    if given.role == "agent":
        return Agent(state, given.interface, allowed=given.allow_target)
    plain, _, secure = given.web_ports.partition(",")
    return Gateway(
        state,
        given.interface,
        port=given.port,
        public_ip=given.public_ip,
        caddy=given.caddy,
        web_ports=(int(plain), int(secure)),
    )


def _status(given: argparse.Namespace) -> None:
    config: dict[str, Any] = kept(Path(given.state_dir), CONFIG) or {}
    if not config:
        raise TunnelError(f"{given.state_dir} has no config yet; see the log of the service")
    data = config["data"]
    print("version %d" % config["version"])
    for tunnel in data["tunnels"]:
        print("  {} -> {}".format(tunnel["domain"] or tunnel["protocol"], tunnel["target"]))
