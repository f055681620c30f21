"""An install that cannot work says why, in one line."""

import ast
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from local import bootstrap
from local.bootstrap import ROOT, Environment, InstallError
from local.dependencies.locks import digest_line, locked

_GIT = shutil.which("git") or "git"


def test_an_old_python_is_reported_before_anything_happens() -> None:
    script = "import sys; sys.version_info = (3, 10, 4); exec(open('local/bootstrap.py').read())"
    finished = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith("htmlgame needs Python 3.11 or newer; this is 3.10")
    assert "make PYTHON=" in finished.stderr
    assert finished.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["bootstrap.py", "terminal/progress.py"])
def test_old_pythons_can_parse_the_file_that_refuses_them(name: str) -> None:
    source = (ROOT / "local" / name).read_text()
    ast.parse(source, feature_version=(3, 7))


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setattr(bootstrap, "LOG", tmp_path / "install.log")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("no-such-package-of-htmlgame==1\n")
    lock(requirements)
    return Environment("tools", tmp_path / "venv", requirements)


def lock(requirements: Path) -> None:
    pin = f"no-such-package-of-htmlgame==1 --hash=sha256:{'0' * 64}"
    locked(requirements).write_text(f"{digest_line(requirements)}\n{pin}\n")


def test_a_full_disk_is_reported_with_the_space_that_is_needed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=200_000_000))
    with pytest.raises(InstallError, match=r"^0\.2 GB free on this disk.* 2 GB; fix: make room"):
        bootstrap._install(environment)


def test_without_a_network_that_is_the_question(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(InstallError, match=r"no network .*; fix: check the connection"):
        bootstrap._install(environment)
    assert not (environment.path / "stamps").exists()


@pytest.mark.parametrize(
    ("said", "problem", "fix"),
    [
        (
            "ERROR: Could not install packages: [Errno 28] No space left on device",
            "the disk is full",
            "make room",
        ),
        (
            "WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.')'",
            "the proxy refuses",
            "HTTPS_PROXY",
        ),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN", "is not trusted", "NODE_EXTRA_CA_CERTS"),
        ("npm error network request failed, reason: connect ECONNREFUSED", "no network", "check"),
        (
            "  error: command 'gcc' failed\nERROR: Failed building wheel for awscrt\n\n",
            "pip failed: ERROR: Failed building wheel for awscrt",
            "read the end of",
        ),
        (
            "ERROR: No matching distribution found for x==1",
            "its registry has no x==1 for Python 3.",
            "use another Python",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "a file differs from its hash in the lock",
            "do not install it",
        ),
        ("npm error code EINTEGRITY", "a file differs from its hash", "do not install it"),
        ("", "pip failed: no output", "read the end of"),
    ],
)
def test_a_failed_install_is_one_line_with_what_is_to_blame(
    said: str, problem: str, fix: str
) -> None:
    told = str(bootstrap._failure("pip failed", said.splitlines()))
    assert problem in told.partition("; fix: ")[0]
    assert fix in told.partition("; fix: ")[2]
    assert "install.log" in told
    assert "\n" not in told


def test_a_python_without_venv_is_reported_with_the_missing_package() -> None:
    """The output of Debian's Python."""
    said = [
        "The virtual environment was not created successfully because ensurepip is not",
        "available.  On Debian/Ubuntu systems, you need to install the python3-venv",
        "package using the following command.",
        "",
        "    apt install python3.12-venv",
        "",
        "Failing command: .venv/bin/python3",
    ]
    told = str(bootstrap._failure(bootstrap._VENV, said))
    assert told.startswith("this Python cannot make virtual environments")
    assert told.endswith("; fix: on Debian and Ubuntu: sudo apt install python3.12-venv")


def test_the_install_for_tests_is_enough_for_every_purpose(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    larger = replace(environment, requirements=environment.requirements.with_name("dev.txt"))
    larger.requirements.write_text("-r requirements.txt\n")
    lock(larger.requirements)
    larger.stamp.parent.mkdir(parents=True)
    larger.stamp.write_text(larger.digest())
    monkeypatch.setattr(bootstrap, "_run", lambda *_: pytest.fail("installed again"))
    bootstrap._install(replace(environment, larger=larger))
    larger.stamp.write_text("of other requirements")
    with pytest.raises(pytest.fail.Exception, match="installed again"):
        bootstrap._install(replace(environment, larger=larger))


def test_a_complete_environment_is_not_installed_again(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = environment.path / "stamps"
    stamps.mkdir(parents=True)
    (stamps / "requirements.txt").write_text(environment.digest())

    def unexpected(*_: object) -> None:
        pytest.fail("installed again")

    monkeypatch.setattr(bootstrap, "_run", unexpected)
    bootstrap._install(environment)


def test_requirements_that_were_edited_are_locked_before_they_are_installed(
    environment: Environment,
) -> None:
    environment.requirements.write_text("no-such-package-of-htmlgame==2\n")
    edited = (
        r"requirements\.txt was edited since .*requirements\.lock was made from it; fix: make lock$"
    )
    with pytest.raises(InstallError, match=edited):
        bootstrap._install(environment)


def test_no_file_names_a_registrys_host() -> None:
    tracked = subprocess.run(
        [_GIT, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    hosts = ["registry.npm" + "js.org", "pypi" + ".org", "files.python" + "hosted.org"]
    for name in filter(None, tracked):
        content = (ROOT / name).read_bytes()
        assert not any(host.encode() in content for host in hosts), name
