"""Every dependency of this tree is locked by hash, and make audit notices one that is not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.dependencies import checks, locks
from local.dependencies.checks import command_problems, lock_problems, node_problems
from local.dependencies.locks import LOCKS, Lock, digest_line, pins

_HASH = "sha256:" + "0" * 64
_INTEGRITY = "sha512-" + "A" * 86 + "=="


def test_this_tree_has_no_problem() -> None:
    assert list(checks.problems()) == []


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lock:
    """A sound lock of one package, which needs another."""
    for module in (checks, locks):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "base.txt").write_text("six==1.17.0\n")
    (tmp_path / "requirements.txt").write_text("-r base.txt\nBoto3[crt]==1.44.5\n")
    lock = Lock(tmp_path / "requirements.txt")
    write(lock, f"boto3==1.44.5 \\\n    --hash={_HASH}\nsix==1.17.0 \\\n    --hash={_HASH}\n")
    return lock


def write(lock: Lock, text: str) -> None:
    lock.path.write_text(f"{digest_line(lock.inputs)}\n{text}    # via a comment\n")


def edit(lock: Lock, old: str, new: str) -> None:
    text = lock.path.read_text()
    assert old in text
    lock.path.write_text(text.replace(old, new))


def problem(lock: Lock) -> str:
    [found] = lock_problems(lock)
    return found


def test_a_sound_lock_has_no_problem(lock: Lock) -> None:
    assert list(lock_problems(lock)) == []
    assert [pin.name for pin in pins(lock.path)] == ["boto3", "six"]


def test_a_lock_that_is_missing_is_reported(lock: Lock) -> None:
    lock.path.unlink()
    assert problem(lock) == "requirements.lock: missing; fix: make lock"


@pytest.mark.parametrize("edited", ["requirements.txt", "base.txt"])
def test_an_edit_of_requirements_makes_the_lock_stale(lock: Lock, edited: str) -> None:
    path = lock.inputs.with_name(edited)
    path.write_text(path.read_text() + "# whatever\n")
    assert "edited since it was made; fix: make lock" in problem(lock)


def test_a_lock_without_what_its_requirements_name_is_reported(lock: Lock) -> None:
    edit(lock, "six==1.17.0", "six==1.16.0")
    assert "six==1.17.0 is not in it" in problem(lock)


def test_a_package_without_a_hash_is_reported(lock: Lock) -> None:
    edit(lock, f"six==1.17.0 \\\n    --hash={_HASH}", "six==1.17.0")
    assert "six==1.17.0 has no hash" in problem(lock)


@pytest.mark.parametrize(
    "line",
    [
        f"six>=1.17.0 --hash={_HASH}",
        f"six --hash={_HASH}",
        "six==1.17.0 --hash=md5:d41d8cd98f00b204e9800998ecf8427e",
        "six==1.17.0 --hash=sha256:abc",
        "six @ https://example.com/six-1.17.0.tar.gz",
        "--index-url https://example.com/simple",
        "--extra-index-url https://example.com/simple",
        "--trusted-host example.com",
        "-e .",
        "git+https://example.com/six.git",
    ],
)
def test_a_line_that_is_no_locked_package_is_reported(lock: Lock, line: str) -> None:
    lock.path.write_text(lock.path.read_text() + line + "\n")
    assert "not a package with one version" in problem(lock)


def test_locks_whose_code_runs_together_agree(lock: Lock) -> None:
    other = Lock(lock.inputs.with_name("other.txt"), (lock.path,))
    other.inputs.write_text("six==1.16.0\n")
    write(other, f"six==1.16.0 --hash={_HASH}\n")
    assert "another version than six==1.17.0 of requirements.lock" in problem(other)
    assert list(lock_problems(replace(other, agrees_with=()))) == []


def test_a_layer_depends_on_no_property_of_this_machine(lock: Lock) -> None:
    """pip installs for Lambda's Python, and compares markers with the one that it runs on."""
    layer = Lock(lock.inputs.parent / "lambdas" / "requirements.txt")
    layer.inputs.parent.mkdir()
    layer.inputs.write_text("six==1.17.0\n")
    for marker in ("python_full_version < '3.13'", "sys_platform == 'darwin'"):
        write(layer, f"six==1.17.0 ; {marker} --hash={_HASH}\n")
        assert f"pip would compare {marker}" in problem(layer)
    write(layer, f"six==1.17.0 ; platform_python_implementation != 'PyPy' --hash={_HASH}\n")
    assert list(lock_problems(layer)) == []


