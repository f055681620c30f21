"""Checks whether TCP ports are free, and names the program that uses one."""

import errno
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.terminal.errors import VariableError

LARGEST: Final = 65_535
_LISTENING: Final = "0A"


def port_number(variable: str, text: str, default: int) -> int:
    if re.fullmatch(r"[0-9]{1,5}", text) and 1 <= int(text) <= LARGEST:
        return int(text)
    raise VariableError(
        variable, text, f"a port is a number from 1 to {LARGEST}", f"make dev {variable}={default}"
    )


def refuse_equal(cloud: int, edge: int) -> None:
    if cloud == edge:
        free = _usable(8000, besides=cloud)
        raise VariableError(
            "EDGE_PORT", edge, "CLOUD_PORT has the same port", f"make dev EDGE_PORT={free}"
        )


def refuse_unusable(variable: str, port: int, *, besides: int = 0) -> None:
    """`besides` is the port of another part of the same system."""
    problem = _problem(port)
    if problem == errno.EACCES:
        first = _first_for_everybody()
        raise VariableError(
            variable,
            port,
            f"port {port} is below {first}, where this user may not listen",
            f"make dev {variable}={_usable(max(first, 8000), besides=besides)}",
        )
    if problem is not None:
        raise VariableError(
            variable,
            port,
            f"port {port} is in use by {_holder(port) or 'another program'}",
            f"stop it, or make dev {variable}={_usable(port + 1, besides=besides)}",
        )


def _problem(port: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno
    return None


def _usable(first: int, *, besides: int) -> int:
    above = (port for port in range(first, LARGEST + 1) if port != besides)
    return next((port for port in above if _problem(port) is None), 8000)


def _first_for_everybody() -> int:
    setting = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    return int(setting.read_text()) if setting.is_file() else 1024


def _holder(port: int) -> str | None:
    """The program's name and process; None if it belongs to another user."""
    return _by_proc(port) if sys.platform == "linux" else _by_lsof(port)


def _by_proc(port: int) -> str | None:
    sockets = set(_listening_sockets(port))
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(each.readlink()) in sockets for each in (process / "fd").iterdir()):
                name = (process / "comm").read_text().strip()
                return f"{name} (process {process.name}, in {(process / 'cwd').readlink()})"
        except OSError:
            # It has just ended, or it belongs to another user.
            continue
    return None


def _listening_sockets(port: int) -> Iterator[str]:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.is_file():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield f"socket:[{fields[9]}]"


def _by_lsof(port: int) -> str | None:
    lsof = shutil.which("lsof")
    if lsof is None:
        return None
    command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    fields = {line[0]: line[1:] for line in found.splitlines() if line}
    return f"{fields['c']} (process {fields['p']})" if {"c", "p"} <= fields.keys() else None
