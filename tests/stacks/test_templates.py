"""What production would be deployed as: its promises, and that nothing objects to it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from config import names
from config.functions import FUNCTIONS
from stacks.constructs.packaging import ROOT

CFN_LINT = Path(sys.executable).with_name("cfn-lint")
Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("assembly")
    assert synthesise(out) == ""
    return out


def synthesise(out: Path, *, program: Sequence[str] = ("app.py",), **context: Any) -> str:
    """What the synth complained of where it failed."""
    settings = json.loads((ROOT / "cdk.json").read_text())["context"] | context
    finished = subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env=os.environ | {"CDK_OUTDIR": str(out), "CDK_CONTEXT_JSON": json.dumps(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.stderr if finished.returncode else ""


def template(assembly: Path, stack: str) -> Resources:
    content = json.loads((assembly / f"{stack}.template.json").read_text())
    resources: Resources = content["Resources"]
    return resources


def of_type(resources: Resources, kind: str) -> list[dict[str, Any]]:
    return [each for each in resources.values() if each["Type"] == kind]


@pytest.fixture(scope="module")
def scores(assembly: Path) -> Resources:
    return template(assembly, names.SCORE_API_STACK)


def statements(resources: Resources, role: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in of_type(resources, "AWS::IAM::Policy")
        if any(str(each).startswith(f"{{'Ref': '{role}") for each in policy["Properties"]["Roles"])
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def actions(resources: Resources, role: str) -> set[str]:
    found: set[str] = set()
    for statement in statements(resources, role):
        named = statement["Action"]
        found.update([named] if isinstance(named, str) else named)
    return found


def test_cdk_nag_has_nothing_to_object_to(assembly: Path) -> None:
    """Where it has, the synth itself fails: this holds what passed against its own report."""
    report = json.loads((assembly / "validation-report.json").read_text())
    objecting = {plugin["pluginName"] for plugin in report["pluginReports"]}
    assert "AwsSolutions" not in objecting


def test_cdk_nag_stands_at_the_door(tmp_path: Path) -> None:
    silent = "import stacks.constructs.acknowledge as a; a.acknowledge = lambda *_: None"
    script = f"{silent}; import runpy; runpy.run_path('app.py')"
    assert "AwsSolutions-S1" in synthesise(tmp_path, program=["-c", script])


def test_cfn_lint_has_nothing_to_object_to(assembly: Path) -> None:
    linted = subprocess.run(
        [CFN_LINT, *map(str, assembly.glob("*.template.json"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout


def test_scores_outlive_their_stack(scores: Resources) -> None:
    [table] = of_type(scores, "AWS::DynamoDB::Table")
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    properties = table["Properties"]
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert "GlobalSecondaryIndexes" not in properties


def test_each_function_may_do_what_it_does_and_nothing_else(scores: Resources) -> None:
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    lock = {"ssm:GetParameter"}
    assert actions(scores, "PutScoreRole") == logs | lock | {
        "cloudfront:CreateInvalidation",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    }
    assert actions(scores, "GetRankingRole") == logs | lock | {"dynamodb:Query"}
    assert actions(scores, "TrimTopRole") == logs | lock | {
        "dynamodb:DeleteItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "lambda:InvokeFunction",
    }


def test_no_permission_reaches_beyond_its_one_resource(assembly: Path) -> None:
    for stack in (names.SCORE_API_STACK, names.EDGE_STACK):
        for role in (
            "PutScore",
            "GetRanking",
            "TrimTop",
            "OriginLockKeeper",
            "StoreKeeper",
            "RotateKeys",
        ):
            for statement in statements(template(assembly, stack), role):
                assert "*" not in json.dumps(statement), statement


def test_the_patch_may_touch_this_distribution_and_these_functions(assembly: Path) -> None:
    edge = template(assembly, names.EDGE_STACK)
    for role in ("DistributionPatchRole", "DriftGuardRole"):
        assert actions(edge, role) == {
            "cloudfront:DescribeFunction",
            "cloudfront:GetDistributionConfig",
            "cloudfront:UpdateDistribution",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "s3:PutObject",
            "ssm:GetParameter",
        }
        wide = [each for each in statements(edge, role) if "*" in json.dumps(each["Resource"])]
        assert [each["Action"] for each in wide] == ["s3:PutObject"]
        assert all(each["Resource"] != "*" for each in statements(edge, role))


def test_only_the_functions_that_write_the_store_carry_its_signing(assembly: Path) -> None:
    for stack in (names.SCORE_API_STACK, names.EDGE_STACK):
        for each in of_type(template(assembly, stack), "AWS::Lambda::Function"):
            name = each["Properties"].get("FunctionName")
            for function in FUNCTIONS:
                if function.name == name:
                    layers = each["Properties"]["Layers"]
                    assert len(layers) == 1 + function.writes_edge_store


def test_the_store_is_deployed_empty(assembly: Path) -> None:
    """Keys and lock are made at run time; an import of values would put them into an asset."""
    [store] = of_type(template(assembly, names.EDGE_STACK), "AWS::CloudFront::KeyValueStore")
    assert "ImportSource" not in store["Properties"]


def test_functions_are_small_recent_and_logged_for_a_stated_time(assembly: Path) -> None:
    resources = template(assembly, names.SCORE_API_STACK) | template(assembly, names.EDGE_STACK)
    functions = {
        each["Properties"]["FunctionName"]: each["Properties"]
        for each in of_type(resources, "AWS::Lambda::Function")
        if "FunctionName" in each["Properties"]
    }
    assert set(functions) == {function.name for function in FUNCTIONS}
    for properties in functions.values():
        assert properties["Runtime"] == "python3.13"
        assert properties["Architectures"] == ["arm64"]
        assert properties["MemorySize"] == 256
        assert "LogGroup" in properties["LoggingConfig"]
    for group in of_type(resources, "AWS::Logs::LogGroup"):
        assert group["Properties"]["RetentionInDays"] == 30


def test_the_api_is_throttled_and_its_log_tells_nothing_of_who_played(scores: Resources) -> None:
    [stage] = of_type(scores, "AWS::ApiGatewayV2::Stage")
    properties = stage["Properties"]
    assert properties["StageName"] == "prod"
    settings = properties["DefaultRouteSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (20, 40)
    log = json.loads(properties["AccessLogSettings"]["Format"])
    told = " ".join(log.values())
    assert not any(secret in told for secret in ("sourceIp", "userAgent", "path", "header"))


def test_without_configured_sites_no_other_origin_may_call(scores: Resources) -> None:
    [api] = of_type(scores, "AWS::ApiGatewayV2::Api")
    assert "CorsConfiguration" not in api["Properties"]


def test_the_routes_and_the_schedule_are_those_of_the_protocol(scores: Resources) -> None:
    routes = {
        each["Properties"]["RouteKey"] for each in of_type(scores, "AWS::ApiGatewayV2::Route")
    }
    assert routes == {
        "PUT /api/scores/{gameId}/{period}/{userId}",
        "GET /api/ranking/{gameId}/{period}",
    }
    [rule] = of_type(scores, "AWS::Events::Rule")
    assert rule["Properties"]["ScheduleExpression"].startswith("cron(10 0 ")


def test_stacks_meet_in_exactly_these_parameters(assembly: Path) -> None:
    written = {
        each["Properties"]["Name"]
        for stack in (names.SCORE_API_STACK, names.FRONT_STACK, names.EDGE_STACK)
        for each in of_type(template(assembly, stack), "AWS::SSM::Parameter")
    }
    assert written == {
        "/htmlgame/score-api/api-endpoint",
        "/htmlgame/score-api/table-name",
        "/htmlgame/score-api/lambda-put-arn",
        "/htmlgame/score-api/lambda-get-arn",
        "/htmlgame/score-api/lambda-trim-arn",
        "/htmlgame/front-stack/cf-dist-id",
        "/htmlgame/front-stack/s3-bucket",
        "/htmlgame/edge-stack/kvs-arn",
    }


def test_no_stack_imports_from_another(assembly: Path) -> None:
    for path in assembly.glob("*.template.json"):
        content = path.read_text()
        assert "Fn::ImportValue" not in content
        assert '"Export"' not in content


def test_an_unknown_environment_is_named_with_those_there_are(tmp_path: Path) -> None:
    problem = synthesise(tmp_path, environment="staging")
    assert "environment=staging: one of production, local" in problem


def test_a_broken_game_fails_the_synth_with_file_and_field_and_no_traceback(
    tmp_path: Path,
) -> None:
    (tmp_path / "pong.json").write_text('{"title": "x", "order": [["points", "asc"]]}')
    elsewhere = f"config.games.load_games.__defaults__ = (pathlib.Path({str(tmp_path)!r}),)"
    script = f"import config.games, pathlib, runpy; {elsewhere}; runpy.run_path('app.py')"
    problem = synthesise(tmp_path, program=["-c", script])
    assert "pong.json: order.0.0" in problem
    assert "Traceback" not in problem