def test_a_list_of_requirements_that_nobody_locks_is_reported() -> None:
    names = ["requirements-dev.txt", "lambdas/requirements.lock", "new/requirements-x.txt"]
    [found] = checks.unknown_lists(names)
    assert found.startswith("new/requirements-x.txt: no lock is made of it")
    assert len(list(checks.unknown_lists(["constraints.txt", "a/constraints-b.txt"]))) == 2


def test_every_lock_can_be_installed_by_hash_alone() -> None:
    for lock in LOCKS:
        assert all(pin.hashes for pin in pins(lock.path)), lock.name


def node(folder: Path, **changes: Any) -> list[str]:
    package = {"dependencies": {"left": "1.2.3"}}
    entry = {"version": "1.2.3", "integrity": _INTEGRITY}
    bundled = {"version": "1.0.0", "inBundle": True}
    packages = {
        "": package,
        "node_modules/left": entry | changes.pop("entry", {}),
        "node_modules/left/node_modules/right": bundled,
    }
    (folder / "package.json").write_text(json.dumps(package | changes))
    (folder / "package-lock.json").write_text(json.dumps({"packages": packages}))
    return list(node_problems(folder))


def test_a_sound_package_lock_has_no_problem(tmp_path: Path) -> None:
    assert node(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"entry": {"integrity": ""}}, "node_modules/left: no sha512 integrity"),
        ({"entry": {"integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="}}, "no sha512 integrity"),
        ({"entry": {"resolved": "https://example.com/left.tgz"}}, "where it comes from"),
        ({"dependencies": {"left": "1.2.4"}}, "package.json was edited since"),
        ({"devDependencies": {"more": "1.0.0"}}, "package.json was edited since"),
        ({"dependencies": {"left": "^1.2.3"}}, "left ^1.2.3 is not one version"),
        ({"dependencies": {"left": "git+https://example.com/left"}}, "is not one version"),
        ({"dependencies": {"left": "latest"}}, "is not one version"),
    ],
)
def test_a_package_lock_that_protects_nothing_is_reported(
    tmp_path: Path, changes: dict[str, Any], found: str
) -> None:
    assert found in "\n".join(node(tmp_path, **changes))


def test_a_package_without_a_lock_is_reported(tmp_path: Path) -> None:
    node(tmp_path)
    (tmp_path / "package-lock.json").unlink()
    assert list(node_problems(tmp_path)) == ["package-lock.json: missing; fix: make lock"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Makefile", "tools:\n\tpip install ruff\n"),
        ("Makefile", "tools:\n\t@$(RUN) python -m pip install --quiet ruff\n"),
        (".github/workflows/x.yml", "      - run: npm install --global aws-cdk\n"),
        (".github/workflows/x.yml", "      - run: npx cdk deploy\n"),
        (".github/workflows/x.yml", "      - run: npm ci\n"),
        (".ci/run", "uv pip install ruff\n"),
        ("x.sh", "pipx install ruff\n"),
        ("x.py", "run([sys.executable, '-m', 'pip', 'install', 'ruff'])\n"),
        ("x.py", "run(f'{python} -m pip install ruff', shell=True)\n"),
        ("x.py", "npm = wheel / 'bin' / 'npm-cli.js'\n"),
        ("x.py", "run(('npm', 'ci'))\n"),
        ("x.py", "shutil.which('uv')\n"),
    ],
)
def test_a_command_that_installs_without_a_lock_is_reported(name: str, text: str) -> None:
    assert list(command_problems(name, text.encode()))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Makefile", "install:\n\t@$(BOOTSTRAP) dev\n"),
        (".ci/run", "apt-get install -y njs\n"),
        ("x.py", "raise Error('pip could not install the tools; is the network up?')\n"),
        ("docs/x.md", "`npm install ./sdk`\n"),
    ],
)
def test_a_command_that_installs_no_package_is_not_reported(name: str, text: str) -> None:
    assert list(command_problems(name, text.encode())) == []
