"""A changed token or request is always refused and never causes a failure."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cf_functions.assemble import NAMES
from cf_functions.harness import Call, Engine, Outcome, run
from tests.cf_functions.cases import base_case
from tests.cf_functions.client import signature

TOKENS = {"get_end": ["x-token-start"], "validate": ["x-token-start", "x-token-end"]}


def with_header(call: Call, name: str, value: str) -> Call:
    event = copy.deepcopy(call.event)
    event["request"]["headers"][name] = {"value": value}
    return replace(call, event=event)


def flipped_everywhere(text: str) -> Iterator[str]:
    for place, character in enumerate(text):
        for bit in range(8):
            yield text[:place] + chr(ord(character) ^ 1 << bit) + text[place + 1 :]


def cut_everywhere(text: str) -> Iterator[str]:
    return (text[:length] for length in range(1, len(text)))


def refusal(outcome: Outcome) -> tuple[int, str]:
    status = outcome.answer.get("statusCode", 200)
    return status, json.loads(outcome.answer["body"])["error"]["code"] if status != 200 else ""


def signed_again(call: Call) -> Call:
    """With the signature that goes with its token, so that only the token is wrong."""
    headers = {name: field["value"] for name, field in call.event["request"]["headers"].items()}
    sid = call.event["request"]["cookies"]["game_sid"]["value"]
    token, player, score = (headers[name] for name in ("x-token-end", "x-player", "x-score"))
    return with_header(call, "x-sig", signature(token, player, score, "2026-11-21", sid))


def test_every_bit_of_every_token(engine: Engine) -> None:
    calls = []
    for function, names in TOKENS.items():
        call = base_case(function).call
        for name in names:
            token = call.event["request"]["headers"][name]["value"]
            for other in [*flipped_everywhere(token), *cut_everywhere(token)]:
                changed = with_header(call, name, other)
                calls.append(signed_again(changed) if function == "validate" else changed)
    assert len(calls) > 4_000
    for outcome in run(engine, calls):
        assert refusal(outcome) in {(401, "bad_token"), (401, "bad_session")}


def test_every_bit_of_a_signature(engine: Engine) -> None:
    call = base_case("validate").call
    right = call.event["request"]["headers"]["x-sig"]["value"]
    others = [*flipped_everywhere(right), *cut_everywhere(right)]
    for outcome in run(engine, [with_header(call, "x-sig", other) for other in others]):
        assert refusal(outcome) == (401, "bad_signature")


def test_the_same_play_with_another_score_keeps_its_id(engine: Engine) -> None:
    """The edge remembers nothing: it is the origin that refuses a second score, by this id."""
    call = base_case("validate").call
    again = signed_again(with_header(call, "x-score", "501"))
    first, second = (
        outcome.answer["headers"]["x-play-id"] for outcome in run(engine, [call, again])
    )
    assert first == second


headers = st.sampled_from(
    ["x-token-start", "x-token-end", "x-sig", "x-score", "x-player", "x-user-key", "x-play-ms"]
)
oddities = st.text(max_size=50) | st.sampled_from(
    ["1e.a", "MWUuYQ", "MXMuYQ.x", ".", "%", "-", "0"]
)
uris = st.lists(st.text(max_size=10), max_size=7).map("/".join)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(NAMES), headers, oddities), min_size=50, max_size=50
    ),
    uris=st.lists(uris, min_size=20, max_size=20),
)
def test_nothing_a_viewer_sends_makes_it_fail(
    engine: Engine, changes: list[tuple[str, str, str]], uris: list[str]
) -> None:
    calls = [with_header(base_case(name).call, header, text) for name, header, text in changes]
    for uri in uris:
        event = copy.deepcopy(base_case("validate").call.event)
        event["request"]["uri"] = uri
        calls.append(replace(base_case("validate").call, event=event))
    for outcome in run(engine, calls):
        assert refusal(outcome)[0] < 500
