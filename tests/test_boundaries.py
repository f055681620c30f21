"""Boundaries that import-linter does not check; its contracts are in pyproject.toml."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from stacks.shared.packaging import ROOT

_RULES = ["rules", "periods", "players", "boards", "submission", "trimming", "answers"]


def test_every_service_that_is_composed_is_known_to_the_type_checker() -> None:
    """Modules of the CDK that mypy does not follow have the type Any."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [read] = [
        set(each["module"])
        for each in settings["tool"]["mypy"]["overrides"]
        if each.get("follow_imports") == "normal"
    ]
    used = {
        name
        for folder in ("stacks", "config", "local", "operations", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for name in cdk_modules(path)
    }
    assert used <= read


def cdk_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("aws_cdk"):
            yield node.module
            for alias in node.names:
                if find_spec(f"{node.module}.{alias.name}") is not None:
                    yield f"{node.module}.{alias.name}"


@pytest.mark.parametrize("name", _RULES)
def test_rules_see_plain_values_and_never_an_event(name: str) -> None:
    tree = ast.parse((ROOT / "lambdas" / "scores" / f"{name}.py").read_text())
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    assert not arguments & {"event", "context", "client"}


def test_only_tables_know_the_keys_and_conditions_of_their_items() -> None:
    for path in (ROOT / "lambdas").rglob("*.py"):
        if not path.name.endswith("table.py") and path.parent.name != "dynamo":
            source = path.read_text(encoding="utf-8")
            assert not re.search(r'"PK"|"SK"|Expression"|Expression=', source), path


def test_one_codec_spells_items_as_dynamodb_does() -> None:
    for path in (ROOT / "lambdas").rglob("*.py"):
        code = ast.unparse(without_docstrings(path))
        assert not re.search(r"""\{?\[?'(S|N|B|M|L|SS|NULL|BOOL)'[:\]]""", code), path


def without_docstrings(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
    return tree


def test_no_environment_variable_is_named_twice() -> None:
    """Settings make the names; nobody spells one out."""
    for path in [*(ROOT / "lambdas").rglob("*.py"), *(ROOT / "stacks").rglob("*.py")]:
        if path.name not in {"settings.py", "packaging.py"}:
            assert "environ" not in path.read_text().replace("environment", ""), path


_DEPLOYS_AS_YOU_WANT = {
    "config/environments.py",
    "config/pins.py",
    "operations/cli/target.py",
    "operations/costs/commands.py",
    "operations/deploy/bootstrap.py",
    "operations/site/commands.py",
    "tests/config/test_pins.py",
}


def test_your_own_production_is_read_by_your_own_deploys_alone() -> None:
    """An edit of your own production fails no test and makes no docs page stale."""
    for root in ("arcade", "bench", "config", "local", "operations", "stacks", "tests"):
        for path in (ROOT / root).rglob("*.py"):
            named = {
                node.id if isinstance(node, ast.Name) else node.attr
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Name | ast.Attribute)
            }
            if "PRODUCTION" in named:
                assert str(path.relative_to(ROOT)) in _DEPLOYS_AS_YOU_WANT, path


def test_the_tests_synthesise_what_is_delivered() -> None:
    """The environment in cdk.json is your own."""
    for path in (ROOT / "tests").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name != "test_boundaries.py" and "from app import" in source:
            assert '"environment": "delivered"' in source, path
