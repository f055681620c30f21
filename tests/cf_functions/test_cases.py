"""Every case of cf_functions/*/cases on every engine, and that no refusal lacks one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from cf_functions.assemble import ROOT
from cf_functions.harness import Engine, Outcome, run
from tests.cf_functions.cases import Case, all_cases

CASES = list(all_cases())
ONLY_FOR_THE_EDGE = {
    "x-origin-verify",
    "x-play-id",
    "x-play-ms",
    "x-sig",
    "x-token-end",
    "x-token-start",
    "x-user-key",
}
JSON_NOT_STORED = {
    "content-type": {"value": "application/json"},
    "cache-control": {"value": "no-store"},
}

Outcomes = Mapping[str, Outcome]


@pytest.fixture(scope="module")
def outcomes(engine: Engine) -> Outcomes:
    """All cases in one process: starting an engine costs more than a hundred of them."""
    done = run(engine, [case.call for case in CASES])
    return {case.name: outcome for case, outcome in zip(CASES, done, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case, outcomes: Outcomes) -> None:
    outcome = outcomes[case.name]
    if "refuse" in case.expected:
        assert_refused(outcome, case.expected)
    elif "pass" in case.expected:
        assert_passed(outcome, case)
    elif "forward" in case.expected:
        assert_forwarded(outcome, case)
    else:
        assert_answered(outcome, case)
    if "reads" in case.expected:
        assert outcome.reads == case.expected["reads"]


def assert_refused(outcome: Outcome, expected: dict[str, Any]) -> None:
    status, code, field = expected["refuse"]
    error = json.loads(outcome.answer["body"])["error"]
    assert (outcome.answer["statusCode"], error.pop("code")) == (status, code)
    message = error.pop("message")
    assert message.startswith(f"{field}: ") if field else message
    assert "undefined" not in message
    assert error == expected.get("details", {})
    headers = dict(outcome.answer["headers"])
    assert ("allow" in headers) == (status == 405)
    headers.pop("allow", None)
    assert headers == {
        **JSON_NOT_STORED,
        # The header that CloudFront's log has.
        "content-type": {"value": f"application/json; code={code}"},
    }
    assert set(outcome.answer) == {"statusCode", "headers", "body"}
    assert bool(outcome.logged) == (status == 503)


def assert_answered(outcome: Outcome, case: Case) -> None:
    answer = outcome.answer
    assert (answer["statusCode"], answer["headers"]) == (200, JSON_NOT_STORED)
    assert json.loads(answer["body"]) == case.expected["answer"]
    if case.call.function == "get_start" and not case.expected.get("keepsCookies"):
        cookie = {
            "value": case.expected["answer"]["sid"],
            "attributes": "Path=/api; Secure; HttpOnly; SameSite=Strict",
        }
        assert answer["cookies"] == {"game_sid": cookie}
    else:
        assert "cookies" not in answer


def assert_forwarded(outcome: Outcome, case: Case) -> None:
    sent = case.call.event["request"]
    kept = {
        name: sent["headers"][name] for name in sent["headers"] if name not in ONLY_FOR_THE_EDGE
    }
    added = {name: {"value": value} for name, value in case.expected["forward"].items()}
    uri = outcome.answer["uri"]
    assert re.sub(r"/scores-\d+/", "/scores/", uri, count=1) == sent["uri"] != uri
    assert outcome.answer == sent | {"headers": kept | added, "cookies": {}, "uri": uri}


def assert_passed(outcome: Outcome, case: Case) -> None:
    """A ranking goes on as it was asked for; an unusual one by a lane."""
    sent = case.call.event["request"]
    uri = outcome.answer["uri"]
    usual = re.sub(r"/ranking-\d+/", "/ranking/", uri, count=1)
    assert outcome.answer == sent | {"uri": uri}
    assert usual == sent["uri"]
    assert (uri == usual) == (case.expected["pass"] == "usual")


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_refusal_has_a_case_and_a_line_in_the_documentation() -> None:
    cased = {tuple(case.expected["refuse"][:2]) for case in CASES if "refuse" in case.expected}
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert {(int(status), code) for status, code in rows} == cased
