"""Each permission exists, on the kind of resource that it names, by AWS's published reference."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stacks.iam.checks import findings
from tests.stacks.iam.excuses import EXCUSES
from tests.stacks.iam.statements import Assembly

_HOLDS_A_POLICY = re.compile(r"Polic(y|ies|yDocument)\b")


@pytest.mark.parametrize("environment", ["delivered", "complete"])
def test_every_statement_grants_what_it_means(
    synthesised: Callable[[str], Path], environment: str
) -> None:
    statements = list(Assembly(synthesised(environment)).statements())
    assert [str(each) for each in findings(statements, EXCUSES)] == []


def test_every_policy_of_the_templates_is_read(synthesised: Callable[[str], Path]) -> None:
    """A property that holds a policy in a form of its own would pass unread."""
    assembly = synthesised("complete")
    read = {each.where for each in Assembly(assembly).statements()}
    for path in assembly.glob("*.template.json"):
        for name, resource in json.loads(path.read_text())["Resources"].items():
            if _HOLDS_A_POLICY.search(" ".join(resource.get("Properties", {}))):
                assert f"{path.name.partition('.')[0]} {name}" in read


def test_every_excuse_is_needed(synthesised: Callable[[str], Path]) -> None:
    statements = list(Assembly(synthesised("complete")).statements())
    told = " ".join(str(each) for each in findings(statements, {}))
    for action, dependent in EXCUSES:
        assert f"{action}: it depends on {dependent}" in told
