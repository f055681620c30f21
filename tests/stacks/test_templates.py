"""What production would be deployed as: its promises, and that nothing objects to it."""

import base64
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from app import main
from config import environments, names
from config.archive_views import archive_views
from config.ci import Ci
from config.environments import DELIVERED
from config.functions import FUNCTIONS
from config.games import load_games
from config.telemetry import Telemetry
from lambdas.telemetry import creator_routes
from operations.account import BOOTSTRAP_NEEDED
from operations.assembly import Assembly
from stacks.constructs.packaging import ROOT

CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"] | {"environment": "delivered"}
CFN_LINT = Path(sys.executable).with_name("cfn-lint")
Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Production with everything that can be switched on."""
    out = tmp_path_factory.mktemp("assembly")
    assert synthesise(out, environment="complete") == ""
    return out


def synthesise(out: Path, **context: Any) -> str:
    """What the synth complained of where it failed."""
    try:
        main(App(outdir=str(out), context=CONTEXT | context))
    except SystemExit as refused:
        return str(refused)
    return ""


def template(assembly: Path, stack: str) -> Resources:
    content = json.loads((assembly / f"{stack}.template.json").read_text())
    resources: Resources = content["Resources"]
    return resources


def of_type(resources: Resources, kind: str) -> list[dict[str, Any]]:
    return [each for each in resources.values() if each["Type"] == kind]


@pytest.fixture(scope="module")
def telemetry(assembly: Path) -> Resources:
    return template(assembly, names.TELEMETRY_STACK)


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


def test_the_check_before_the_synthesis_knows_which_bootstrap_is_needed(assembly: Path) -> None:
    assert Assembly(assembly).bootstrap_version == BOOTSTRAP_NEEDED


def test_cdk_nag_has_nothing_to_object_to(assembly: Path) -> None:
    """Where it has, the synth itself fails: this holds what passed against its own report."""
    report = json.loads((assembly / "validation-report.json").read_text())
    objecting = {plugin["pluginName"] for plugin in report["pluginReports"]}
    assert "AwsSolutions" not in objecting


def test_cdk_nag_stands_at_the_door(tmp_path: Path) -> None:
    """In a process of its own: a rule that objects ends it."""
    silent = "import stacks.constructs.acknowledge as a; a.acknowledge = lambda *_: None"
    program = f"{silent}; import runpy; runpy.run_path('app.py', run_name='__main__')"
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": json.dumps(CONTEXT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode
    assert "AwsSolutions-S1" in finished.stderr


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


def test_nothing_puts_the_patch_back_while_the_stack_goes(assembly: Path) -> None:
    """CloudFormation deletes what depends on the patch before the patch itself."""
    edge = template(assembly, names.EDGE_STACK)
    [patch] = [
        name
        for name, resource in edge.items()
        if "DISTRIBUTION_ID" in resource.get("Properties", {})
    ]
    rules = of_type(edge, "AWS::Events::Rule")
    assert len(rules) == 3
    assert all(patch in rule.get("DependsOn", []) for rule in rules)


def test_the_guard_looks_after_every_end_of_a_deploy_that_may_have_wiped_us(assembly: Path) -> None:
    """A deploy that fails has its distribution written back as the template before had it."""
    rules = of_type(template(assembly, names.EDGE_STACK), "AWS::Events::Rule")
    [pattern] = [
        r["Properties"]["EventPattern"] for r in rules if "EventPattern" in r["Properties"]
    ]
    assert set(pattern["detail"]["status-details"]["status"]) == {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
    }


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
    resources = {
        f"{path.name} {name}": resource
        for path in assembly.glob("*.template.json")
        for name, resource in json.loads(path.read_text())["Resources"].items()
    }
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
        for stack in (
            names.SCORE_API_STACK,
            names.FRONT_STACK,
            names.EDGE_STACK,
            names.TELEMETRY_STACK,
        )
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
        "/htmlgame/telemetry/api-endpoint",
        "/htmlgame/telemetry/telemetry-table",
        "/htmlgame/telemetry/rate-table",
        "/htmlgame/telemetry/data-table",
        "/htmlgame/telemetry/creator-table",
        "/htmlgame/telemetry/secret-table",
        "/htmlgame/telemetry/archive-bucket",
        "/htmlgame/telemetry/resolve-env-arn",
    }


def test_no_stack_imports_from_another(assembly: Path) -> None:
    for path in assembly.glob("*.template.json"):
        content = path.read_text()
        assert "Fn::ImportValue" not in content
        assert '"Export"' not in content


def test_telemetry_may_do_what_it_does_and_nothing_else(telemetry: Resources) -> None:
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert actions(telemetry, "IngestRole") == logs | {
        "dynamodb:BatchWriteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "ssm:GetParameter",
    }
    assert actions(telemetry, "DataRole") == logs | {
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "ssm:GetParameter",
    }
    assert actions(telemetry, "CountRole") == logs | {
        "dynamodb:DescribeStream",
        "dynamodb:GetItem",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "dynamodb:PutItem",
    }
    assert actions(telemetry, "AnalyticsRole") == logs | {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "ssm:GetParameter",
    }
    for role in ("Ingest", "Keys", "Data", "Analytics"):
        for statement in statements(telemetry, f"{role}Role"):
            assert "*" not in json.dumps(statement), statement
    wide = [each for each in statements(telemetry, "CountRole") if "*" in json.dumps(each)]
    assert [each["Action"] for each in wide] == ["dynamodb:ListStreams"]


def test_whoever_has_to_do_with_the_archive_can_do_no_more(
    telemetry: Resources,
) -> None:
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    stream = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
    assert actions(telemetry, "ArchiveWriterRole") == logs | {
        "firehose:PutRecordBatch",
        *(f"dynamodb:{each}" for each in stream),
    }
    assert actions(telemetry, "ArchiveReturnerRole") == logs | {
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    [delivery] = [
        each["Properties"]
        for name, each in telemetry.items()
        if name.startswith("ArchiveDeliveryRole")
    ]
    [policy] = delivery["Policies"]
    written, bucket_itself, log = policy["PolicyDocument"]["Statement"]
    assert written["Action"] == ["s3:AbortMultipartUpload", "s3:PutObject"]
    assert [each["Fn::Join"][1][1] for each in written["Resource"]] == ["/_aside/*", "/project=*"]
    assert all(not each.endswith("*") for each in (*bucket_itself["Action"], log["Action"]))
    assert actions(telemetry, "ArchivePrunerRole") == logs | {
        "dynamodb:GetItem",
        "s3:DeleteObject",
        "s3:ListBucket",
    }
    [bucket] = of_type(telemetry, "AWS::S3::Bucket")
    assert bucket["DeletionPolicy"] == "Retain"
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert [(rule["Prefix"], rule["ExpirationInDays"]) for rule in rules] == [
        ("project=", 365),
        ("_aside/", 30),
        ("_unreadable/", 30),
        ("_results", 7),
    ]
    [group] = of_type(telemetry, "AWS::Athena::WorkGroup")
    configuration = group["Properties"]["WorkGroupConfiguration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == 10**10


def test_firehose_sorts_the_archive_by_project_and_day_and_loses_no_record(
    telemetry: Resources,
) -> None:
    [stream] = of_type(telemetry, "AWS::KinesisFirehose::DeliveryStream")
    told = stream["Properties"]["ExtendedS3DestinationConfiguration"]
    assert told["DynamicPartitioningConfiguration"]["Enabled"] is True
    assert told["Prefix"] == (
        "project=!{partitionKeyFromQuery:project}/day=!{partitionKeyFromQuery:day}/"
    )
    assert told["ErrorOutputPrefix"] == "_aside/!{firehose:error-output-type}/"
    assert (told["CompressionFormat"], told["FileExtension"]) == ("GZIP", ".json.gz")
    assert told["BufferingHints"]["IntervalInSeconds"] == 300
    kinds = [each["Type"] for each in told["ProcessingConfiguration"]["Processors"]]
    assert kinds == ["MetadataExtraction", "AppendDelimiterToRecord"]
    assert told["CloudWatchLoggingOptions"]["Enabled"] is True
    encryption = stream["Properties"]["DeliveryStreamEncryptionConfigurationInput"]
    assert encryption == {"KeyType": "AWS_OWNED_CMK"}


def test_the_archives_views_are_in_the_catalogue_as_athena_writes_them(
    telemetry: Resources,
) -> None:
    tables = [each["Properties"]["TableInput"] for each in of_type(telemetry, "AWS::Glue::Table")]
    kept = {each["Name"]: each for each in tables if each["TableType"] == "VIRTUAL_VIEW"}
    views = {view.name: view for view in archive_views()}
    assert set(kept) == set(views)
    for name, view in views.items():
        text = kept[name]["ViewOriginalText"]
        told = json.loads(base64.b64decode(text.removeprefix("/* Presto View: ")[: -len(" */")]))
        assert told["originalSql"] == view.sql
        assert ";" not in view.sql
        assert [each["name"] for each in told["columns"]] == [
            each["Name"] for each in kept[name]["StorageDescriptor"]["Columns"]
        ]
        assert told["columns"][0] == {"name": "project", "type": "varchar"}


def test_the_stream_wakes_for_what_counts_and_loses_nothing(telemetry: Resources) -> None:
    mappings = of_type(telemetry, "AWS::Lambda::EventSourceMapping")
    assert len(mappings) == 2
    [properties] = [
        each["Properties"] for each in mappings if each["Properties"]["BatchSize"] == 1000
    ]
    for each in mappings:
        assert each["Properties"]["StartingPosition"] == "TRIM_HORIZON"
        assert not {"MaximumRetryAttempts", "MaximumRecordAgeInSeconds"} & set(each["Properties"])
        assert each["Properties"]["FilterCriteria"] == properties["FilterCriteria"]
    patterns = [json.loads(each["Pattern"]) for each in properties["FilterCriteria"]["Filters"]]
    assert [pattern["eventName"] for pattern in patterns] == [["INSERT"], ["MODIFY"]]
    assert all(pattern["dynamodb"]["Keys"]["PK"]["S"] == [{"prefix": "P#"}] for pattern in patterns)


def test_one_function_seals_one_opens_and_no_other_comes_near_the_key(
    telemetry: Resources,
) -> None:
    roles = [name for name, each in telemetry.items() if each["Type"] == "AWS::IAM::Role"]
    touching = {
        role: {action for action in actions(telemetry, role) if action.startswith("kms:")}
        for role in roles
    }
    [(seals, _)] = [each for each in touching.items() if "kms:Encrypt" in each[1]]
    [(opens, _)] = [each for each in touching.items() if "kms:Decrypt" in each[1]]
    assert seals.startswith("CreatorsSecretsRole")
    assert opens.startswith("CreatorsResolveEnvRole")
    assert {role: found for role, found in touching.items() if found} == {
        seals: {"kms:Encrypt"},
        opens: {"kms:Decrypt"},
    }


def test_creators_functions_name_what_they_may_touch(telemetry: Resources) -> None:
    for role in ("Projects", "Secrets", "ResolveEnv", "Erase"):
        found = statements(telemetry, f"Creators{role}Role")
        assert found
        for statement in found:
            assert "*" not in json.dumps(statement), statement
    assert "dynamodb:Scan" not in json.dumps(telemetry)


def test_the_key_turns_every_year_and_outlives_the_stack(telemetry: Resources) -> None:
    [key] = of_type(telemetry, "AWS::KMS::Key")
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == key["UpdateReplacePolicy"] == "Retain"


def test_every_creators_route_demands_a_token_and_none_opens_a_secret(
    telemetry: Resources,
) -> None:
    [authorizer] = of_type(telemetry, "AWS::ApiGatewayV2::Authorizer")
    jwt = authorizer["Properties"]["JwtConfiguration"]
    assert jwt == {"Audience": ["authenticated"], "Issuer": "https://example.supabase.co/auth/v1"}
    routes = of_type(telemetry, "AWS::ApiGatewayV2::Route")
    demanding = {
        each["Properties"]["RouteKey"].replace(" /api", " ")
        for each in routes
        if each["Properties"]["AuthorizationType"] == "JWT"
    }
    of_creators = {*creator_routes.PROJECTS, *creator_routes.SECRETS}
    assert of_creators <= demanding
    assert "GET /analytics/summary" in demanding
    integrated = {
        json.dumps(each["Properties"]["IntegrationUri"])
        for each in of_type(telemetry, "AWS::ApiGatewayV2::Integration")
    }
    assert integrated
    assert not any("ResolveEnv" in uri for uri in integrated)


def test_what_people_made_outlives_the_stack_and_rates_do_not(telemetry: Resources) -> None:
    tables = {
        name: table for name, table in telemetry.items() if table["Type"] == "AWS::DynamoDB::Table"
    }
    assert len(tables) == 5
    for name, table in tables.items():
        properties, kept = table["Properties"], not name.startswith("Rate")
        assert table["DeletionPolicy"] == ("Retain" if kept else "Delete")
        assert properties["DeletionProtectionEnabled"] is kept
        assert ("PointInTimeRecoverySpecification" in properties) is kept
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert "GlobalSecondaryIndexes" not in properties


def test_without_an_issuer_there_is_no_telemetry(tmp_path: Path) -> None:
    assert synthesise(tmp_path) == ""
    assert not (tmp_path / f"{names.TELEMETRY_STACK}.template.json").exists()
    edge = (tmp_path / f"{names.EDGE_STACK}.template.json").read_text()
    assert names.TELEMETRY_API_ENDPOINT not in edge


def test_no_error_of_the_api_is_kept_for_the_next_who_asks(assembly: Path) -> None:
    """By default CloudFront keeps these ten seconds, for everybody, whatever they say."""
    front = template(assembly, names.FRONT_STACK)
    [distribution] = of_type(front, "AWS::CloudFront::Distribution")
    errors = distribution["Properties"]["DistributionConfig"]["CustomErrorResponses"]
    kept = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in errors}
    assert kept == dict.fromkeys((404, 405, 414, 500, 501, 502, 503, 504), 0)
    assert not any("ResponsePagePath" in each for each in errors)


def test_a_domain_of_ones_own_comes_with_its_certificate(assembly: Path) -> None:
    site = template(assembly, names.FRONT_STACK)
    [distribution] = of_type(site, "AWS::CloudFront::Distribution")
    config = distribution["Properties"]["DistributionConfig"]
    assert config["Aliases"] == ["games.example.com"]
    viewer = config["ViewerCertificate"]
    assert viewer["AcmCertificateArn"].startswith("arn:aws:acm:us-east-1:")
    assert viewer["MinimumProtocolVersion"] == "TLSv1.2_2021"


@pytest.mark.parametrize(
    ("field", "value", "mend"),
    [
        ("issuer", "example.supabase.co", "is not an address, such as https://"),
        ("archive_window_seconds", 30, "30; it must be 60 to 900, as long as Firehose gathers"),
        ("archive_days", 0, "0; it must be 1 or more"),
    ],
)
def test_what_telemetry_cannot_be_fails_the_synth_by_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, field: str, value: Any, mend: str
) -> None:
    sent: dict[str, Any] = {"issuer": "https://example.com", "archive": True, field: value}
    broken = replace(DELIVERED, telemetry=Telemetry(**sent))
    monkeypatch.setitem(environments._ENVIRONMENTS, "delivered", broken)
    problem = synthesise(tmp_path)
    assert f"config/environments.py: telemetry.{field}: " in problem
    assert mend in problem


def test_an_unknown_environment_is_named_with_those_there_are(tmp_path: Path) -> None:
    problem = synthesise(tmp_path, environment="staging")
    assert "environment=staging: one of production, delivered" in problem


def test_a_repository_that_is_none_fails_the_synth_by_field_and_with_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ci = Ci(repository="https://github.com/octocat/my-games")
    monkeypatch.setitem(environments._ENVIRONMENTS, "delivered", replace(DELIVERED, ci=ci))
    problem = synthesise(tmp_path)
    assert "ci.repository: 'https://github.com/octocat/my-games' is not owner/name" in problem


def test_a_broken_game_fails_the_synth_with_file_and_field_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pong.json").write_text('{"title": "x", "order": [["points", "asc"]]}')
    monkeypatch.setattr(load_games, "__defaults__", (tmp_path,))
    assert "pong.json: order.0.0" in synthesise(tmp_path)


def test_what_stays_behind_is_what_the_docs_say(assembly: Path) -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    table = page.partition("| stack | stays |")[2].partition("\n\n")[0]
    told = set(re.findall(r"^\| (\w+) \| (AWS::[\w:]+):", table, re.MULTILINE))
    stays = {
        (path.name.partition(".")[0], each["Type"])
        for path in assembly.glob("*.template.json")
        for each in json.loads(path.read_text())["Resources"].values()
        if each.get("DeletionPolicy", "Delete") != "Delete"
    }
    assert told == stays


def test_the_logs_that_cloudfront_leaves_are_each_deleted_by_what_the_docs_say(
    assembly: Path,
) -> None:
    """CloudFront makes them, so no stack knows them and no tag finds them."""
    page = (ROOT / "docs" / "deploy.md").read_text()
    [found] = re.findall(r"for f in ([a-z -]+); do aws logs delete-log-group (.*)\$f; done", page)
    listed, command = found
    assert command == "--region us-east-1 --log-group-name /aws/cloudfront/function/htmlgame-"
    published = {
        each["Properties"]["Name"]
        for path in assembly.glob("*.template.json")
        for each in json.loads(path.read_text())["Resources"].values()
        if each["Type"] == "AWS::CloudFront::Function"
    }
    assert {f"htmlgame-{each}" for each in listed.split()} == published
