"""Templates promise what they promised: ids, names, policies and properties."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.gate.changes import ABSENT, changes, patch_between, patched
from tests.gate.layout import laid_out
from tests.gate.record_templates import lost
from tests.gate.templates import BASE, ENVIRONMENTS, RECORDED, recorded, snapshot_of, snapshots_of
from tests.gate.told import differences
from tests.stacks.templates import Assembly

ADVICE = """
If this change is meant, record the templates again (make snapshot) and review what git diff shows.
A logical id that changes is a resource deleted and another made: for what holds data that is
never meant. See "Moves" in docs/explanation/decisions.md.
"""
MOST_TOLD = 40
DIGEST = re.compile(r"[0-9a-f]{32}")
TABLE = "CreatorTable6D11CD02"
STACK = "TelemetryStack"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_templates_are_as_recorded(
    assembly_of: Callable[[str], Assembly], environment: str
) -> None:
    now = snapshots_of(assembly_of(ENVIRONMENTS[environment]).directory, environment)
    told = [f"{environment}: {line}" for line in differences(recorded(environment), now)]
    more = [f"… and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
    assert not told, "\n".join(["", *told[:MOST_TOLD], *more, ADVICE])


def test_nothing_recorded_depends_on_code() -> None:
    for path in RECORDED.rglob("*.json"):
        text = path.read_text()
        assert not DIGEST.search(text), path.name
        assert "lambdas." not in text, path.name


def test_every_recorded_stack_has_its_resources() -> None:
    """An empty folder would be equal to an empty assembly."""
    assert set(recorded(BASE)) > set(recorded("production")) > {"EdgeStack", "ScoreApiStack"}
    kept = [
        f"{stack} {resource['Type']}"
        for stack, snapshot in recorded(BASE).items()
        for resource in snapshot["Resources"].values()
        if resource.get("DeletionPolicy") == "Retain"
    ]
    assert kept.count(f"{STACK} AWS::DynamoDB::Table") == 4


@pytest.fixture
def stacks() -> dict[str, Any]:
    return copy.deepcopy(recorded(BASE))


def told(now: dict[str, Any]) -> list[str]:
    return list(differences(recorded(BASE), now))


def test_a_changed_property_is_reported_by_resource_and_path(stacks: dict[str, Any]) -> None:
    table = stacks[STACK]["Resources"][TABLE]
    del table["DeletionPolicy"]
    table["Properties"]["TimeToLiveSpecification"]["AttributeName"] = "ttl"
    table["Properties"]["KeySchema"].reverse()
    named = f"{STACK}: {TABLE} (AWS::DynamoDB::Table): "
    lines = told(stacks)
    assert lines[0] == f'{named}DeletionPolicy: was "Retain", is <absent>'
    assert lines[1].startswith(f"{named}Properties.KeySchema: was [{{")
    assert lines[2:] == [
        f'{named}Properties.TimeToLiveSpecification.AttributeName: was "expires", is "ttl"'
    ]
    assert lost({BASE: recorded(BASE)}, {BASE: stacks}) == [f"{BASE}/{STACK}.{TABLE}"]


def test_a_changed_logical_id_is_reported_with_the_new_id(stacks: dict[str, Any]) -> None:
    resources = stacks[STACK]["Resources"]
    resources["Creators6D11CD02"] = resources.pop(TABLE)
    assert told(stacks) == [
        f"{STACK}: {TABLE} (AWS::DynamoDB::Table) is gone: its logical id is now Creators6D11CD02",
        f"{STACK}: Creators6D11CD02 (AWS::DynamoDB::Table) is new",
    ]
    assert lost({BASE: recorded(BASE)}, {BASE: stacks}) == [f"{BASE}/{STACK}.{TABLE}"]


def test_a_stack_that_is_gone_loses_all_that_it_kept(stacks: dict[str, Any]) -> None:
    del stacks[STACK]
    assert told(stacks) == [f"{STACK}: this stack is gone"]
    assert f"{BASE}/{STACK}.{TABLE}" in lost({BASE: recorded(BASE)}, {BASE: stacks})


def test_a_resource_without_data_may_be_removed(stacks: dict[str, Any]) -> None:
    del stacks[STACK]["Resources"]["RateTableF849C945"]
    assert lost({BASE: recorded(BASE)}, {BASE: stacks}) == []


CODE: dict[str, Any] = {
    "Layer": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": {"S3Key": "1.zip"}}},
    "Edge": {"Type": "AWS::CloudFront::Function", "Properties": {"FunctionCode": "handler()"}},
    "Ours": {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Code": {"S3Key": "1.zip"}, "Handler": "lambdas.old.put.handler"},
    },
    "Framework": {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Code": {"S3Key": "1.zip"}, "Handler": "framework.onEvent"},
    },
}


def test_code_may_change_and_nothing_else() -> None:
    def handlers(resources: dict[str, Any]) -> str:
        return laid_out(snapshot_of({"Resources": copy.deepcopy(resources)}))

    moved = copy.deepcopy(CODE)
    moved["Layer"]["Properties"]["Content"]["S3Key"] = "2.zip"
    moved["Edge"]["Properties"]["FunctionCode"] = "another()"
    moved["Ours"]["Properties"] = {
        "Code": {"S3Key": "2.zip"},
        "Handler": "lambdas.new.put.handler",
    }
    assert handlers(moved) == handlers(CODE)
    moved["Framework"]["Properties"]["Handler"] = "framework.onTimeout"
    assert handlers(moved) != handlers(CODE)


def test_unordered_lists_are_compared_in_any_order() -> None:
    def policy(*statements: Any, after: list[str]) -> Any:
        document = {"Statement": list(statements)}
        return snapshot_of(
            {"Resources": {"P": {"Type": "T", "DependsOn": after, "Properties": {"D": document}}}}
        )

    read = {"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
    same = {"Resource": "*", "Action": ["s3:ListBucket", "s3:GetObject"]}
    log = {"Action": "logs:PutLogEvents", "Resource": "*"}
    assert policy(read, log, after=["A", "B"]) == policy(log, same, after=["B", "A"])
    assert policy(read, log, after=["A"]) != policy(read, after=["A"])


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({"a": 1}, {"a": True}, ["a: was 1, is true"]),
        ({"a": {}}, {}, ["a: was {}, is <absent>"]),
        ([1, 2, 3], [1, 3], ["1: was 2, is <absent>"]),
        ([1, 2], [2, 1], [": was [1, 2], is [2, 1]"]),
        ([{"a": 1}, {"b": 1}], [{"a": 1}, {"b": 2}], ["1.b: was 1, is 2"]),
        ({"a": None}, {}, ["a: was null, is <absent>"]),
        ({"a": [0]}, {"a": [0]}, []),
    ],
    ids=str,
)
def test_changes_are_reported_as_near_to_the_leaves_as_possible(
    before: Any, now: Any, told: list[str]
) -> None:
    assert [str(change) for change in changes(before, now)] == told


@pytest.mark.parametrize(
    ("base", "other"),
    [
        ({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"c": 2, "e": [1]}, "f": None}),
        ({}, {"a": {"b": {}}}),
        ({"a": {"b": 1}}, {"a": "text"}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": 1}, {"a": 1}),
    ],
    ids=str,
)
def test_an_environment_is_kept_as_what_differs_from_the_one_in_full(base: Any, other: Any) -> None:
    assert patched(base, patch_between(base, other)) == other


def test_one_line_holds_what_fits_on_it() -> None:
    one, other = "x" * 70, "y" * 70
    assert laid_out({"short": [1, {"a": 2}], "long": [one, other]}).splitlines() == [
        "{",
        '  "short": [1, {"a": 2}],',
        '  "long": [',
        f'    "{one}",',
        f'    "{other}"',
        "  ]",
        "}",
    ]
    assert ABSENT not in laid_out(recorded(BASE))
