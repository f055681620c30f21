"""Kept requests have no secret, and a limit."""

import json
from typing import Any

import pytest

from lambdas.runner.capturing import MOST, REDACTED, captured

SENT = {
    "accept-language": "en",
    "content-type": "application/json",
    "authorization": "Bearer canary",
    "cookie": "canary=1",
    "user-agent": "canary",
    "x-forwarded-for": "canary",
    "x-origin-verify": "canary",
    "origin": "https://example.org",
}


def test_only_headers_that_say_nothing_of_a_person_are_kept() -> None:
    found = captured(SENT, "1", "2")
    assert "canary" not in json.dumps(found)
    assert set(found["headers"]) == {"accept-language", "content-type", "origin"}


@pytest.mark.parametrize(
    "given",
    [
        {"password": "canary"},
        {"a": [{"Api-Key": {"deep": "canary"}}]},
        {"userToken": ["canary"]},
        {"EMAIL": "canary"},
        {"note": "send Bearer canary now"},
        "hg_live_canary",
        ["eyJcanary.canary.canary"],
        {"pem": "-----BEGIN PRIVATE KEY-----\ncanary"},
    ],
)
def test_secrets_go_by_name_and_by_form(given: Any) -> None:
    found = captured({}, json.dumps(given), json.dumps({"answer": given}))
    assert "canary" not in json.dumps(found)
    assert REDACTED in found["input"]
    assert REDACTED in found["answer"]


def test_long_and_deep_values_are_cut() -> None:
    deep = "[" * 200 + "]" * 200
    found = captured({"origin": "x" * 9000}, json.dumps(["é" * 9000]), deep)
    assert len(found["input"]) == len(found["headers"]["origin"]) == MOST
    assert found["answer"] == "[" * 17 + '"…"' + "]" * 17


def test_a_run_that_failed_has_no_answer() -> None:
    assert captured({}, "null", None)["answer"] is None
