"""Each line becomes a row that names the function and nobody who called it."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.insights.lines import (
    FIELDS,
    UnreadableFile,
    UnreadableLine,
    lines_of,
    row_of,
)
from lambdas.insights.rows import Row
from tests.lambdas.insights.logs import CATALOGUE, NOON, line, packed


def row(**changed: Any) -> Row:
    return read(json.dumps(line(**changed)).encode())


def read(text: bytes) -> Row:
    return row_of(text, CATALOGUE, lambda user, day: f"hash of {len(user)} on {day}", NOON)


def test_a_forwarded_request_counts_for_the_function_behind_the_route() -> None:
    found = row()
    assert found.fn == "python-get-ranking"
    assert found.route == "GET /api/ranking/{gameId}/{period}"
    assert (found.status, found.us, found.bytes, found.ms) == (200, 12_000, 1200, NOON)
    assert not found.cached
    assert not found.error


@pytest.mark.parametrize("result", ["Hit", "RefreshHit", "OriginShieldHit"])
def test_an_answer_from_the_cache_counts_for_the_function_that_made_it(result: str) -> None:
    found = row(**{"x-edge-result-type": result, "origin-fbl": "-"})
    assert found.fn == "python-get-ranking"
    assert found.cached


SUBMISSION = {"cs-method": "PUT", "cs-uri-stem": "/api/scores/snake/all/ann"}


def test_what_the_edge_refuses_counts_for_the_edge_function_with_its_code() -> None:
    found = row(
        **SUBMISSION,
        **{
            "sc-status": "422",
            "x-edge-result-type": "Error",
            "origin-fbl": "-",
            "sc-content-type": "application/json;%20code=below_threshold",
        },
    )
    assert (found.fn, found.error) == ("javascript-validate", "below_threshold")


def test_what_the_origin_refuses_counts_for_the_origin() -> None:
    found = row(
        **SUBMISSION,
        **{
            "sc-status": "409",
            "x-edge-result-type": "Error",
            "sc-content-type": "application/json; charset=utf-8; code=play_already_submitted",
        },
    )
    assert (found.fn, found.error) == ("python-put-score", "play_already_submitted")


@pytest.mark.parametrize("status", [429, 500, 502, 504])
def test_an_answer_without_a_code_has_its_status(status: int) -> None:
    found = row(**SUBMISSION, **{"sc-status": str(status)})
    assert (found.fn, found.error) == ("python-put-score", f"http_{status}")


def test_an_origin_that_was_not_reached_is_not_blamed_on_the_edge_function() -> None:
    found = row(**SUBMISSION, **{"sc-status": "502", "origin-fbl": "-"})
    assert found.fn == "python-put-score"


def test_a_viewer_who_left_is_counted() -> None:
    found = row(**{"sc-status": "000", "sc-content-type": "-"})
    assert (found.status, found.error) == (0, "viewer_left")


def test_a_player_is_hashed_and_appears_nowhere() -> None:
    found = row(**SUBMISSION)
    assert found.caller == "hash of 3 on 2026-11-21"
    assert "ann" not in json.dumps(found.to_json())


@pytest.mark.parametrize(
    ("stem", "fn", "route"),
    [
        ("/index.html", "site-files", "GET *"),
        ("/secret-name", "site-files", "GET *"),
        ("/api/ranking/a/b/c", "api-unrouted", "GET /api/ranking/*"),
        ("/api/ranking/a%2Fb/all", "api-unrouted", "GET /api/ranking/*"),
        ("/api/get-start", "javascript-get-start", "GET /api/get-start"),
        ("/api/project/1", "python-projects", "GET /api/project/{projectId}"),
    ],
)
def test_a_path_is_kept_as_its_route(stem: str, fn: str, route: str) -> None:
    found = row(**{"cs-uri-stem": stem, "origin-fbl": "-"})
    assert (found.fn, found.route) == (fn, route)


RUN = {"cs-method": "POST", "cs-uri-stem": "/api/functions/ann/javascript-bonus"}


@pytest.mark.parametrize(
    ("changed", "fn"),
    [
        ({}, "javascript-bonus@ann"),
        ({"sc-status": "422", "code": "function_threw"}, "javascript-bonus@ann"),
        ({"sc-status": "422", "code": "input_refused"}, "python-functions-api"),
        ({"sc-status": "404", "code": "unknown_function"}, "python-functions-api"),
        ({"sc-status": "401", "code": "key_missing"}, "python-functions-api"),
        ({"cs-uri-stem": "/api/functions/ann/javascript-bonus/activate"}, "python-functions-api"),
        ({"cs-uri-stem": "/api/functions/ann/%3Cscript%3E"}, "python-functions-api"),
    ],
)
def test_a_run_counts_for_the_creators_function_if_there_is_one(
    changed: dict[str, str], fn: str
) -> None:
    """Strangers may invent names, and each name would have counts of its own."""
    code = changed.get("code", "none")
    kind = {"sc-content-type": f"application/json; charset=utf-8; code={code}"}
    fields = {name: value for name, value in changed.items() if name != "code"}
    assert row(**{**RUN, **kind, **fields}).fn == fn


def test_unknown_fields_are_ignored_and_never_kept() -> None:
    found = row(**{"c-ip": "192.0.2.7", "cs(User-Agent)": "Browser", "cs-uri-query": "user=ann"})
    assert found == row()


def test_nothing_that_identifies_a_viewer_is_asked_for() -> None:
    assert not any(
        name in each
        for each in FIELDS
        for name in ("c-ip", "forwarded", "agent", "cookie", "query", "referer", "asn", "country")
    )


WRONG = [
    {"timestamp(ms)": "0"},
    {"timestamp(ms)": str(NOON + 2 * 86_400_000)},
    {"timestamp(ms)": "-"},
    {"sc-status": "many"},
    {"time-taken": "-1"},
    {"time-taken": "nan"},
    {"time-taken": "inf"},
    {"time-taken": "1e9"},
    {"x-edge-request-id": "<script>"},
    {"x-edge-result-type": ""},
    {"cs-method": "get"},
    {"sc-bytes": True},
    {"cs-uri-stem": None},
    {"cs-uri-stem": ["a"]},
    {"sc-bytes": "٣"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_line_with_a_wrong_field_is_refused_by_its_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableLine) as refused:
        row(**wrong)
    assert next(iter(wrong)) in str(refused.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_rubbish_is_refused(text: bytes) -> None:
    with pytest.raises(UnreadableLine):
        read(text)


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.none() | st.integers() | st.text(max_size=20)),
)
def test_any_values_give_a_row_or_a_refusal(values: dict[str, Any]) -> None:
    try:
        found = read(json.dumps(line() | values).encode())
    except UnreadableLine:
        return
    assert found.us >= 0


def test_a_file_that_is_cut_off_is_refused_whole() -> None:
    whole = packed([line(number) for number in range(50)])
    for length in (0, 1, 10, len(whole) // 2, len(whole) - 1):
        with pytest.raises(UnreadableFile):
            lines_of(whole[:length])
    assert len(lines_of(whole)) == 50


def test_a_file_of_several_gzip_members_is_read_whole() -> None:
    assert len(lines_of(packed([line(1), line(2)]) + packed([line(3)]))) == 2 + 1


def test_a_bomb_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="more than"):
        lines_of(gzip.compress(b"\n" * (65 * 1024 * 1024)))


RUN = {"cs-method": "POST", "cs-uri-stem": "/api/functions/ann/javascript-bonus"}


@pytest.mark.parametrize(
    ("status", "content_type"),
    [
        ("200", "application/json;%20charset=utf-8;%20kb=812;%20cpu=1500"),
        ("422", "application/json; charset=utf-8; code=function_threw; kb=812; cpu=1500"),
    ],
)
def test_a_run_says_what_it_used(status: str, content_type: str) -> None:
    found = row(**RUN, **{"sc-status": status, "sc-content-type": content_type})
    assert found.fn == "javascript-bonus@ann"
    assert (found.memory_kb, found.cpu_us) == (812, 1500)
    assert found.to_json()["cpu_ms"] == 1.5


@pytest.mark.parametrize(
    "changed",
    [
        {"cs-method": "GET", "cs-uri-stem": "/index.html"},
        {**RUN, "sc-status": "404"},
        {**RUN, "cs-uri-stem": "/api/functions/ann/javascript-bonus/activate"},
    ],
)
def test_nothing_else_says_what_it_used(changed: dict[str, str]) -> None:
    found = row(**{"sc-content-type": "text/html; kb=812; cpu=1500"} | changed)
    assert (found.memory_kb, found.cpu_us) == (0, 0)
    assert "memory_kb" not in found.to_json()


@pytest.mark.parametrize("wrong", ["kb=-1; cpu=2", "kb=99999999; cpu=1", "kb=1", "kb=x; cpu=1"])
def test_a_measure_of_another_form_is_left_out(wrong: str) -> None:
    found = row(**RUN, **{"sc-content-type": f"application/json; {wrong}"})
    assert (found.memory_kb, found.cpu_us) == (0, 0)
