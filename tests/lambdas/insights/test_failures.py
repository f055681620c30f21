"""Equal failures make one group, which keeps the newest as its sample."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.insights.failure_table import FailureTable
from lambdas.insights.failures import Failure, Group, failure_of
from local.dynamodb.tables import table_named

GROUP = "/aws/lambda/htmlgame-put-score"
INVOCATION = "8ab2c7d4-0000-4000-8000-0123456789ab"
TRACE = """Traceback (most recent call last):
  File "/var/task/lambdas/scores/put_score.py", line {line}, in _put
    table.put(entry)
KeyError: 'score'"""


def told(**changed: Any) -> str:
    said = {
        "level": "ERROR",
        "message": "unknown failure",
        "service": "put-score",
        "request_id": "lambda-1",
        "edge_id": "edge-1",
        "exception_name": "KeyError",
        "exception": TRACE.format(line=7),
    }
    return json.dumps(said | changed)


def failure(message: str, ms: int = 1) -> Failure:
    found = failure_of(GROUP, message, ms)
    assert found is not None
    return found


def test_a_line_has_code_message_stack_context_and_request() -> None:
    found = failure(told())
    assert (found.fn, found.code, found.message) == (
        "python-put-score",
        "KeyError",
        "KeyError: [text]",
    )
    assert "put_score.py" in found.stack
    assert json.loads(found.context) == {"service": "put-score", "said": "unknown failure"}
    assert (found.request_id, found.edge_id) == ("lambda-1", "edge-1")


def test_another_line_number_is_the_same_failure_and_another_function_is_not() -> None:
    one = failure(told())
    assert failure(told(exception=TRACE.format(line=99))).fingerprint == one.fingerprint
    elsewhere = TRACE.replace("_put", "_get").format(line=7)
    assert failure(told(exception=elsewhere)).fingerprint != one.fingerprint


def test_values_in_a_message_make_no_group_of_their_own() -> None:
    one, other = (
        failure(told(message=f"item {value} lost", exception="", exception_name=""))
        for value in (17, 18)
    )
    assert (one.code, one.fingerprint) == (other.code, other.fingerprint)


def test_nothing_raw_of_a_person_is_kept() -> None:
    """In the message, the stack, the context and the code, also where a cut goes through it."""
    raw = ("Ann Smith", "ann@example.com", "203.0.113.7", "2001:db8::7", "hg_live_abcdef123456")
    agent = "Mozilla/5.0 (X11; Linux x86_64)"
    said = f"no '{raw[0]}' at {raw[1]}, {raw[2]}, {raw[3]} with {raw[4]} by {agent}"
    for pad in (0, 470, 3950):
        told_of = told(
            message=said,
            exception=TRACE.format(line=7) + "x" * pad + f" {said}",
            owner=raw[0],
            more={"userName": raw[0], "list": [raw[1]]},
        )
        kept = repr(failure(told_of)) + failure(told_of).code
        for each in (*raw, agent, "Ann", "@example", "203.0", "Linux"):
            assert each not in kept
    worded = repr(failure(f"[ERROR] ValueError: {said}\nTraceback\n{said}"))
    assert not [each for each in (*raw, agent) if each in worded]
    plain = failure(told(message=said, exception="", exception_name=""))
    assert not [each for each in (*raw, agent, "ann_smith", "example") if each in repr(plain)]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (f"10:00Z {INVOCATION} Task timed out after 10.01 seconds", "timeout"),
        ("[ERROR] Runtime.ExitError: gone\nTraceback", "Runtime.ExitError"),
    ],
)
def test_what_lambda_itself_reports_is_a_failure(message: str, code: str) -> None:
    assert failure(message).code == code


@pytest.mark.parametrize(
    "message",
    ["", "[]", "null", "START RequestId: x", '{"level":"INFO","message":"ERROR 5"}', "ERROR"],
)
def test_other_lines_are_none(message: str) -> None:
    assert failure_of(GROUP, message, 1) is None


def test_long_texts_are_cut() -> None:
    found = failure(told(exception="x" * 10_000, big="y" * 10_000, message="z" * 10_000))
    assert len(found.stack) <= 4000
    assert len(found.message) <= 500
    assert len(found.context) <= 2100
    json.loads(found.context)


def test_a_batch_that_comes_twice_counts_once() -> None:
    group = Group("f", "c", "p")
    assert group.add([failure(told(), 5), failure(told(), 9)], "a")
    assert not group.add([failure(told(), 5), failure(told(), 9)], "a")
    assert group.add([failure(told(), 7)], "b")
    assert (group.times, group.first_ms, group.last_ms) == (3, 5, 9)


@pytest.fixture
def table(dynamodb: Any) -> Iterator[FailureTable]:
    with table_named(dynamodb, "insights"):
        yield FailureTable(dynamodb, "insights")


def test_a_group_is_read_as_it_was_written(table: FailureTable) -> None:
    older, newer = failure(told(), 5), failure(told(edge_id="edge-2"), 9)
    assert table.add([newer], "a")
    assert table.add([older], "b")
    assert not table.add([older], "b")
    [group] = table.groups("python-put-score")
    assert (group.times, group.sample) == (2, newer)
    assert group.to_json()["sample"]["edgeId"] == "edge-2"
