"""make lock asks uv for every Python and platform, and says which versions change."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.dependencies import checks, lock, locks
from local.dependencies.locks import LOCKS, Lock, digest_line

_HASH = "0" * 64


def test_a_lock_is_for_every_python_and_platform_and_has_hashes() -> None:
    for each in LOCKS:
        command = lock.compile_command(each)
        assert {"--universal", "--python-version=3.11", "--generate-hashes"} <= set(command)
        assert "--only-binary=:all:" in command
        assert not any("index" in word for word in command)


def test_a_lock_is_made_after_those_it_agrees_with() -> None:
    made: set[Path] = set()
    for each in LOCKS:
        assert set(each.agrees_with) <= made
        made.add(each.path)


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lock:
    for module in (checks, lock, locks):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "requirements.txt").write_text("six==1.17.0\n")
    return Lock(tmp_path / "requirements.txt")


def resolves_to(monkeypatch: pytest.MonkeyPatch, one: Lock, *pins: str) -> None:
    """Stands in for uv, which the tests do not install."""

    def run(*_: Any, **__: Any) -> subprocess.CompletedProcess[str]:
        one.path.write_text("".join(f"{pin} \\\n    --hash=sha256:{_HASH}\n" for pin in pins))
        return subprocess.CompletedProcess([], 0, "", "")

    monkeypatch.setattr("subprocess.run", run)


def test_make_returns_the_changed_packages(one: Lock, monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, one, "six==1.17.0", "idna==3.20")
    assert lock.make(one) == ["idna none → 3.20", "six none → 1.17.0"]
    assert one.path.read_text().startswith(digest_line(one.inputs))
    assert list(checks.lock_problems(one)) == []
    forked = ("idna==3.20 ; python_version < '3.12'", "idna==3.21 ; python_version >= '3.12'")
    resolves_to(monkeypatch, one, *forked)
    assert lock.make(one) == ["idna 3.20 → 3.20 and 3.21", "six 1.17.0 → none"]


def test_a_lock_that_cannot_be_made_says_why(one: Lock, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "no such package: sixx\n")
    monkeypatch.setattr("subprocess.run", lambda *_, **__: failed)
    with pytest.raises(lock.LockError, match=r"requirements\.txt: no lock was made:\nno such"):
        lock.make(one)
    assert not one.path.exists()
