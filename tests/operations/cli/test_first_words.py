"""Words that come at once come before heavy imports; make bench ARGS=contact has the times."""

import subprocess
import sys

import pytest

from bench.contact import CONTACTS, first_words
from local.bootstrap import ROOT

HEAVY = {"aws_cdk", "jsii", "constructs", "boto3", "s3transfer", "pydantic", "rich"}
LIMITS = {"before the install": 160, "after it": 400}


@pytest.mark.parametrize("name", CONTACTS)
def test_little_is_read_before_the_first_words(name: str) -> None:
    first = first_words(CONTACTS[name])
    assert "; fix: " in first.words
    assert "\n" not in first.words
    assert len(first.modules) <= LIMITS[name.partition(":")[0]]
    assert not HEAVY & first.modules


@pytest.mark.parametrize("goal", ["dev", "deploy", "cost"])
def test_before_the_install_a_bare_python_is_enough(goal: str) -> None:
    """Without the packages of this environment."""
    variables = {"PATH": "", "CLOUD_PORT": "0", "AWS_PROFILE": "nobody"}
    said = subprocess.run(
        [sys.executable, "-S", "local/bootstrap.py", "nothing", goal],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    expected = {"dev": "CLOUD_PORT=0: ", "deploy": "AWS_PROFILE=nobody: ", "cost": ""}
    assert said.stderr.startswith(expected[goal])
    assert said.stderr.count("\n") == (goal != "cost")
