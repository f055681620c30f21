"""The installer, under dash and bash: it installs what it names, or nothing."""

import hashlib
import http.server
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hosts.tunnels.build import installer, program
from tests.engines import require

KEY = {"agent": "agt_" + "a" * 32, "gateway": "gtw_" + "b" * 32}
SHELLS = [each for each in ("dash", "bash") if shutil.which(each)]
TOOLS = ("ip", "wg", "nft", "modprobe", "wireguard-go", "caddy")
UNIT = "etc/systemd/system/htmlgame-tunnel-agent.service"
CONF = "etc/htmlgame-tunnel/agent.conf"
PROGRAM = "usr/local/lib/htmlgame-tunnel/htmlgame-tunnel-agent.pyz"


class Control:
    """Serves programs, and counts what is asked."""

    def __init__(self) -> None:
        self.program = program()
        self.asked: list[str] = []
        control = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                control.asked.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(control.program)

            def log_message(self, *_: Any) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Host:
    """A machine's files below a folder, and stand-ins for its tools."""

    def __init__(self, folder: Path, shell: str, control: Control) -> None:
        self.root, self._tools = folder / "root", folder / "tools"
        self.control, self._shell = control, shell
        self.root.mkdir()
        self._tools.mkdir()
        for tool in (*TOOLS, "apt-get"):
            self.tool(tool, "exit 0")
        self.tool("apt-get", f'echo "$@" >> {folder}/apt; exit 1')
        self.apt = folder / "apt"
        (self._tools / "python3").symlink_to(sys.executable)

    def tool(self, name: str, script: str) -> None:
        file = self._tools / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def remove(self, name: str) -> None:
        (self._tools / name).unlink()
        for each in ("sh", "id", "sed", "cat", "mkdir", "mv", "rm", "rmdir", "chmod", "head",
                     "sha256sum", "curl", "wget", "dirname"):  # fmt: skip
            if (found := shutil.which(each)) and not (self._tools / each).exists():
                (self._tools / each).symlink_to(found)
        self._path = str(self._tools)

    _path = ""

    def run(self, *arguments: str, script: str | None = None, role: str = "agent") -> Any:
        return subprocess.run(
            [str(shutil.which(self._shell)), "-s", "--", *arguments],
            input=text(role) if script is None else script,
            env={
                "PATH": self._path or f"{self._tools}:/usr/bin:/bin",
                "DESTDIR": str(self.root),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def install(self, *more: str, role: str = "agent") -> Any:
        given = (f"--api-key={KEY[role]}", f"--control-url={self.control.url}", *more)
        return self.run(*given, role=role)

    @property
    def files(self) -> set[str]:
        return {str(each.relative_to(self.root)) for each in self.root.rglob("*") if each.is_file()}


def text(role: str = "agent") -> str:
    """As control serves it."""
    digest = hashlib.sha256(program()).hexdigest()
    filled = installer().decode().replace("@ROLE@", role).replace("@SHA256@", digest)
    return filled.replace("@PROGRAM@", f"htmlgame-tunnel-{digest[:16]}.pyz")


@pytest.fixture
def control() -> Iterator[Control]:
    made = Control()
    yield made
    made.close()


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest, tmp_path: Path, control: Control) -> Host:
    return Host(tmp_path, request.param, control)


def test_it_installs_the_program_its_settings_and_a_service(host: Host) -> None:
    done = host.install()
    assert done.returncode == 0, done.stderr
    assert host.files == {UNIT, CONF, PROGRAM}
    assert (host.root / PROGRAM).read_bytes() == program()
    conf = host.root / CONF
    assert stat.S_IMODE(conf.stat().st_mode) == 0o600
    assert conf.read_text() == f"CONTROL_URL={host.control.url}\nAPI_KEY={KEY['agent']}\n"
    unit = (host.root / UNIT).read_text()
    assert "EnvironmentFile=/etc/htmlgame-tunnel/agent.conf" in unit
    assert KEY["agent"] not in unit + done.stdout + done.stderr
    assert not host.apt.exists()


def test_options_may_be_one_word_or_two(host: Host) -> None:
    done = host.run(
        "--api-key", KEY["gateway"], "--control-url", f"{host.control.url}/",
        "--public-ip", "203.0.113.7", role="gateway",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    conf = (host.root / "etc/htmlgame-tunnel/gateway.conf").read_text()
    assert conf == (
        f"CONTROL_URL={host.control.url}\nAPI_KEY={KEY['gateway']}\nPUBLIC_IP=203.0.113.7\n"
    )


def test_networks_that_are_allowed_are_kept_together(host: Host) -> None:
    host.install("--allow-target=192.0.2.0/24", "--allow-target=2001:db8::/32")
    assert "ALLOW_TARGETS=192.0.2.0/24 2001:db8::/32\n" in (host.root / CONF).read_text()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_download_that_is_cut_short_runs_nothing(host: Host, share: float) -> None:
    whole = text()
    host.run(
        f"--api-key={KEY['agent']}",
        f"--control-url={host.control.url}",
        script=whole[: int(len(whole) * share)],
    )
    assert host.files == set()
    assert host.control.asked == []


def test_a_tampered_program_is_not_installed(host: Host) -> None:
    host.control.program = program() + b"# more"
    done = host.install()
    assert done.returncode == 1
    assert "not the one that this script names" in done.stderr
    assert host.files == set()


def test_a_tampered_upgrade_leaves_what_runs(host: Host) -> None:
    host.install()
    host.control.program = b"evil"
    assert host.run("--upgrade").returncode == 1
    assert (host.root / PROGRAM).read_bytes() == program()
    assert host.files == {UNIT, CONF, PROGRAM}


def test_an_upgrade_keeps_the_settings(host: Host) -> None:
    host.install()
    (host.root / PROGRAM).write_bytes(b"old")
    before = (host.root / CONF).read_text()
    assert host.run("--upgrade").returncode == 0
    assert (host.root / PROGRAM).read_bytes() == program()
    assert (host.root / CONF).read_text() == before


def test_an_upgrade_of_nothing_says_so(host: Host) -> None:
    done = host.run("--upgrade")
    assert done.returncode == 1
    assert "install first" in done.stderr


def test_uninstalling_keeps_the_key_unless_it_is_purged(host: Host) -> None:
    host.install()
    assert host.run("--uninstall").returncode == 0
    assert host.files == {CONF}
    host.install()
    assert host.run("--uninstall", "--purge").returncode == 0
    assert host.files == set()


def test_a_dry_run_does_nothing(host: Host) -> None:
    for action in ((), ("--uninstall", "--purge")):
        done = host.install("--dry-run", *action)
        assert done.returncode == 0, done.stderr
        assert "would" in done.stdout
    assert host.files == set()
    assert host.control.asked == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "--api-key: missing or cut"),
        (("--api-key=agt_short", "--control-url=https://x.example"), "--api-key: missing or cut"),
        ((f"--api-key={KEY['gateway']}", "--control-url=https://x.example"), "it is agt_"),
        ((f"--api-key={KEY['agent']}",), "--control-url: missing"),
        ((f"--api-key={KEY['agent']}", "--control-url=http://x.example"), "begin with https://"),
        ((f"--api-key={KEY['agent']}", "--control-url=http://localhost:1@x.example"), "character"),
        ((f"--api-key={KEY['agent']}\nX=1", "--control-url=https://x.example"), "character"),
        ((f"--api-key={KEY['agent']}", "--control-url=https://$(id)"), "character"),
        (("--api-key",), "needs a value"),
        (("--sudo",), "unknown option"),
    ],
)
def test_a_wrong_option_is_named_and_nothing_is_written(
    host: Host, arguments: tuple[str, ...], problem: str
) -> None:
    done = host.run(*arguments)
    assert done.returncode == 1
    assert problem in done.stderr
    assert host.files == set()


