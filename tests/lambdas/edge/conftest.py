"""Functions of the edge find the credentials that each test sets, not those of an earlier one."""

import boto3
import pytest


@pytest.fixture(autouse=True)
def fresh_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's default session keeps the first credentials it finds."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
