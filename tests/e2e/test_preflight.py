"""make deploy's preflight, against the deployed system and against an empty account."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from config import names
from config.capabilities import edge, scores
from config.capabilities import telemetry as telemetry_manifest
from config.capabilities.telemetry import Telemetry
from config.ci import Ci
from config.environments import COMPLETE, DELIVERED, LOCAL, Environment
from config.games import load_games
from config.manifests import stacks
from config.prices import FreeTier
from lambdas.edge.distribution_grants import DistributionGrants
from local.cloud import Cloud
from operations.cli.main import run
from operations.costs.bill import bill, dollars
from operations.costs.month import Month
from operations.deploy import leftovers as left_over
from operations.deploy.assembly import Assembly
from operations.deploy.deployment import Deployment
from operations.deploy.preflight import preflight
from tests.operations.deploy.test_assembly import write_assembly
from tests.system import System

NO, NOTE, OK = "✗", "!", "✓"
TEMPLATE = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}}
THIS = replace(LOCAL, name="local")
AS_PRODUCTION = replace(DELIVERED, account=LOCAL.account, region=LOCAL.region)


def use(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    for name, value in cloud.credentials().items():
        monkeypatch.setenv(name, value)
    # The emulator lacks this service; a port without a listener looks like its failure.
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING_PLAN_MANAGER", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def deployed(system: System, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its assembly, with credentials for its account."""
    use(monkeypatch, system.cloud)
    return system.cloud.directory / "cdk.out"


