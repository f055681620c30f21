"""The shipped files: up to date, small, and typed."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sdk.node import HERE, ROOT, SDK, node

TSC = ROOT / "node_modules" / "typescript" / "lib" / "tsc.js"


def build(*arguments: str, sdk: Path = SDK) -> subprocess.CompletedProcess[str]:
    command = [str(node()), str(sdk / "build.mjs"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_committed_files_match_their_sources() -> None:
    checked = build("--check")
    assert checked.returncode == 0, checked.stderr


def test_outdated_files_are_reported_and_built_again(tmp_path: Path) -> None:
    sdk = tmp_path / "sdk"
    shutil.copytree(SDK, sdk)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    with (sdk / "telemetry.js").open("a") as source:
        source.write("export { now as another };\n")
    checked = build("--check", sdk=sdk)
    assert checked.returncode == 1
    assert (
        "sdk/dist/telemetry.min.js is out of date with sdk/telemetry.js; fix: make sdk"
        in checked.stderr
    )
    assert "htmlgame.min.js" not in checked.stderr
    assert build(sdk=sdk).returncode == 0
    assert "as another" in (sdk / "dist" / "telemetry.min.js").read_text()


def test_the_sdk_of_a_new_capability_is_built_without_an_edit(tmp_path: Path) -> None:
    sdk = tmp_path / "sdk"
    shutil.copytree(SDK, sdk)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (sdk / "notes.js").write_text("export const notes = 1;\n")
    assert build(sdk=sdk).returncode == 0
    assert "notes" in (sdk / "dist" / "notes.min.js").read_text()


@pytest.mark.parametrize(("name", "limit"), [("htmlgame", 3_400), ("telemetry", 2_000)])
def test_a_game_hardly_notices_the_download(name: str, limit: int) -> None:
    shipped = (SDK / "dist" / f"{name}.min.js").read_bytes()
    assert shipped.isascii()
    assert len(gzip.compress(shipped, 9)) < limit


def test_the_package_is_imported_by_its_name() -> None:
    package = json.loads((SDK / "package.json").read_text())
    for entry in package["exports"].values():
        for path in entry.values() if isinstance(entry, dict) else [entry]:
            assert list(SDK.glob(path.removeprefix("./"))), path
    program = "await import('htmlgame'); await import('htmlgame/telemetry')"
    command = [str(node()), "--input-type=module", "--eval", program]
    subprocess.run(command, cwd=SDK, check=True)


def test_the_declarations_fit_a_game_that_uses_everything_and_refuse_what_is_wrong() -> None:
    """Lines that must not compile are marked so, and the compiler complains of those that do."""
    options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"]
    checked = subprocess.run(
        [str(node()), str(TSC), *options, "--lib", "es2022,dom", str(HERE / "types.mts")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
