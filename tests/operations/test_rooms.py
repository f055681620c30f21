"""Operations find what a capability adds by the names of its files, and name no capability."""

import ast
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import operations
from local.bootstrap import ROOT
from operations import rooms
from operations.cli.main import Commands
from operations.doctor.check import Check
from operations.rooms import NAMES, members, modules

ADDED = """
import click

from operations.doctor.check import check


@click.command("spin")
def spin() -> None:
    print("spinning")


@click.group("wheels")
def wheels() -> None: ...


@wheels.command("turn")
def turn() -> None: ...


@check("wheels")
def wheel(session: object) -> str:
    return "round"
"""


@pytest.fixture
def _toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A capability that adds one folder with one file."""
    (tmp_path / "toys").mkdir()
    (tmp_path / "toys" / "toy_commands.py").write_text(ADDED)
    monkeypatch.setattr(operations, "__path__", [*operations.__path__, str(tmp_path)])
    monkeypatch.setattr(rooms, "_OPERATIONS", tmp_path)
    monkeypatch.setattr("operations.cli.main._ROOMS", ("toys",))


@pytest.mark.usefixtures("_toys")
def test_a_command_of_a_new_capability_is_found_by_its_folder() -> None:
    found = Commands()
    context = click.Context(found)
    assert found.list_commands(context) == ["spin", "wheels"]
    assert found.get_command(context, "turn") is None


@pytest.mark.usefixtures("_toys")
def test_checks_of_a_new_capability_are_found_by_their_kind() -> None:
    [module] = modules("toy_*", ("toys",))
    assert [each.name for each in members(module, Check)] == ["wheels"]


def test_a_room_without_such_a_file_adds_nothing() -> None:
    assert list(modules("no_such_file")) == []
    assert list(modules("*commands", ("no_such_room",))) == []


def test_no_room_imports_a_capabilitys_operations() -> None:
    """Rooms iterate over the capabilities; only a capability's own folder names it."""
    for path in (ROOT / "operations").rglob("*.py"):
        room = path.relative_to(ROOT / "operations").parts[0]
        if room not in NAMES:
            assert not {*_capabilities_in(path)}, path


def _capabilities_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from (name for name in names for each in NAMES if name == f"operations.{each}")
            if node.module.startswith("operations.") and node.module.split(".")[1] in NAMES:
                yield node.module
