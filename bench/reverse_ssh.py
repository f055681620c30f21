"""ssh -R, for comparison: OpenSSH's server at the gateway, without root, and its client at home."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.e2e.hosts import ADDRESSES, Lab, until

_NOBODY: Final = 65_534
_LISTENS: Final = 2222


def sshd() -> str | None:
    return shutil.which("sshd", path=os.pathsep.join((os.environ["PATH"], "/usr/sbin")))


def forward(made: Lab, server: str, ports: dict[int, int]) -> None:
    """Ports of the gateway lead to ports at home."""
    folder = made.folder / "ssh"
    folder.mkdir(mode=0o755)
    made.folder.chmod(0o711)
    host_key, key = _key(folder / "host"), _key(folder / "client")
    allowed = folder / "allowed"
    allowed.write_bytes(key.with_suffix(".pub").read_bytes())
    config = folder / "sshd.conf"
    # Without PAM, sshd refuses nobody as an account that is locked.
    config.write_text(
        f"Port {_LISTENS}\nHostKey {host_key}\nAuthorizedKeysFile {allowed}\nPidFile none\n"
        "StrictModes no\nGatewayPorts yes\nUsePAM yes\n"
    )
    for each in (host_key, allowed, config):
        os.chown(each, _NOBODY, _NOBODY)
    as_nobody = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups")
    made.start("gw1", *as_nobody, server, "-D", "-e", "-f", str(config), log="sshd.log")
    log = made.folder / "sshd.log"
    until(lambda: "listening" in log.read_text(), 10, "sshd listens")
    wanted = [f"-R0.0.0.0:{at}:127.0.0.1:{to}" for at, to in ports.items()]
    more = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null")
    made.start(
        "home", "ssh", "-N", "-i", str(key), "-p", str(_LISTENS), *(f"-o{each}" for each in more),
        *wanted, f"nobody@{ADDRESSES['gw1']}", log="ssh.log",
    )  # fmt: skip


def _key(file: Path) -> Path:
    command = ["/usr/bin/env", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)]
    subprocess.run(command, check=True)
    return file
