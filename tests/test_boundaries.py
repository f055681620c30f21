"""Walls between the rooms: who may import whom."""

import ast
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from stacks.constructs.packaging import ROOT, imports_of

_AWS = {"boto3", "botocore", "aws_lambda_powertools"}
_RULES = ["rules", "periods", "players", "boards", "submission", "trimming", "answers"]
CAPABILITIES = sorted(
    path.name
    for path in (ROOT / "lambdas").iterdir()
    if path.is_dir() and path.name not in {"shared", "__pycache__"}
)


def modules(capability: str) -> Iterator[str]:
    for path in sorted((ROOT / "lambdas" / capability).rglob("*.py")):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imported_by(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    plain = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    return {name for name in named | plain if name}


def test_every_service_that_is_composed_is_known_to_the_type_checker() -> None:
    """What mypy is not told to read of the CDK is of any type to it."""
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


@pytest.mark.parametrize(
    "name", ["rules", "periods", "players", "submission", "games", "errors", "rows"]
)
def test_rules_know_nothing_of_aws(name: str) -> None:
    reached = imports_of(f"lambdas.scores.{name}")
    assert not reached.third_party & _AWS
    assert ROOT / "lambdas" / "shared" / "http.py" not in reached.own


@pytest.mark.parametrize("name", _RULES)
def test_rules_see_plain_values_and_never_an_event(name: str) -> None:
    tree = ast.parse((ROOT / "lambdas" / "scores" / f"{name}.py").read_text())
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    assert not arguments & {"event", "context", "client"}


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_capabilities_do_not_import_each_other(capability: str) -> None:
    others = {f"lambdas/{other}" for other in CAPABILITIES if other != capability}
    for module in modules(capability):
        for path in imports_of(module).own:
            parent = str(path.relative_to(ROOT).parent)
            assert parent not in others, f"{module} reaches {path.name} in {parent}"


def test_what_is_shared_belongs_to_no_capability() -> None:
    for module in modules("shared"):
        for path in imports_of(module).own:
            assert path.parent.name in {"shared", "lambdas"}


def test_one_module_owns_the_table() -> None:
    for path in (ROOT / "lambdas" / "scores").glob("*.py"):
        source = path.read_text()
        if path.name != "table.py":
            assert "ConditionExpression" not in source
        if path.name not in {"table.py", "rows.py"}:
            assert '"PK"' not in source


def test_no_environment_variable_is_named_twice() -> None:
    """Settings make the names; nobody spells one out."""
    for path in [*(ROOT / "lambdas").rglob("*.py"), *(ROOT / "stacks").rglob("*.py")]:
        if path.name not in {"settings.py", "packaging.py"}:
            assert "environ" not in path.read_text().replace("environment", ""), path


def test_lambdas_import_neither_config_nor_stacks() -> None:
    for path in (ROOT / "lambdas").rglob("*.py"):
        roots = {name.partition(".")[0] for name in imported_by(path)}
        assert not roots & {"config", "stacks", "local"}, path


_DEPLOYS_AS_YOU_WANT = {
    "config/environments.py",
    "local/goals.py",
    "operations/account.py",
    "operations/bootstrap.py",
    "operations/costs.py",
    "operations/place.py",
    "operations/site.py",
}


def test_your_own_production_is_read_by_your_own_deploys_alone() -> None:
    """So that no edit of it fails a test, or makes a page of the docs stale."""
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
    """What cdk.json names is yours."""
    for path in (ROOT / "tests").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name != "test_boundaries.py" and "from app import" in source:
            assert '"environment": "delivered"' in source, path