@pytest.fixture
def planned(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Of one stack, that is deployed nowhere, with credentials for an empty account."""
    use(monkeypatch, cloud)
    write_assembly(tmp_path, {names.OPS_STACK: TEMPLATE}, bootstrap=6)
    return tmp_path


@pytest.fixture
def bootstrapped(cloud: Cloud) -> Iterator[None]:
    ssm = cloud.client("ssm")
    ssm.put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Type="String", Value="28")
    yield
    ssm.delete_parameter(Name="/cdk-bootstrap/hnb659fds/version")


def findings(environment: Environment, assembly: Path) -> list[str]:
    return [str(each) for each in preflight(Deployment(environment, Assembly(assembly)))]


def refusal(found: list[str], about: str) -> str:
    [one] = [each for each in found if each.startswith(NO) and about in each]
    assert "\n  fix: " in one
    return one


def test_a_deployed_system_can_be_deployed_again(
    deployed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["preflight", "--assembly", str(deployed), "--environment", "local"]) == 0
    told = capsys.readouterr().out
    assert NO not in told
    assert f"{OK} account 000000000000, us-east-1" in told
    for stack in Assembly(deployed).templates:
        assert f"{OK} {stack}: nothing changes" in told
    assert "nothing changes" in told.partition("distribution")[2]
    assert "costs while nobody plays: about $" in told


def test_pending_changes_are_reported_and_not_made(
    system: System, deployed: Path, tmp_path: Path
) -> None:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    answer = client.get_distribution_config(Id=distribution)
    bare = answer["DistributionConfig"] | {"CacheBehaviors": {"Quantity": 0}}
    etag = client.update_distribution(
        Id=distribution, IfMatch=answer["ETag"], DistributionConfig=bare
    )["ETag"]
    templates = {**Assembly(deployed).templates}
    without_table = json.loads(json.dumps(templates[scores.CAPABILITY.stack]))
    [table] = [
        name
        for name, each in without_table["Resources"].items()
        if each["Type"] == "AWS::DynamoDB::Table"
    ]
    del without_table["Resources"][table]
    write_assembly(tmp_path, {scores.CAPABILITY.stack: without_table}, bootstrap=6)
    try:
        found = findings(THIS, tmp_path)
        assert client.get_distribution_config(Id=distribution)["ETag"] == etag
    finally:
        system.cloud.client("lambda").invoke(FunctionName=edge.DRIFT_GUARD.name)
    assert any("add behaviour /api/scores/*" in each for each in found)
    assert f"{OK} {scores.CAPABILITY.stack}: 1 gone (DynamoDB::Table)" in found
    assert f"{NOTE} {scores.CAPABILITY.stack}: AWS::DynamoDB::Table {table} is deleted" in found


def test_a_capability_that_is_switched_off_is_not_forgotten(
    deployed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not [each for each in findings(THIS, deployed) if "switched it off" in each]
    asked_for = {**Assembly(deployed).templates}
    del asked_for[telemetry_manifest.CAPABILITY.stack], asked_for[names.FRONT_STACK]
    write_assembly(tmp_path, asked_for, bootstrap=6)
    off = replace(THIS, capabilities=(), own_site=False)
    found = findings(off, tmp_path)
    [telemetry] = [
        each for each in found if f"{telemetry_manifest.CAPABILITY.stack} is deployed" in each
    ]
    assert telemetry.startswith(NOTE)
    assert "after this deploy: aws cloudformation delete-stack --stack-name Tel" in telemetry
    [site] = [each for each in found if f"{names.FRONT_STACK} is deployed" in each]
    assert "the site's address goes with it" in site
    # The deploy takes it out of the distribution first, though its endpoint is still there.
    assert "remove origin htmlgame-telemetry" in "\n".join(found)
    left_over.report_leftovers()
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("still ")]
    assert [line.rpartition(" ")[2] for line in told] == [
        name for name in reversed(stacks()) if name != names.CI_STACK
    ]


@pytest.mark.usefixtures("planned")
def test_a_foreign_stack_by_such_a_name_is_not_reported(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    client = cloud.client("cloudformation")
    client.create_stack(StackName=names.FRONT_STACK, TemplateBody=json.dumps(TEMPLATE))
    try:
        left_over.report_leftovers()
    finally:
        client.delete_stack(StackName=names.FRONT_STACK)
    assert capsys.readouterr().out == ""


def test_a_conflicting_distribution_is_refused_with_the_fix(system: System, deployed: Path) -> None:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)

    def point_rankings_to(origin: str) -> None:
        answer = client.get_distribution_config(Id=distribution)
        config = answer["DistributionConfig"]
        for behaviour in config["CacheBehaviors"]["Items"]:
            if behaviour["PathPattern"].endswith("/ranking/*"):
                behaviour["TargetOriginId"] = origin
        client.update_distribution(
            Id=distribution, IfMatch=answer["ETag"], DistributionConfig=config
        )

    config = client.get_distribution_config(Id=distribution)["DistributionConfig"]
    theirs = config["DefaultCacheBehavior"]["TargetOriginId"]
    point_rankings_to(theirs)
    try:
        found = refusal(findings(THIS, deployed), "distribution")
    finally:
        point_rankings_to("htmlgame-scores")
    assert f"goes to origin {theirs}: remove it, or give htmlgame another API_BASE_PATH" in found


def test_foreign_parts_of_the_distribution_are_reported_before_the_deploy(
    system: System, deployed: Path
) -> None:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    page = {"ErrorCode": 404, "ResponsePagePath": "/index.html", "ResponseCode": "200"}
    bucket = "site-logs.s3.amazonaws.com"

    def write(**changed: object) -> None:
        answer = client.get_distribution_config(Id=distribution)
        client.update_distribution(
            Id=distribution,
            IfMatch=answer["ETag"],
            DistributionConfig=answer["DistributionConfig"] | changed,
        )

    before = client.get_distribution_config(Id=distribution)["DistributionConfig"]
    write(
        CustomErrorResponses={"Quantity": 1, "Items": [page]},
        Logging={"Enabled": True, "IncludeCookies": False, "Bucket": bucket, "Prefix": ""},
    )
    try:
        found = findings(THIS, deployed)
        granted = replace(THIS, distribution_grants=DistributionGrants(log_bucket="site-logs"))
        then = findings(granted, deployed)
    finally:
        write(
            CustomErrorResponses=before.get("CustomErrorResponses", {"Quantity": 0}),
            Logging=before.get("Logging", NO_LOGS),
        )
    assert "DistributionGrants(log_bucket='site-logs')" in refusal(found, "s3:GetBucketAcl")
    assert not [each for each in then if each.startswith(NO)]
    [pages] = [each for each in found if "error pages" in each]
    assert pages.startswith(f"{NOTE} distribution {distribution}: error pages: CloudFront replaces")
    assert "fix: docs/guides/your-own-site.md#error-pages" in pages


NO_LOGS = {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}


class Plans(BaseHTTPRequestHandler):
    """The service of CloudFront's flat rates, as far as it lists."""

    summaries: list[dict[str, Any]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"subscriptionSummaries": self.summaries}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, format: str, *_: Any) -> None:
        pass


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    summaries: list[dict[str, Any]] = []
    handler = type("Handler", (Plans,), {"summaries": summaries})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING_PLAN_MANAGER", address)
    yield summaries
    server.shutdown()
    thread.join()
    server.server_close()


def subscription(system: System, tier: str) -> dict[str, Any]:
    distribution = system.parameter(names.DISTRIBUTION_ID)
    return {
        "arn": "arn:aws:pricingplanmanager::000000000000:subscription/1",
        "planFamily": "CloudFront",
        "planTier": tier,
        "status": "ACTIVE",
        "resourceArns": [f"arn:aws:cloudfront::000000000000:distribution/{distribution}"],
        "createdAt": "2026-11-01T00:00:00Z",
        "updatedAt": "2026-11-01T00:00:00Z",
        "eTag": "1",
    }


