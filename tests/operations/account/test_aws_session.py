"""One account and region for the CDK and for all that looks at what it deployed."""

import pytest

from local.bootstrap import ROOT
from operations.account.aws_session import aws_session


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-west-2"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
        ({}, None),
    ],
)
def test_the_region_is_the_one_that_the_cdk_would_take(
    said: dict[str, str], meant: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    for name, region in said.items():
        monkeypatch.setenv(name, region)
    assert aws_session().region_name == meant


def test_no_module_in_operations_creates_its_own_session() -> None:
    for path in (ROOT / "operations").rglob("*.py"):
        if path.name != "session.py":
            source = path.read_text(encoding="utf-8")
            assert "boto3.client" not in source, path
            assert "boto3.Session()" not in source, path
