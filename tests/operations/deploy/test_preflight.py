"""Preflight's boundaries, in an account that holds only what a test puts there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config import names
from config.environments import DELIVERED, LOCAL, Environment
from local.cloud import Cloud
from operations.deploy.assembly import Assembly
from operations.deploy.deployment import Deployment
from operations.deploy.preflight import preflight
from tests.operations.deploy.test_assembly import write_assembly

NO, NOTE, OK = "✗", "!", "✓"
NEEDED = 28
HERE = replace(DELIVERED, account=LOCAL.account, region=LOCAL.region)
TOPIC = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}


def template(resources: dict[str, Any]) -> dict[str, Any]:
    return {"Description": "htmlgame: for a test", "Resources": resources}


@pytest.fixture
def planned(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An assembly of one stack that is not deployed, with credentials for the account."""
    for name, value in cloud.credentials().items():
        monkeypatch.setenv(name, value)
    # No such service is emulated, so nothing answers.
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING_PLAN_MANAGER", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    write_assembly(tmp_path, {names.OPS_STACK: template(TOPIC)}, bootstrap=NEEDED)
    return tmp_path


@contextmanager
def bootstrapped(cloud: Cloud, version: int) -> Iterator[None]:
    name, ssm = "/cdk-bootstrap/hnb659fds/version", cloud.client("ssm")
    ssm.put_parameter(Name=name, Type="String", Value=str(version))
    try:
        yield
    finally:
        ssm.delete_parameter(Name=name)


def findings(environment: Environment, assembly: Path) -> list[str]:
    return [str(each) for each in preflight(Deployment(environment, Assembly(assembly)))]


@pytest.mark.parametrize("elsewhere", [{"account": "111122223333"}, {"region": "eu-west-1"}])
def test_it_stops_in_another_account_or_region_than_configured(
    planned: Path, elsewhere: dict[str, str]
) -> None:
    [only] = findings(replace(HERE, **elsewhere), planned)  # type: ignore[arg-type]
    [configured] = elsewhere.values()
    assert only.startswith(NO)
    assert f"config/environments.py says {configured}" in only


@pytest.mark.parametrize("environment", [HERE, replace(HERE, account=None, region=None)])
def test_it_goes_on_in_the_configured_account(planned: Path, environment: Environment) -> None:
    first, *others = findings(environment, planned)
    assert first.startswith(f"{OK} account {LOCAL.account}, {LOCAL.region}, as ")
    assert others


@pytest.mark.parametrize(
    ("version", "finding"),
    [
        (NEEDED - 1, f"{NO} bootstrap version {NEEDED - 1}; {NEEDED} is needed"),
        (NEEDED, f"{OK} bootstrapped, version {NEEDED}"),
        (NEEDED + 1, f"{OK} bootstrapped, version {NEEDED + 1}"),
    ],
)
def test_the_bootstrap_must_have_the_version_that_the_templates_need(
    planned: Path, cloud: Cloud, version: int, finding: str
) -> None:
    with bootstrapped(cloud, version):
        [found] = [each for each in findings(HERE, planned) if "bootstrap" in each]
    assert found.startswith(finding)


@contextmanager
def failed_first_deploy(cloud: Cloud, stack: str) -> Iterator[None]:
    client = cloud.client("cloudformation")
    broken = {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/p", "Type": "None"}}}
    client.create_stack(StackName=stack, TemplateBody=json.dumps(template(broken)))
    [described] = client.describe_stacks(StackName=stack)["Stacks"]
    assert described["StackStatus"] == "ROLLBACK_COMPLETE"
    try:
        yield
    finally:
        client.delete_stack(StackName=stack)


def test_a_stack_whose_first_deploy_failed_counts_as_new(planned: Path, cloud: Cloud) -> None:
    """The stack exists, but the CDK deletes it before the next deploy."""
    with failed_first_deploy(cloud, names.OPS_STACK):
        found = findings(HERE, planned)
    failed = f"{NOTE} {names.OPS_STACK}: its first deploy failed; this deploy starts it again"
    assert failed in found
    assert f"{OK} {names.OPS_STACK}: new, 1 resources" in found