@pytest.mark.parametrize(("tier", "most"), [("FREE", 5), ("PRO", 10)])
def test_a_flat_rate_that_takes_no_cache_policy_is_refused(
    system: System, deployed: Path, plans: list[dict[str, Any]], tier: str, most: int
) -> None:
    plans.append(subscription(system, tier))
    found = refusal(findings(THIS, deployed), "plan")
    assert f"{tier.title()} plan" in found
    assert f"{most} behaviours" in found
    assert "Business" in found


def test_a_flat_rate_that_does_and_one_of_another_distribution_are_fine(
    system: System, deployed: Path, plans: list[dict[str, Any]]
) -> None:
    elsewhere = subscription(system, "FREE") | {"resourceArns": ["arn:aws:cloudfront::1:other"]}
    plans += [elsewhere, subscription(system, "BUSINESS")]
    assert not [each for each in findings(THIS, deployed) if each.startswith(NO)]


def test_a_plan_nobody_can_tell_is_no_obstacle(deployed: Path) -> None:
    found = findings(THIS, deployed)
    assert any(each.startswith(f"{NOTE} its pricing plan could not be read") for each in found)


@pytest.mark.usefixtures("planned")
def test_without_a_region_there_is_nothing_to_look_at(
    planned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    [only] = findings(AS_PRODUCTION, planned)
    assert only.startswith(f"{NO} no AWS region\n  fix: export AWS_REGION=")


def test_the_region_is_the_one_that_the_cdk_deploys_to(
    planned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    found = findings(replace(AS_PRODUCTION, region=None), planned)
    assert found[0].startswith(f"{OK} account {LOCAL.account}, eu-west-1, as ")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert findings(replace(AS_PRODUCTION, region=None), planned)[0] == found[0]


def test_invalid_credentials_are_reported(planned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "stranger")
    [only] = findings(AS_PRODUCTION, planned)
    assert only.startswith(f"{NO} AWS does not know these keys (InvalidClientTokenId)\n  fix: ")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    [only] = findings(AS_PRODUCTION, planned)
    assert only.startswith(f"{NO} no AWS credentials\n  fix: ")


@pytest.mark.parametrize(
    ("elsewhere", "fix"),
    [({"account": "111122223333"}, "AWS_PROFILE"), ({"region": "eu-west-1"}, "=eu-west-1")],
)
def test_another_account_or_region_than_was_meant_is_refused(
    planned: Path, elsewhere: dict[str, str], fix: str
) -> None:
    found = findings(replace(AS_PRODUCTION, **elsewhere), planned)  # type: ignore[arg-type]
    assert fix in refusal(found, "config/environments.py says")
    assert len(found) == 1


def test_an_account_that_was_never_bootstrapped_is_reported_with_the_fix(planned: Path) -> None:
    assert "fix: make bootstrap" in refusal(findings(AS_PRODUCTION, planned), "not bootstrapped")


@pytest.mark.usefixtures("bootstrapped")
def test_an_old_bootstrap_is_reported_too(planned: Path) -> None:
    write_assembly(planned, {names.OPS_STACK: TEMPLATE}, bootstrap=29)
    found = findings(AS_PRODUCTION, planned)
    assert "fix: make bootstrap" in refusal(found, "bootstrap version 28; 29 is needed")
    write_assembly(planned, {names.OPS_STACK: TEMPLATE}, bootstrap=28)
    assert f"{OK} bootstrapped, version 28" in findings(AS_PRODUCTION, planned)


@pytest.mark.usefixtures("bootstrapped")
def test_a_first_deploy_into_an_empty_account_is_fine(planned: Path) -> None:
    found = findings(AS_PRODUCTION, planned)
    assert not [each for each in found if each.startswith(NO)]
    assert f"{OK} the site: this deploy creates a bucket and a distribution" in found
    assert f"{OK} {names.OPS_STACK}: new, 1 resources" in found


@pytest.mark.usefixtures("bootstrapped")
def test_a_site_of_ones_own_must_be_named(planned: Path) -> None:
    found = refusal(findings(replace(AS_PRODUCTION, own_site=False), planned), "own_site=False")
    assert f"put-parameter --type String --name {names.DISTRIBUTION_ID}" in found


@pytest.fixture
def named_distribution(cloud: Cloud, request: pytest.FixtureRequest) -> Iterator[str]:
    value = str(request.param)
    ssm = cloud.client("ssm")
    ssm.put_parameter(Name=names.DISTRIBUTION_ID, Type="String", Value=value)
    yield value
    ssm.delete_parameter(Name=names.DISTRIBUTION_ID)


@pytest.mark.usefixtures("bootstrapped")
@pytest.mark.parametrize(
    ("named_distribution", "says"),
    [
        ("https://d1.cloudfront.net", "which is no distribution's id"),
        ("E1234567890ABC", "there is no distribution E1234567890ABC in this account"),
    ],
    indirect=["named_distribution"],
)
def test_a_missing_distribution_is_reported(
    planned: Path, named_distribution: str, says: str
) -> None:
    found = findings(replace(AS_PRODUCTION, own_site=False), planned)
    assert says in refusal(found, named_distribution)


@pytest.mark.usefixtures("bootstrapped")
@pytest.mark.parametrize("named_distribution", ["E1234567890ABC"], indirect=True)
def test_our_own_site_beside_a_named_distribution_is_refused(
    planned: Path, named_distribution: str
) -> None:
    found = refusal(findings(AS_PRODUCTION, planned), named_distribution)
    assert "own_site=False in config/environments.py to use that distribution" in found


@pytest.mark.usefixtures("bootstrapped")
@pytest.mark.parametrize("there", [True, False])
def test_githubs_identity_provider_is_made_once(cloud: Cloud, planned: Path, there: bool) -> None:
    iam = cloud.client("iam")
    arn = f"arn:aws:iam::{LOCAL.account}:oidc-provider/token.actions.githubusercontent.com"
    if there:
        url = "https://token.actions.githubusercontent.com"
        iam.create_open_id_connect_provider(Url=url, ThumbprintList=["0" * 40])
    try:
        wrong, right = (
            findings(replace(AS_PRODUCTION, ci=Ci(repository="o/r", provider_exists=says)), planned)
            for says in (not there, there)
        )
    finally:
        if there:
            iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert f"fix: provider_exists={there}" in refusal(wrong, "identity provider")
    assert not [each for each in right if each.startswith(NO)]


@pytest.mark.usefixtures("bootstrapped")
@pytest.mark.parametrize(
    ("status", "mark", "says"),
    [
        ("CREATE_COMPLETE", None, ""),
        ("UPDATE_ROLLBACK_COMPLETE", None, ""),
        ("IMPORT_COMPLETE", None, ""),
        ("IMPORT_ROLLBACK_COMPLETE", None, ""),
        ("ROLLBACK_COMPLETE", NOTE, "starts it again"),
        ("UPDATE_IN_PROGRESS", NO, "wait until it is done"),
        ("UPDATE_ROLLBACK_FAILED", NO, "continue-update-rollback --stack-name OpsStack"),
        ("UPDATE_FAILED", NO, "rollback-stack --stack-name OpsStack, then make deploy again"),
        ("IMPORT_ROLLBACK_FAILED", NO, "describe-stack-events --stack-name OpsStack shows why"),
        ("CREATE_FAILED", NO, "delete-stack --stack-name OpsStack: its tables and files stay"),
        ("ROLLBACK_FAILED", NO, "delete-stack --stack-name OpsStack: its tables and files stay"),
        ("DELETE_FAILED", NO, "delete-stack --stack-name OpsStack: its tables and files stay"),
    ],
)
def test_a_stuck_stack_is_reported_with_the_fix(
    planned: Path, monkeypatch: pytest.MonkeyPatch, status: str, mark: str | None, says: str
) -> None:
    """No emulator gets stuck on request."""
    of = {names.OPS_STACK: status}
    monkeypatch.setattr(Deployment, "status", lambda _, stack: of.get(stack))
    monkeypatch.setattr(Deployment, "template", lambda *_: TEMPLATE)
    told = [
        each
        for each in findings(AS_PRODUCTION, planned)
        if each[0] in (NO, NOTE) and "OpsStack" in each
    ]
    if mark is None:
        assert told == []
    else:
        [one] = told
        assert one.startswith(mark)
        assert says in one
        assert ("delete-stack" in one) is ("delete-stack" in says)


def test_the_cost_at_rest_is_one_number_of_what_is_deployed(planned: Path) -> None:
    games = len(load_games())
    # Nobody outside is asked.
    telemetry = replace(COMPLETE.settings(Telemetry), issuer="https://127.0.0.1:9/auth/v1")
    for environment in (AS_PRODUCTION, replace(AS_PRODUCTION, capabilities=(telemetry,))):
        told = dollars(bill(Month(plays=0, games=games), environment), FreeTier.ALWAYS)
        [one] = [each for each in findings(environment, planned) if "costs while" in each]
        assert f"about ${told:.2f} a month for {games} games; " in one
        assert one.count("$") == 1


def test_a_failed_preflight_ends_before_anything_is_deployed(
    planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["preflight", "--assembly", str(planned), "--environment", "local"]) == 1
    assert "nothing was deployed: 1 to fix" in capsys.readouterr().err
