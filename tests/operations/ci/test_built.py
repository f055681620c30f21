"""A deploy takes the files that the build wrote, and refuses replaced ones."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from operations.ci import built
from operations.ci.built import NotAsBuilt
from stacks.shared.packaging import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "from"
    (folder / "asset" / "__pycache__").mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    (folder / ".hidden").write_text("kept")
    tool = folder / "asset" / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    return folder


def as_a_step(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run as a step runs it, with nothing installed."""
    return subprocess.run(
        [sys.executable, "-S", "-m", "operations.ci.built", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_folder_arrives_as_it_was_built(folder: Path, tmp_path: Path) -> None:
    file, there, outputs = tmp_path / "x.tar", tmp_path / "to", tmp_path / "outputs"
    packed = as_a_step("pack", str(folder), str(file), GITHUB_OUTPUT=str(outputs))
    assert packed.returncode == 0, packed.stderr
    name, _, digest = outputs.read_text().strip().partition("=")
    assert name == "sha256"
    there.mkdir()
    (there / "left-over").touch()
    unpacked = as_a_step("unpack", str(there), str(file), SHA256=digest)
    assert unpacked.returncode == 0, unpacked.stderr
    found = {str(path.relative_to(there)) for path in there.rglob("*")}
    assert found == {str(path.relative_to(folder)) for path in folder.rglob("*")}
    assert (there / ".hidden").read_text() == "kept"
    assert os.access(there / "asset" / "tool", os.X_OK)


@pytest.mark.parametrize("expected", ["", "0" * 64])
def test_a_file_that_the_build_did_not_write_is_refused(
    folder: Path, tmp_path: Path, expected: str
) -> None:
    file, there = tmp_path / "x.tar", tmp_path / "to"
    built.pack(folder, file)
    refused = as_a_step("unpack", str(there), str(file), SHA256=expected)
    assert refused.returncode == 1
    assert refused.stderr.startswith("x.tar has sha256 ")
    assert refused.stderr.count("\n") == 1
    assert not there.exists()


def test_a_file_that_was_replaced_after_the_build_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.tar"
    digest = built.pack(folder, file)
    (folder / "manifest.json").write_text('{"artifacts": {}}')
    built.pack(folder, file)
    with pytest.raises(NotAsBuilt):
        built.unpack(tmp_path / "to", file, digest)


def test_a_pull_request_s_build_writes_nowhere_else(tmp_path: Path) -> None:
    file = tmp_path / "x.tar"
    with tarfile.open(file, "w") as archive:
        entry = tarfile.TarInfo("../outside")
        archive.addfile(entry, io.BytesIO())
    with pytest.raises((NotAsBuilt, getattr(tarfile, "OutsideDestinationError", NotAsBuilt))):
        built.unpack(tmp_path / "to", file, built._digest(file))
    assert not (tmp_path / "outside").exists()
