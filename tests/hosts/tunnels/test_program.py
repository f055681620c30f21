"""The zipapp: the same bytes each time, no dependency, and a clear word to older Pythons."""

import ast
import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hosts.tunnels import build
from hosts.tunnels.build import program


def test_the_same_sources_give_the_same_bytes() -> None:
    first = program()
    for path in Path(build.__file__).parent.glob("program/*.py"):
        path.touch()
    assert program() == first
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert len(names) == len(set(names))
    assert "__main__.py" in names


def test_it_imports_nothing_but_the_standard_library() -> None:
    for path in Path(build.__file__).parent.glob("program/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                roots = {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                roots = {node.module.partition(".")[0]}
            else:
                continue
            assert roots <= {*sys.stdlib_module_names, "htmlgame_tunnel"}, path


@pytest.fixture
def zipapp(tmp_path: Path) -> Path:
    file = tmp_path / "t.pyz"
    file.write_bytes(program())
    return file


def pythons() -> list[str]:
    installed = Path.home() / ".pyenv" / "versions"
    found = [str(each) for each in installed.glob("3.*/bin/python3") if each.is_file()]
    return [sys.executable, *sorted(found)]


@pytest.mark.parametrize("python", pythons())
def test_it_starts_where_python_is_new_enough(zipapp: Path, python: str) -> None:
    version = subprocess.run(
        [python, "-c", "import sys; print(*sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    done = subprocess.run(
        [python, str(zipapp), "--version"], capture_output=True, text=True, check=False
    )
    if [*map(int, version)] >= [3, 9]:
        assert (done.returncode, done.stdout.strip()) == (0, "1.0"), done.stderr
    else:
        assert done.returncode == 1
        assert "needs Python 3.9 or newer" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("key", "url", "problem"),
    [
        ("", "https://x.example", "API_KEY: missing"),
        ("gtw_" + "a" * 32, "https://x.example", "not a key of this kind"),
        ("agt_" + "a" * 32, "", "CONTROL_URL: missing"),
        ("agt_" + "a" * 32, "http://x.example", "must begin with https://"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    zipapp: Path, tmp_path: Path, key: str, url: str, problem: str
) -> None:
    if shutil.which("wg") is None:
        pytest.skip("no wg: apt-get install wireguard-tools")
    done = subprocess.run(
        [sys.executable, str(zipapp), "agent", "--state-dir", str(tmp_path / "state")],
        env={"API_KEY": key, "CONTROL_URL": url, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
