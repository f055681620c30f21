"""The roles of CiStack, where IAM is enforced: each suffices, and opens nothing else."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from config import names
from config.capabilities import edge, scores
from config.environments import DELIVERED
from lambdas.scores.table import board_key
from local.bootstrap import ROOT
from local.cloud import NODE
from local.scores.boards import fill
from operations.account.aws_session import aws_session
from operations.cli.main import run
from operations.scores import sweeper
from operations.site.files import SiteFile
from operations.site.publish import publish
from tests.stacks.policies import without
from tests.stacks.test_ci_stack import CI, PULL_REQUEST, as_jwt, role, synthesised, token
from tests.system import System

Credentials = dict[str, str]


@contextmanager
def assumed(system: System, name: str, claims: dict[str, str]) -> Iterator[Credentials]:
    """What a job that says this gets for its token, from the role as the stack makes it."""
    resources = synthesised(CI, parameter=system.parameter)
    iam, role_name = system.cloud.client("iam"), role(resources, name)["RoleName"]
    # The emulator sees a token's audience and subject alone.
    document = without(role(resources, name)["AssumeRolePolicyDocument"], "ref")
    created = iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=json.dumps(document))
    [policy] = [
        each["Properties"]["PolicyDocument"]
        for each in resources.values()
        if each["Type"] == "AWS::IAM::Policy"
        and each["Properties"]["Roles"][0].lower().startswith(name)
    ]
    iam.put_role_policy(RoleName=role_name, PolicyName="rights", PolicyDocument=json.dumps(policy))
    given = system.cloud.client("sts").assume_role_with_web_identity(
        RoleArn=created["Role"]["Arn"], RoleSessionName="job", WebIdentityToken=as_jwt(claims)
    )["Credentials"]
    try:
        yield system.cloud.credentials() | {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }
    finally:
        iam.delete_role_policy(RoleName=role_name, PolicyName="rights")
        iam.delete_role(RoleName=role_name)


@pytest.fixture(scope="module")
def pull_request(system: System) -> Iterator[Credentials]:
    with assumed(system, "diff", PULL_REQUEST) as credentials:
        yield credentials


def use(credentials: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in credentials.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_DEFAULT_REGION")


def test_the_deploy_role_may_look_at_all_that_the_preflight_asks_for(
    system: System, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with assumed(system, "deploy", token()) as credentials:
        use(credentials, monkeypatch)
        monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING_PLAN_MANAGER", "http://127.0.0.1:9")
        assert (
            run(
                [
                    "preflight",
                    "--assembly",
                    str(system.cloud.directory / "cdk.out"),
                    "--environment",
                    "local",
                ]
            )
            == 0
        )
    told = capsys.readouterr().out
    assert "not checked" not in told
    assert "nothing changes" in told


def test_the_deploy_role_sweeps_up_after_the_smoke_test(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    with assumed(system, "deploy", token()) as credentials:
        use(credentials, monkeypatch)
        rows = sweeper.ready()
        board, player = board_key("snake", "2026-01-01"), "0" * 22
        fill(system.table, board, 1)
        assert rows.remove("snake", "2026-01-01", player)
        assert system.table.rows(board, consistent=True) == []


def test_the_site_role_publishes(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    with assumed(system, "site", token()) as credentials:
        use(credentials, monkeypatch)
        page = SiteFile(b"<!doctype html>", "text/html")
        client = aws_session().client
        assert " new" in publish(client, DELIVERED, {"smoke.html": page})
        changed = SiteFile(b"<!doctype html> ", "text/html")
        assert publish(client, DELIVERED, {"smoke.html": changed}) == "site: 1 changed"
        assert publish(client, DELIVERED, {"other.html": page}) == "site: 1 new, 1 gone"
        with pytest.raises(ClientError, match="AccessDenied"):
            client("dynamodb").scan(TableName=system.parameter(scores.TABLE.parameter))


def test_it_shows_what_would_change(
    system: System, pull_request: Credentials, tmp_path: Path
) -> None:
    assembly = system.cloud.directory / "cdk.out"
    changed = tmp_path / "assembly"
    shutil.copytree(assembly, changed)
    template = changed / f"{scores.CAPABILITY.stack}.template.json"
    template.write_text(template.read_text().replace("cron(10 0 * * ? *)", "cron(20 0 * * ? *)"))
    cdk = [str(NODE / "node"), str(ROOT / "node_modules/aws-cdk/bin/cdk"), "diff", "--no-notices"]
    said = subprocess.run(
        [*cdk, "--method=template", f"--app={changed}"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CI": "true", **pull_request},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Number of stacks with differences: 1" in said.stdout + said.stderr
    assert "[+] cron(20 0 * * ? *)" in said.stdout + said.stderr


def test_it_opens_nothing_else(system: System, pull_request: Credentials) -> None:
    session = boto3.Session(
        aws_access_key_id=pull_request["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=pull_request["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=pull_request["AWS_SESSION_TOKEN"],
        region_name="us-east-1",
    )

    def client(service: str) -> object:
        return session.client(service, endpoint_url=system.cloud.url)

    attempts = (
        ("ssm", "get_parameter", {"Name": names.ORIGIN_LOCK, "WithDecryption": True}),
        ("dynamodb", "scan", {"TableName": system.parameter(scores.TABLE.parameter)}),
        ("cloudformation", "delete_stack", {"StackName": scores.CAPABILITY.stack}),
        ("lambda", "invoke", {"FunctionName": edge.ROTATE_KEYS.name}),
        ("cloudfront", "get_distribution_config", {"Id": system.parameter(names.DISTRIBUTION_ID)}),
    )
    for service, operation, arguments in attempts:
        with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
            getattr(client(service), operation)(**arguments)
