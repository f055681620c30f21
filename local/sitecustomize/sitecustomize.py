"""Loaded by the emulator and by every Lambda it runs."""

import os
import signal
import socket
import threading
from typing import Any

_resolve = socket.getaddrinfo


_issuer_host, _, _issuer_port = os.environ.get("HTMLGAME_ISSUER", "").partition(":")


def _getaddrinfo(host: Any, port: Any = None, *rest: Any, **named: Any) -> Any:
    # RFC 6761: every name under localhost is this machine; not every resolver knows.
    if isinstance(host, str) and host.endswith(".localhost"):
        port = int(_issuer_port) if host == _issuer_host else port
        host = "127.0.0.1"
    return _resolve(host, port, *rest, **named)


socket.getaddrinfo = _getaddrinfo


def _die_with(leash: int) -> None:
    """The other end is held by whoever started the emulator, and closes however they end."""
    os.read(leash, 1)
    os.killpg(0, signal.SIGTERM)


_leash = os.environ.pop("HTMLGAME_LEASH", None)
if _leash is not None:  # then this is the emulator itself
    from htmlgame_descriptions import know_descriptions
    from htmlgame_layers import unpack_layers_once
    from htmlgame_parameters import know_parameters
    from htmlgame_views import know_views

    know_descriptions()
    know_parameters()
    unpack_layers_once()
    know_views()
    threading.Thread(target=_die_with, args=(int(_leash),), daemon=True).start()
