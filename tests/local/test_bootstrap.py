"""A machine that lacks something is told what, in one line."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from local import bootstrap
from local.bootstrap import ROOT, Environment, InstallError

_GIT = shutil.which("git") or "git"


def test_an_old_python_is_told_so_before_anything_happens() -> None:
    script = "import sys; sys.version_info = (3, 10, 4); exec(open('local/bootstrap.py').read())"
    finished = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith("htmlgame needs Python 3.11 or newer; this is 3.10")
    assert "make PYTHON=" in finished.stderr
    assert finished.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["bootstrap.py", "progress.py"])
def test_what_old_pythons_are_to_say_no_to_they_must_be_able_to_read(name: str) -> None:
    source = (ROOT / "local" / name).read_text()
    ast.parse(source, feature_version=(3, 7))


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setattr(bootstrap, "LOG", tmp_path / "install.log")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("no-such-package-of-htmlgame==1\n")
    constraints = tmp_path / "constraints.txt"
    constraints.touch()
    return Environment("tools", tmp_path / "venv", requirements, constraints)


def test_a_full_disk_is_told_how_much_is_needed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=200_000_000))
    with pytest.raises(InstallError, match=r"0\.2 GB free on this disk; .* 3 GB: make room"):
        bootstrap._install(environment)


def test_without_a_network_that_is_the_question(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(InstallError, match="is the network up"):
        bootstrap._install(environment)
    assert not (environment.path / "stamps").exists()


def test_what_is_whole_is_not_installed_again(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = environment.path / "stamps"
    stamps.mkdir(parents=True)
    (stamps / "requirements.txt").write_text(environment.digest())

    def unexpected(*_: object) -> None:
        pytest.fail("installed again")

    monkeypatch.setattr(bootstrap, "_run", unexpected)
    bootstrap._install(environment)


def test_no_file_names_a_registrys_host() -> None:
    tracked = subprocess.run(
        [_GIT, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    hosts = ["registry.npm" + "js.org", "pypi" + ".org", "files.python" + "hosted.org"]
    for name in filter(None, tracked):
        content = (ROOT / name).read_bytes()
        assert not any(host.encode() in content for host in hosts), name
