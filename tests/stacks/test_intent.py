"""The stacks contain what tests/stacks/intent lists, and nothing else."""

import ast
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.stacks import intent
from tests.stacks.intent import intended
from tests.stacks.intent.environments import COMPLETE, DELIVERED, ENVIRONMENTS, LOCAL, Environment
from tests.stacks.intent.rows import table
from tests.stacks.reading import deployed
from tests.stacks.templates import Assembly

Json = Any
AssemblyOf = Callable[[str], Assembly]
KINDS: Final = [
    pytest.param(environment, kind, id=f"{environment.name}-{kind.removeprefix('AWS::')}")
    for environment in ENVIRONMENTS
    for kind in table(intended(environment))
]
each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: each.name)


def differences(found: Json, wanted: Json) -> list[str]:
    """Returns a line for each setting that only one side has. The order of a list is ignored."""
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


@pytest.mark.parametrize(("environment", "kind"), KINDS)
def test_everything_is_deployed_as_intended(
    assembly_of: AssemblyOf, environment: Environment, kind: str
) -> None:
    found = deployed(assembly_of(environment.name)).get(kind, {})
    assert differences(found, table(intended(environment))[kind]) == []


@each_environment
def test_no_kind_of_resource_is_deployed_without_rows(
    assembly_of: AssemblyOf, environment: Environment
) -> None:
    unknown = deployed(assembly_of(environment.name)).keys() - table(intended(environment)).keys()
    assert unknown == set()


@pytest.mark.parametrize(
    ("environment", "order"),
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
                "TelemetryStack": {"TunnelsStack"},
                "PlayersStack": {"ScoreApiStack", "TelemetryStack"},
                "InsightsStack": set(),
                "TunnelsStack": set(),
                "EdgeStack": {"PlayersStack", "InsightsStack"},
                "OpsStack": {"EdgeStack"},
                "CiStack": {"ScoreApiStack"},
            },
        ),
        (
            LOCAL,
            {
                "FrontStack": set(),
                "ScoreApiStack": {"FrontStack"},
                "TelemetryStack": {"TunnelsStack"},
                "PlayersStack": {"ScoreApiStack", "TelemetryStack"},
                "InsightsStack": set(),
                "TunnelsStack": set(),
                "EdgeStack": {"PlayersStack", "InsightsStack"},
                "OpsStack": {"EdgeStack"},
            },
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Environment) else "",
)
def test_a_stack_is_deployed_after_those_whose_parameters_it_reads(
    assembly_of: AssemblyOf, environment: Environment, order: dict[str, set[str]]
) -> None:
    assert assembly_of(environment.name).order == order


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
"""Kinds that CloudFormation or the CDK cannot tag."""


@each_environment
def test_every_resource_that_takes_tags_names_the_project(
    assembly_of: AssemblyOf, environment: Environment
) -> None:
    untagged = {
        each.kind
        for each in assembly_of(environment.name).resources
        if not any("htmlgame" in str(each.properties.get(tags, "")) for tags in _TAGS)
    }
    assert untagged <= _WITHOUT_TAGS


_TAGS: Final = ("Tags", "ResourceTags")


def test_the_rows_import_nothing_that_they_are_compared_with() -> None:
    allowed = ("tests.stacks.intent", "tests.stacks.policies")
    for path in Path(intent.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                root = str(node.module).partition(".")[0]
                own = str(node.module).startswith(allowed)
                assert own or root not in {"config", "lambdas", "stacks", "tests"}, path


@pytest.mark.parametrize(
    ("change", "report"),
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
def test_each_difference_is_reported(change: Callable[[Json], Any], report: list[str]) -> None:
    def grants() -> Json:
        return {"put-score": ["dynamodb:Query on {Table}", "dynamodb:PutItem on {Table}"]}

    changed = grants()
    change(changed)
    assert differences(grants(), grants()) == []
    assert differences(grants(), changed) == report
