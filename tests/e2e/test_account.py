"""make deploy and make destroy where others have stacks, or another region has ours."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config import names
from config.capabilities import edge as edge_manifest
from config.capabilities import scores
from config.capabilities import telemetry as telemetry_manifest
from config.capabilities.telemetry import Telemetry
from config.environments import COMPLETE, DELIVERED, LOCAL
from config.ops import Ops
from local.cloud import Cloud
from operations.deploy import cdk, destroy
from operations.deploy import leftovers as left_over
from operations.deploy.assembly import Assembly
from operations.deploy.deployment import Deployment
from operations.deploy.preflight import preflight
from tests.conftest import empty_cloud
from tests.operations.deploy.test_assembly import write_assembly

Json = dict[str, Any]
TOPIC: Json = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}}
OURS: Json = TOPIC | {"Description": "htmlgame: Leaderboards."}
HERE = replace(DELIVERED, account=LOCAL.account)
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"


NO, NOTE, OK = "✗", "!", "✓"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One of its own: what another file made in a shared one would be found here."""
    with empty_cloud(tmp_path_factory.mktemp("account")) as running:
        yield running


@pytest.fixture(autouse=True)
def _account(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty, bootstrapped, with credentials for it."""
    for name, value in cloud.credentials().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING_PLAN_MANAGER", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    ssm = cloud.client("ssm")
    ssm.put_parameter(Name=BOOTSTRAP, Type="String", Value="28")
    yield
    ssm.delete_parameter(Name=BOOTSTRAP)


@contextmanager
def deployed(cloud: Cloud, stack: str, template: Json) -> Iterator[None]:
    client = cloud.client("cloudformation")
    client.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    try:
        yield
    finally:
        client.delete_stack(StackName=stack)
        client.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


def found(assembly: Path, **changes: Any) -> list[str]:
    return [
        str(each) for each in preflight(Deployment(replace(HERE, **changes), Assembly(assembly)))
    ]


def refusals(told: list[str]) -> list[str]:
    return [each for each in told if each.startswith(NO)]


FOREIGN = [TOPIC, TOPIC | {"Description": "Our shop's front"}, TOPIC | {"Description": "htmlgame"}]


@pytest.mark.parametrize("template", FOREIGN, ids=["undescribed", "described", "nearly"])
def test_a_foreign_stack_is_not_overwritten(cloud: Cloud, tmp_path: Path, template: Json) -> None:
    write_assembly(
        tmp_path, {names.FRONT_STACK: OURS, edge_manifest.CAPABILITY.stack: OURS}, bootstrap=6
    )
    with (
        deployed(cloud, names.FRONT_STACK, template),
        deployed(cloud, edge_manifest.CAPABILITY.stack, template),
    ):
        told = found(tmp_path)
    front, edge = refusals(told)
    assert front.startswith(f"{NO} {names.FRONT_STACK} belongs to another program")
    assert "fix: own_site=False in config/environments.py, or another region or account" in front
    assert "fix: deploy to another region or account" in edge
    # Changes in a foreign stack are not listed.
    assert not any("FrontStack: " in each for each in told)


def test_our_own_stack_is_deployed_again(cloud: Cloud, tmp_path: Path) -> None:
    write_assembly(tmp_path, {names.OPS_STACK: OURS}, bootstrap=6)
    with deployed(cloud, names.OPS_STACK, OURS):
        told = found(tmp_path)
    assert refusals(told) == []
    assert f"{OK} {names.OPS_STACK}: nothing changes" in told


def test_a_stack_without_an_executed_change_set_belongs_to_nobody(
    cloud: Cloud, tmp_path: Path
) -> None:
    """A first deploy that ended before its change set was executed leaves such a stack."""
    client = cloud.client("cloudformation")
    client.create_change_set(
        StackName=names.OPS_STACK,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(OURS),
    )
    write_assembly(tmp_path, {names.OPS_STACK: OURS}, bootstrap=6)
    try:
        told = found(tmp_path)
    finally:
        client.delete_stack(StackName=names.OPS_STACK)
    assert refusals(told) == []
    assert f"{NOTE} {names.OPS_STACK}: its first deploy failed; this deploy starts it again" in told
    assert f"{OK} {names.OPS_STACK}: new, 1 resources" in told


def test_leftovers_are_reported_for_our_own_stacks_alone(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    mentioning = {
        **TOPIC,
        "Description": "Watches htmlgame",
        "Outputs": {"For": {"Value": "htmlgame"}},
    }
    with deployed(cloud, names.OPS_STACK, mentioning), deployed(cloud, names.CI_STACK, OURS):
        left_over.report_leftovers()
    told = capsys.readouterr().out
    assert f"still deployed, and billed: {names.CI_STACK}" in told
    assert names.OPS_STACK not in told


def write_stacks(directory: Path, needs: dict[str, list[str]]) -> None:
    """An assembly whose stacks need each other like this."""
    write_assembly(directory, dict.fromkeys(needs, OURS), bootstrap=6)
    manifest = directory / "manifest.json"
    content = json.loads(manifest.read_text())
    for name, others in needs.items():
        content["artifacts"][name]["dependencies"] = [*others, f"{name}.assets"]
    manifest.write_text(json.dumps(content))


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    write_stacks(
        tmp_path,
        {
            names.FRONT_STACK: [],
            scores.CAPABILITY.stack: [names.FRONT_STACK],
            edge_manifest.CAPABILITY.stack: [scores.CAPABILITY.stack],
            names.CI_STACK: [],
        },
    )
    return tmp_path


Destroy = Callable[..., str]


@pytest.fixture
def refused(stacks: Path) -> Destroy:
    """Returns the refusal before the CDK runs; empty if it may run."""

    def run(*arguments: str) -> str:
        try:
            destroy.refuse_foreign_stacks(str(stacks), arguments)
        except destroy.ForeignStacks as refusal:
            return str(refusal)
        return ""

    return run


def test_a_foreign_stack_is_not_destroyed(cloud: Cloud, refused: Destroy) -> None:
    with (
        deployed(cloud, edge_manifest.CAPABILITY.stack, TOPIC),
        deployed(cloud, names.CI_STACK, OURS),
    ):
        for arguments in (
            (),
            ("--all",),
            ("--force",),
            (edge_manifest.CAPABILITY.stack,),
            ("Edge*",),
            (names.FRONT_STACK,),  # which EdgeStack needs by way of another
            ("--force", scores.CAPABILITY.stack),
            (names.CI_STACK, "--force", edge_manifest.CAPABILITY.stack),
            ("--exclusively", edge_manifest.CAPABILITY.stack),
        ):
            told = refused(*arguments)
            assert told.startswith(
                f"nothing was destroyed: {edge_manifest.CAPABILITY.stack} is not of htmlgame"
            )
            assert told.endswith(f'fix: make destroy ARGS="--exclusively {names.CI_STACK}"')


def test_our_stacks_beside_a_foreign_one_can_be_destroyed(cloud: Cloud, refused: Destroy) -> None:
    with (
        deployed(cloud, edge_manifest.CAPABILITY.stack, TOPIC),
        deployed(cloud, names.CI_STACK, OURS),
    ):
        assert refused(names.CI_STACK) == ""
        assert refused("-e", names.FRONT_STACK) == ""
        assert refused("--exclusively", names.FRONT_STACK, names.CI_STACK, "--force") == ""


def test_ours_alone_are_destroyed_and_so_is_nothing_at_all(cloud: Cloud, refused: Destroy) -> None:
    assert refused() == ""
    with deployed(cloud, names.FRONT_STACK, OURS):
        assert refused() == ""
    with deployed(cloud, names.FRONT_STACK, TOPIC):
        assert "check the region" in refused()


def test_without_the_right_to_read_stacks_nothing_is_destroyed(
    refused: Destroy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "stranger")
    assert refused().startswith("nothing was destroyed: cannot read whose the stacks are")


def test_make_destroy_looks_before_it_asks_the_cdk_about_the_same_stacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[list[str]] = []

    def refuse(assembly: str, arguments: list[str]) -> None:
        done.append(["look", assembly, *arguments])
        raise SystemExit("a stack is someone else's")

    monkeypatch.setattr(cdk, "synth", lambda arguments: done.append(["synth", *arguments]))
    monkeypatch.setattr(cdk, "refuse_foreign_stacks", refuse)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: done.append(command))
    with pytest.raises(SystemExit):
        cdk.destroy(["Edge*", "--force"])
    assert done == [
        ["synth", "--output", "cdk.out/destroy"],
        ["look", "cdk.out/destroy", "Edge*", "--force"],
    ]


GLOBAL: dict[str, Json] = {
    names.FRONT_STACK: {
        "Access": {
            "Type": "AWS::CloudFront::OriginAccessControl",
            "Properties": {"OriginAccessControlConfig": {"Name": "FrontStackAccess"}},
        }
    },
    edge_manifest.CAPABILITY.stack: {
        "Function": {
            "Type": "AWS::CloudFront::Function",
            "Properties": {"Name": scores.GET_START.name},
        },
        "Store": {
            "Type": "AWS::CloudFront::KeyValueStore",
            "Properties": {"Name": names.EDGE_STORE},
        },
        "Policy": {
            "Type": "AWS::CloudFront::CachePolicy",
            "Properties": {"CachePolicyConfig": {"Name": scores.RANKING_CACHE.name}},
        },
    },
    names.OPS_STACK: {
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {"DashboardName": names.DASHBOARD},
        },
        "Budget": {
            "Type": "AWS::Budgets::Budget",
            "Properties": {"Budget": {"BudgetName": names.BUDGET}},
        },
    },
}


@pytest.fixture
def globals_planned(tmp_path: Path) -> Path:
    templates = {name: {"Resources": each} for name, each in GLOBAL.items()}
    write_assembly(tmp_path, templates, bootstrap=6)
    return tmp_path


@contextmanager
def everything_global(cloud: Cloud) -> Iterator[None]:
    """Creates the global resources of a deploy in another region."""
    cloudfront, watch = cloud.client("cloudfront"), cloud.client("cloudwatch")
    budgets = cloud.client("budgets")
    access = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "FrontStackAccess",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )
    function = cloudfront.create_function(
        Name=scores.GET_START.name,
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=b"function handler(event) { return event.request; }",
    )
    store = cloudfront.create_key_value_store(Name=names.EDGE_STORE)
    policy = cloudfront.create_cache_policy(
        CachePolicyConfig={"Name": scores.RANKING_CACHE.name, "MinTTL": 0}
    )
    watch.put_dashboard(DashboardName=names.DASHBOARD, DashboardBody='{"widgets": []}')
    budgets.create_budget(
        AccountId=LOCAL.account,
        Budget={"BudgetName": names.BUDGET, "BudgetType": "COST", "TimeUnit": "MONTHLY"},
    )
    try:
        yield
    finally:
        budgets.delete_budget(AccountId=LOCAL.account, BudgetName=names.BUDGET)
        watch.delete_dashboards(DashboardNames=[names.DASHBOARD])
        cloudfront.delete_cache_policy(Id=policy["CachePolicy"]["Id"], IfMatch=policy["ETag"])
        cloudfront.delete_key_value_store(Name=names.EDGE_STORE, IfMatch=store["ETag"])
        cloudfront.delete_function(Name=scores.GET_START.name, IfMatch=function["ETag"])
        cloudfront.delete_origin_access_control(
            Id=access["OriginAccessControl"]["Id"], IfMatch=access["ETag"]
        )


@contextmanager
def role(cloud: Cloud, name: str) -> Iterator[None]:
    iam = cloud.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument='{"Statement": []}')
    try:
        yield
    finally:
        iam.delete_role(RoleName=name)


def test_an_account_without_htmlgame_takes_its_first_region(globals_planned: Path) -> None:
    assert refusals(found(globals_planned)) == []


def test_a_second_region_is_refused_with_the_one_that_there_is(
    cloud: Cloud, globals_planned: Path
) -> None:
    there = names.function_role(edge_manifest.ROTATE_KEYS.name, "ap-northeast-1")
    with everything_global(cloud), role(cloud, there):
        front, edge, ops = refusals(found(globals_planned))
    stack = edge_manifest.CAPABILITY.stack
    assert f"{stack} would be new in us-east-1, but the account already has its" in edge
    for each in (scores.GET_START.name, names.EDGE_STORE, scores.RANKING_CACHE.name):
        assert each in edge
    assert "origin access control FrontStackAccess for ap-northeast-1" in front
    assert f"dashboard {names.DASHBOARD}, budget {names.BUDGET}" in ops
    for told in (front, edge, ops):
        assert "fix: export AWS_REGION=ap-northeast-1 to deploy there again" in told


@pytest.mark.parametrize(
    "unknown",
    ["someone-elses-eu-west-1", "htmlgame-rotate-keys-us-east-1", "htmlgame-rotate-keys-spare"],
)
def test_global_resources_without_a_known_region_may_be_leftovers(
    cloud: Cloud, globals_planned: Path, unknown: str
) -> None:
    with everything_global(cloud), role(cloud, unknown):
        told = refusals(found(globals_planned))
    assert len(told) == 3
    for each in told:
        assert "; they belong to the account" in each
        assert "if they are left from a deleted stack, delete them" in each


def test_the_region_that_has_them_goes_on_with_them(cloud: Cloud, globals_planned: Path) -> None:
    with everything_global(cloud):
        ours = deployed(cloud, edge_manifest.CAPABILITY.stack, OURS)
        with ours, deployed(cloud, names.FRONT_STACK, OURS), deployed(cloud, names.OPS_STACK, OURS):
            assert refusals(found(globals_planned)) == []


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("ops", "notes"), [(Ops(), 1), (Ops(budget_usd=None), 0), (None, 0)], ids=["on", "off", "none"]
)
def test_a_region_without_budgets_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ops: Ops | None, notes: int
) -> None:
    write_assembly(tmp_path, {names.OPS_STACK: OURS}, bootstrap=6)
    assert not [each for each in found(tmp_path, ops=ops) if "budget" in each]
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    told = [each for each in found(tmp_path, ops=ops) if "budget" in each]
    assert len(told) == notes
    for note in told:
        assert note.startswith(f"{NOTE} CloudFormation has no budgets in eu-north-1")
        assert "nobody is notified when $10 are spent" in note
        assert "budget_usd=None removes this note" in note


def test_templates_of_another_region_are_not_deployed_where_they_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_assembly(tmp_path, {names.OPS_STACK: {"Resources": GLOBAL[names.OPS_STACK]}}, bootstrap=6)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    [told] = [each for each in refusals(found(tmp_path)) if "budget" in each]
    assert "synthesised for another region" in told
    assert "fix: export AWS_REGION=eu-north-1, then make preflight again" in told


ISSUER = "https://127.0.0.1:9/auth/v1"


def with_issuer(issuer: str) -> Json:
    authorizer = {
        "Type": "AWS::ApiGatewayV2::Authorizer",
        "Properties": {
            "ApiId": {"Ref": "Api"},
            "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Audience": ["authenticated"], "Issuer": issuer},
            "Name": "creators",
        },
    }
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "t", "ProtocolType": "HTTP"}}
    return {"Description": OURS["Description"], "Resources": {"Api": api, "A": authorizer}}


def test_an_issuer_that_api_gateway_would_refuse_ends_the_deploy_before_it_begins(
    cloud: Cloud, tmp_path: Path
) -> None:
    telemetry = replace(COMPLETE.settings(Telemetry), issuer=ISSUER)
    write_assembly(
        tmp_path, {telemetry_manifest.CAPABILITY.stack: with_issuer(ISSUER)}, bootstrap=6
    )

    def told() -> str:
        [one] = [each for each in found(tmp_path, capabilities=(telemetry,)) if "issuer" in each]
        return one

    assert told().startswith(f"{NO} telemetry.issuer {ISSUER}: ")
    with deployed(cloud, telemetry_manifest.CAPABILITY.stack, with_issuer("https://other.example")):
        assert told().startswith(NO)
    with deployed(cloud, telemetry_manifest.CAPABILITY.stack, with_issuer(ISSUER)):
        assert told().startswith(NOTE)
    assert not [each for each in found(tmp_path) if "issuer" in each]
