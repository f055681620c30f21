"""Manifests agree with each other, and with the folders of their capabilities."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from fnmatch import fnmatch
from importlib import import_module
from importlib.util import find_spec
from typing import Final

import pytest

from config.capabilities import NAMES
from config.capabilities.telemetry import Telemetry
from config.environments import COMPLETE, DELIVERED, LOCAL, Environment
from config.manifest import Capability, Function, Rule, own_endpoint, own_pattern
from config.manifests import (
    CAPABILITIES,
    FUNCTIONS,
    enabled,
    erasables,
    forgettables,
    hosted_by,
    patterns_of,
    stacks,
)
from config.model import ConfigError
from config.parameters import written_by
from lambdas.shared.forgetting import Forgettable
from local.bootstrap import ROOT

KEPT_OTHERWISE: Final = {
    "ScoreTable": "htmlgame purge deletes a player's entries from every board",
    "RateTable": "its items expire within minutes",
    "PlayerTable": "the erasure of a person cleans it, as lambdas/players/forgettable.py says",
    "MinuteTable": "its items expire within minutes",
    "InsightsTable": "callers are hashed with a salt that expires after four days",
    "FunctionTable": "it holds sources that creators push, and their user ids",
    "RunTable": "what a run logged expires within a week, and sessions within hours",
    "KeyTable": "DELETE /api/insights/users/{apiUser} removes a user with its keys",
}
"""Tables that erasure does not clean, and why."""
each_capability = pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda each: each.name)


def repeated(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def test_nothing_has_the_name_of_another() -> None:
    assert repeated(NAMES) == []
    assert repeated(stacks()) == []
    assert repeated(each.name for each in FUNCTIONS) == []
    assert repeated(name for each in CAPABILITIES for name in each.all_parameters) == []
    assert repeated(each.origin for one in CAPABILITIES for each in one.endpoints) == []
    assert repeated(each.name for one in CAPABILITIES for each in one.endpoints) == []
    assert repeated(each.path for one in CAPABILITIES for each in one.patterns) == []
    assert repeated(record for one in CAPABILITIES for t in one.tables for record in t.holds) == []


def test_one_table_holds_the_audit() -> None:
    assert len([t for one in CAPABILITIES for t in one.tables if t.audited]) == 1


@each_capability
def test_a_capability_has_a_folder_in_each_room_that_needs_one(capability: Capability) -> None:
    assert callable(import_module(f"stacks.{capability.name}.resources").build)
    assert (ROOT / "lambdas" / capability.name / "__init__.py").is_file()
    for function in capability.functions:
        assert find_spec(function.module), function.module


@each_capability
def test_an_origin_is_one_that_the_patch_may_remove(capability: Capability) -> None:
    for endpoint in capability.endpoints:
        assert endpoint.origin.startswith("htmlgame-")


@each_capability
def test_the_distribution_forwards_every_route_by_one_pattern(capability: Capability) -> None:
    if not find_spec(f"lambdas.{capability.name}.routes"):
        assert not capability.patterns
        return
    host = next(each for each in CAPABILITIES if each.name == (capability.host or capability.name))
    for route in import_module(f"lambdas.{capability.name}.routes").ROUTES.below("/api"):
        matching = [each for each in patterns_of(host) if fnmatch(route.path, f"/api/{each.path}")]
        cached = [each for each in matching if each.cache_policy and "*" not in each.path]
        assert len(matching) - len(cached) == 1 or matching == cached, route
        # CloudFront takes the first pattern that matches.
        assert matching[: len(cached)] == cached, route


@each_capability
def test_erasure_knows_every_table(capability: Capability) -> None:
    for table in capability.tables:
        assert bool(table.eraser_may) != (table.id in KEPT_OTHERWISE), table.id
    cleaned = {f"{table.id.removesuffix('Table').lower()}_table" for table in capability.tables}
    assert (capability in erasables()) == bool(find_spec(f"lambdas.{capability.name}.erasable"))
    if capability in erasables():
        settings = import_module(f"lambdas.{capability.name}.settings").ErasableSettings
        assert {each.name for each in fields(settings)} <= cleaned


@each_capability
def test_the_erasure_of_a_person_knows_every_table_that_names_one(capability: Capability) -> None:
    declared = bool(find_spec(f"lambdas.{capability.name}.forgettable"))
    assert (capability in forgettables()) == declared
    if declared:
        tables = {
            f"{table.id.removesuffix('Table').lower()}_table"
            for table in capability.tables
            if table.forgetter_may
        }
        functions = {
            f"{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', each.id).lower()}_function"
            for each in capability.functions
            if each.follows_forgetting
        }
        settings = import_module(f"lambdas.{capability.name}.settings").ForgettableSettings
        assert {each.name for each in fields(settings)} == tables | functions


def test_the_steps_of_an_erasure_keep_their_order() -> None:
    modules = [import_module(f"lambdas.{each.name}.forgettable") for each in forgettables()]
    found = [
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Forgettable) and kind is not Forgettable
    ]
    assert {each.name: each.order for each in found} == {
        "players": 1,
        "scores": 2,
        "telemetry": 3,
        "data": 4,
    }


def test_one_function_erases() -> None:
    assert len([each for each in FUNCTIONS if each.erases]) == 1
    assert len([each for each in FUNCTIONS if each.forgets]) == 1


@pytest.mark.parametrize("environment", [DELIVERED, COMPLETE, LOCAL], ids=lambda each: each.name)
def test_an_enabled_capability_has_an_enabled_host(environment: Environment) -> None:
    on = enabled(environment)
    for capability in on:
        host = next(each for each in on if not each.host and each.stack == capability.stack)
        assert capability in hosted_by(host)


def test_every_parameter_is_written_by_a_stack() -> None:
    written = written_by(COMPLETE)
    assert set(written.values()) <= set(stacks())
    assert written["/htmlgame/telemetry/data-table"] == "TelemetryStack"
    assert "/htmlgame/telemetry/data-table" not in written_by(DELIVERED)


def test_a_capability_has_an_api_and_a_stack_of_its_own_by_default() -> None:
    toy = Capability(
        name="toy", always=True, endpoints=(own_endpoint("toy"),), patterns=(own_pattern("toy"),)
    )
    [endpoint] = toy.endpoints
    assert toy.stack == "ToyStack"
    assert (endpoint.name, endpoint.origin) == ("htmlgame-toy", "htmlgame-toy")
    assert endpoint.parameter == "/htmlgame/toy/api-endpoint"
    assert [each.path for each in toy.patterns] == ["toy/*"]


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        ("rate(1 hour)", 720),
        ("cron(20 * * * ? *)", 720),
        ("cron(40 3 * * ? *)", 30),
        ("rate(30 days)", 1),
        ("rate(1 day)", 30),
        ("rate(5 minutes)", 8640),
        ("", 0),
    ],
)
def test_a_rule_knows_how_often_it_runs(schedule: str, runs: int) -> None:
    assert Rule(id="Rule", schedule=schedule).runs_a_month == runs


def test_a_schedule_that_cannot_be_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="neither hourly, daily nor a rate"):
        _ = Rule(id="Odd", schedule="cron(0/5 8-17 ? * MON-FRI *)").runs_a_month


def test_a_mistake_in_a_manifest_names_its_field() -> None:
    with pytest.raises(ConfigError, match=r"config/capabilities: function\.module: missing"):
        Function(id="X", name="x")  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match=r"config/capabilities: capability\.settings: "):
        Capability(name="x", settings=Telemetry(issuer="https://x.example"))  # type: ignore[arg-type]
