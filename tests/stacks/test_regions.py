"""Every template deploys to every region that config/regions.py lists, by cfn-lint's schemas."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from config import environments
from config.environments import COMPLETE, DELIVERED
from config.regions import REGIONS
from stacks.shared.packaging import ROOT
from tests.stacks.templates import synthesise

CFN_LINT = Path(sys.executable).with_name("cfn-lint")
BUDGET = "AWS::Budgets::Budget"
ENVIRONMENTS = {"delivered": DELIVERED, "complete": COMPLETE}


def objections(assembly: Path, regions: Iterable[str]) -> list[str]:
    """Everything that cfn-lint says of a deploy to any of these regions."""
    linted = subprocess.run(
        [CFN_LINT, "--regions", *regions, "--", *map(str, assembly.glob("*.template.json"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.stderr == ""
    return linted.stdout.splitlines()


def types_in(assembly: Path) -> set[str]:
    return {
        resource["Type"]
        for path in assembly.glob("*.template.json")
        for resource in json.loads(path.read_text())["Resources"].values()
    }


def by_lack(types: set[str]) -> dict[frozenset[str], list[str]]:
    """The regions, by which of these types they lack."""
    regions: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for region in REGIONS:
        lacking = types.difference(PROVIDER_SCHEMA_MANAGER.get_resource_types(region))
        regions[frozenset(lacking)].append(region)
    return regions


def test_every_commercial_region_is_supported() -> None:
    known = boto3.Session().get_available_regions("cloudformation", partition_name="aws")
    assert tuple(known) == REGIONS, "add it to config/regions.py, or exclude it there by name"


def test_a_budget_is_the_only_resource_that_a_region_lacks(
    synthesised: Callable[[str], Path],
) -> None:
    assert set(by_lack(types_in(synthesised("complete")))) == {frozenset(), frozenset({BUDGET})}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_templates_for_any_region_pass_where_no_type_is_missing(
    synthesised: Callable[[str], Path], environment: str
) -> None:
    assembly = synthesised(environment)
    assert objections(assembly, by_lack(types_in(assembly))[frozenset()]) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_templates_for_a_region_omit_the_types_it_lacks(
    synthesised: Callable[[str], Path],
    environment: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacks = by_lack(types_in(synthesised(environment)))
    for number, regions in enumerate(lacks[each] for each in lacks if each):
        settle(monkeypatch, environment, region=regions[0])
        out = tmp_path / str(number)
        assert synthesise(out, environment=environment) == ""
        assert objections(out, regions) == []


def test_config_may_name_region_and_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(monkeypatch, "complete", region="us-east-1", account="111122223333")
    assert synthesise(tmp_path, environment="complete") == ""


def settle(
    monkeypatch: pytest.MonkeyPatch, environment: str, *, region: str, account: str | None = None
) -> None:
    here = replace(ENVIRONMENTS[environment], region=region, account=account)
    monkeypatch.setitem(environments._ENVIRONMENTS, environment, here)
