"""Runs the host's own programs, such as ip and wg."""

from __future__ import annotations

import shutil
import subprocess

from .errors import TunnelError

_SECONDS = 15


def run(*command: str, given: str | None = None) -> str:
    """Its output. A failure names the command and what it said."""
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise TunnelError(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise TunnelError("%s did not end within %d s" % (command[0], _SECONDS)) from None
    if done.returncode:
        raise TunnelError("{}: {}".format(" ".join(command[:4]), done.stderr.strip()[:200]))
    return done.stdout.strip()


def has(program: str) -> bool:
    return shutil.which(program) is not None
