"""The roles that write the distribution get what its other features need, and nothing wider."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from config.capabilities import edge
from config.environments import DELIVERED
from config.model import ConfigError
from lambdas.edge.distribution_grants import DistributionGrants
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.packaging import ROOT

AT_EDGE = "arn:aws:lambda:us-east-1:111122223333:function:at-edge"
SHARED = "arn:aws:cloudfront::444455556666:vpcorigin/vo_shared"
GRANTS = DistributionGrants(
    lambda_functions=(AT_EDGE,), log_bucket="site-logs", vpc_origins=("vo_own", SHARED)
)
FOREIGN = ("lambda:", "s3:GetBucketAcl", "s3:PutBucketAcl", "cloudfront:GetVpcOrigin")


def synthesised(out: Path, grants: DistributionGrants) -> dict[str, Any]:
    """The stack's policies by role, where cdk-nag objects to nothing."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(outdir=str(out), context=context)
    stack = CapabilityStack(
        app,
        host=edge.CAPABILITY,
        environment=replace(DELIVERED, distribution_grants=grants),
    )
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    report = json.loads((out / "validation-report.json").read_text())
    assert "AwsSolutions" not in {each["pluginName"] for each in report["pluginReports"]}
    template = json.loads((out / f"{stack.stack_name}.template.json").read_text())
    return {
        name: each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy"
    }


def foreign(policies: dict[str, Any], role: str) -> dict[str, Any]:
    """Resources by their actions, of what is not needed without grants."""
    [statements] = [each for name, each in policies.items() if name.startswith(role)]
    return {
        " ".join(listed(each["Action"])): each["Resource"]
        for each in statements
        if any(action.startswith(FOREIGN) for action in listed(each["Action"]))
    }


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="module")
def granted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return synthesised(tmp_path_factory.mktemp("granted"), GRANTS)


@pytest.mark.parametrize("role", ["DistributionPatchRole", "DriftGuardRole"])
def test_patch_and_guard_get_exactly_what_is_configured(granted: dict[str, Any], role: str) -> None:
    found = foreign(granted, role)
    assert list(found) == [
        "lambda:DisableReplication* lambda:EnableReplication* lambda:GetFunction",
        "s3:GetBucketAcl s3:PutBucketAcl",
        "cloudfront:GetVpcOrigin",
    ]
    at_edge, logs, [shared, own] = found.values()
    assert at_edge == f"{AT_EDGE}:*"
    assert json.dumps(logs).endswith(':s3:::site-logs"]]}')
    assert json.dumps(own).endswith(':vpcorigin/vo_own"]]}')
    assert shared == SHARED


def test_no_other_role_gets_them(granted: dict[str, Any]) -> None:
    others = [name for name in granted if not name.startswith(("DistributionPatch", "DriftGuard"))]
    assert len(others) > 3
    text = json.dumps([granted[name] for name in others])
    assert not [each for each in ("vpcorigin", "site-logs", AT_EDGE) if each in text]


def test_a_grant_that_is_no_narrow_resource_fails_the_synth(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="log_bucket: '\\*' is not a bucket's name"):
        synthesised(tmp_path, DistributionGrants(log_bucket="*"))
