"""Loaded by the emulator and by every Lambda it runs."""

import os
import signal
import socket
import threading
from typing import Any

_resolve = socket.getaddrinfo


def _getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
    # RFC 6761: every name under localhost is this machine; not every resolver knows.
    if isinstance(host, str) and host.endswith(".localhost"):
        host = "127.0.0.1"
    return _resolve(host, *rest, **named)


socket.getaddrinfo = _getaddrinfo


def _die_with(leash: int) -> None:
    """The other end is held by whoever started the emulator, and closes however they end."""
    os.read(leash, 1)
    os.killpg(0, signal.SIGTERM)


_leash = os.environ.pop("HTMLGAME_LEASH", None)
if _leash is not None:
    threading.Thread(target=_die_with, args=(int(_leash),), daemon=True).start()
