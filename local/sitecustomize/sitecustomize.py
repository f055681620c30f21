"""Loaded by the emulator and by every Lambda it runs."""

import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

_resolve = socket.getaddrinfo


_hosts = os.environ.get("HTMLGAME_HOSTS", "")
_ports = dict(each.split(":") for each in _hosts.split(",") if each)


def _getaddrinfo(host: Any, port: Any = None, *rest: Any, **named: Any) -> Any:
    # RFC 6761: every name under localhost is this machine; not every resolver knows them.
    if isinstance(host, str) and host.endswith(".localhost"):
        port = int(_ports[host]) if host in _ports else port
        host = "127.0.0.1"
    return _resolve(host, port, *rest, **named)


socket.getaddrinfo = _getaddrinfo


def _die_with(leash: int) -> None:
    """Ends the emulator when the process that started it ends, which closes the other end."""
    os.read(leash, 1)
    os.killpg(0, signal.SIGTERM)


_leash = os.environ.pop("HTMLGAME_LEASH", None)
_door_key = os.environ.pop("HTMLGAME_DOOR", None)
_strictness = os.environ.pop("HTMLGAME_STRICT", None)
if _leash is not None and _door_key is not None and _strictness is not None:
    # This is the emulator itself. Its Lambdas inherit the environment without these variables.
    from htmlgame_columns import know_columns
    from htmlgame_descriptions import know_descriptions
    from htmlgame_layers import unpack_layers_once
    from htmlgame_log_patterns import know_log_patterns
    from htmlgame_parameters import know_parameters
    from htmlgame_views import know_views
    from htmlgame_waits import wait_for_stacks

    sys.path.append(str(Path(__file__).parents[2]))
    from local.strict.attach import attach
    from local.strict.settings import Strictness

    know_columns()
    know_descriptions()
    know_log_patterns()
    know_parameters()
    unpack_layers_once()
    know_views()
    wait_for_stacks()
    attach(int(os.environ["GATEWAY_PORT"]), _door_key, Strictness.read(_strictness))
    threading.Thread(target=_die_with, args=(int(_leash),), daemon=True).start()
