"""The stacks hold what tests/stacks/intent says, and nothing else."""

import ast
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.stacks import intent
from tests.stacks.intent import intended
from tests.stacks.intent.places import COMPLETE, DELIVERED, LOCAL, PLACES, Place
from tests.stacks.intent.rows import table
from tests.stacks.reading import deployed
from tests.stacks.templates import Assembly

Json = Any
AssemblyOf = Callable[[str], Assembly]
KINDS: Final = [
    pytest.param(place, kind, id=f"{place.name}-{kind.removeprefix('AWS::')}")
    for place in PLACES
    for kind in table(intended(place))
]
each_place = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)


def differences(found: Json, wanted: Json) -> list[str]:
    """A line for each setting that is on one side only. A list is compared without its order."""
    here, there = Counter(_settings(found)), Counter(_settings(wanted))
    return [
        *(f"deployed, not intended: {line}" for line in here - there),
        *(f"intended, not deployed: {line}" for line in there - here),
    ]


def _settings(value: Json, path: str = "") -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _settings(each, f"{path} {key}")
    elif isinstance(value, list) and value:
        for each in value:
            yield f"{path}: {each if isinstance(each, str) else json.dumps(each, sort_keys=True)}"
    else:
        yield f"{path}: {value!r}"


@pytest.mark.parametrize(("place", "kind"), KINDS)
def test_everything_is_deployed_as_intended(
    assembly_of: AssemblyOf, place: Place, kind: str
) -> None:
    found = deployed(assembly_of(place.name)).get(kind, {})
    assert differences(found, table(intended(place))[kind]) == []


@each_place
def test_no_kind_of_resource_is_deployed_without_rows(
    assembly_of: AssemblyOf, place: Place
) -> None:
    unknown = deployed(assembly_of(place.name)).keys() - table(intended(place)).keys()
    assert unknown == set()


@pytest.mark.parametrize(
    ("place", "order"),
    [
        (
            DELIVERED,
            {
                "FrontStack": set(),
                "ScoreApiStack": {"FrontStack"},
                "EdgeStack": {"ScoreApiStack"},
                "OpsStack": {"EdgeStack"},
            },
        ),
        (
            COMPLETE,
            {
                "FrontStack": set(),
                "ScoreApiStack": {"FrontStack"},
                "TelemetryStack": set(),
                "EdgeStack": {"ScoreApiStack", "TelemetryStack"},
                "OpsStack": {"EdgeStack"},
                "CiStack": {"ScoreApiStack"},
            },
        ),
        (
            LOCAL,
            {
                "FrontStack": set(),
                "ScoreApiStack": {"FrontStack"},
                "TelemetryStack": set(),
                "EdgeStack": {"ScoreApiStack", "TelemetryStack"},
                "OpsStack": {"EdgeStack"},
            },
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Place) else "",
)
def test_a_stack_comes_after_those_whose_parameters_it_reads(
    assembly_of: AssemblyOf, place: Place, order: dict[str, set[str]]
) -> None:
    assert assembly_of(place.name).order == order


_WITHOUT_TAGS: Final = {
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudWatch::Dashboard",
    "AWS::Glue::Database",
    "AWS::Glue::Table",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogStream",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
}
"""Kinds that CloudFormation, or the CDK, cannot tag."""


@each_place
def test_whatever_can_be_tagged_names_the_project(assembly_of: AssemblyOf, place: Place) -> None:
    untagged = {
        each.kind
        for each in assembly_of(place.name).resources
        if not any("htmlgame" in str(each.properties.get(tags, "")) for tags in _TAGS)
    }
    assert untagged <= _WITHOUT_TAGS


_TAGS: Final = ("Tags", "ResourceTags")


def test_the_rows_know_nothing_of_what_they_are_held_against() -> None:
    allowed = ("tests.stacks.intent", "tests.stacks.policies")
    for path in Path(intent.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                root = str(node.module).partition(".")[0]
                own = str(node.module).startswith(allowed)
                assert own or root not in {"config", "lambdas", "stacks", "tests"}, path


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda grants: grants["put-score"].append("dynamodb:Scan on *"),
            ["intended, not deployed:  put-score: dynamodb:Scan on *"],
        ),
        (
            lambda grants: grants["put-score"].remove("dynamodb:Query on {Table}"),
            ["deployed, not intended:  put-score: dynamodb:Query on {Table}"],
        ),
        (
            lambda grants: grants.update({"trim-top": ["dynamodb:Query on {Table}"]}),
            ["intended, not deployed:  trim-top: dynamodb:Query on {Table}"],
        ),
        (
            lambda grants: grants.pop("put-score"),
            [
                "deployed, not intended:  put-score: dynamodb:Query on {Table}",
                "deployed, not intended:  put-score: dynamodb:PutItem on {Table}",
                "intended, not deployed: : {}",
            ],
        ),
    ],
)
def test_every_difference_is_told(change: Callable[[Json], Any], told: list[str]) -> None:
    def grants() -> Json:
        return {"put-score": ["dynamodb:Query on {Table}", "dynamodb:PutItem on {Table}"]}

    changed = grants()
    change(changed)
    assert differences(grants(), grants()) == []
    assert differences(grants(), changed) == told