def test_a_missing_tool_is_installed_or_named(host: Host) -> None:
    host.remove("wg")
    done = host.install()
    assert done.returncode == 1
    assert "wireguard-tools" in done.stderr
    assert host.apt.read_text() == "install -y -qq --no-install-recommends wireguard-tools\n"
    assert host.files == set()


def test_an_old_python_is_refused(host: Host) -> None:
    (host._tools / "python3").unlink()
    host.tool("python3", "exit 1")
    done = host.install()
    assert done.returncode == 1
    assert "older than Python 3.9" in done.stderr


def test_only_root_installs(host: Host) -> None:
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root, to give it up")
    done = subprocess.run(
        ["/usr/bin/env", "setpriv", "--reuid=65534", "--clear-groups", "dash", "-s", "--",
         f"--api-key={KEY['agent']}", f"--control-url={host.control.url}"],
        input=text(), capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    assert done.returncode == 1
    assert "run it as root" in done.stderr


@pytest.mark.parametrize("role", KEY)
def test_systemd_accepts_the_unit(host: Host, role: str) -> None:
    require(shutil.which("systemd-analyze"), "no systemd-analyze: apt-get install systemd")
    assert host.install(role=role).returncode == 0
    unit = host.root / f"etc/systemd/system/htmlgame-tunnel-{role}.service"
    done = subprocess.run(
        ["/usr/bin/env", "systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
