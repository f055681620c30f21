"""The AWS calls of the command line, and the operator's rights in docs/reference/cli.md."""

import re
from functools import cache
from typing import Any

import pytest

from config import names
from local.bootstrap import ROOT
from operations.account import aws_session
from operations.cli import target


def _in_policies(service: str) -> str:
    """CloudWatch signs by another name than policies know it by."""
    return "cloudwatch" if service == "monitoring" else service


_BY_ANOTHER_NAME = {
    "s3:ListObjectsV": "s3:ListBucket",
    # Each write of a transaction needs its own action, as if it were alone.
    "dynamodb:TransactWriteItems": "dynamodb:UpdateItem",
}
"""Operations that policies know by another name."""


@cache
def permitted() -> frozenset[str]:
    """The documented actions as in a policy; an invocation names its Lambda."""
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    table = page.partition("## Permissions")[2].partition("\n## ")[0]
    found: set[str] = set()
    for on, actions in re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE):
        for action in re.findall(r"`([a-z0-9-]+:[A-Z]\w+)`", actions):
            if action == "lambda:InvokeFunction":
                found |= {f"{action} {names.PROJECT}-{each}" for each in re.findall(r"`(.+?)`", on)}
            else:
                found.add(action)
    return frozenset(found)


def record_calls(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Records the calls of all sessions that commands open from now on."""
    asked: set[str] = set()

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        service = _in_policies(model.service_model.signing_name)
        if (service, model.name) == ("lambda", "Invoke"):
            asked.add(f"lambda:InvokeFunction {params['FunctionName']}")
        else:
            # CloudFront's operations end in the date of its API.
            action = f"{service}:{model.name.rstrip('0123456789_')}"
            asked.add(_BY_ANOTHER_NAME.get(action, action))

    def recorded() -> Any:
        opened = aws_session.aws_session()
        opened.events.register("provide-client-params", note)
        return opened

    monkeypatch.setattr(target, "aws_session", recorded)
    return asked
