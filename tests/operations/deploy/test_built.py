"""A deploy of what was built elsewhere needs the few packages of its own lock."""

import json
import subprocess
import sys
from unittest.mock import Mock

import pytest

from local.dependencies.locks import ROOT, normalised, pins
from operations.cli.main import run
from operations.deploy import cdk, commands

_OPTIONAL = {"awscrt", "certifi", "setuptools"}
"""botocore imports the first two where they are installed; pip brings the third."""
_DEPLOY = """
import json, sys
import operations.cli.main, operations.deploy.cdk, operations.deploy.deployment
import operations.deploy.preflight, operations.site.built, operations.site.publish
import operations.site.smoke, operations.account.aws_session, operations.account.identity
from operations.rooms import modules
for pattern in ("preflight", "costs", "checks", "probes", "site_files", "sweeper"):
    list(modules(pattern))
from importlib.metadata import packages_distributions
of = packages_distributions()
print(json.dumps(sorted({each for name in sys.modules for each in of.get(name.split(".")[0], ())})))
"""


def test_a_deploy_imports_what_its_lock_installs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _DEPLOY], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    imported = {normalised(name) for name in json.loads(done.stdout)} - _OPTIONAL
    locked = {pin.name for pin in pins(ROOT / "operations" / "requirements-deploy.lock")}
    assert imported <= locked
    assert "boto3" in imported


def test_a_deploy_installs_nothing_that_builds() -> None:
    locked = {pin.name for pin in pins(ROOT / "operations" / "requirements-deploy.lock")}
    assert not locked & {"aws-cdk-lib", "constructs", "jsii", "cdk-nag", "pytest", "awscrt"}
    assert len(locked) <= 20
    package = json.loads((ROOT / "package.json").read_text())
    assert list(package["dependencies"]) == ["aws-cdk"]
    entries = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    needed = [name for name, entry in entries.items() if name and not entry.get("dev")]
    assert [name for name in needed if not entries[name].get("optional")] == [
        "node_modules/aws-cdk"
    ]


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """The steps of a command, in order, without an account or the CDK."""
    done = Mock()
    monkeypatch.setattr(commands, "_check_account", done.account)
    monkeypatch.setattr(commands, "_preflight", done.preflight)
    for name in ("deploy", "diff", "synth"):
        monkeypatch.setattr(cdk, name, getattr(done, name))
    return done


def test_built_stacks_are_checked_and_deployed(checks: Mock) -> None:
    assert run(["deploy", "--built", "--require-approval=never"]) == 0
    checks.account.assert_called_once_with(bootstrapped=True)
    checks.preflight.assert_called_once_with("cdk.out/deploy")
    checks.deploy.assert_called_once_with(
        ["--all", "--app", "cdk.out/deploy", "--require-approval=never"]
    )
    checks.synth.assert_not_called()


def test_built_stacks_are_compared(checks: Mock) -> None:
    assert run(["diff", "--built"]) == 0
    checks.account.assert_called_once_with()
    checks.diff.assert_called_once_with(["--app", "cdk.out/deploy"])
