"""The number of reads of the store by each function, which make cost multiplies."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

import pytest

from cf_functions.harness import Engine, Outcome, run
from config import units
from config.capabilities import scores
from tests.cf_functions.plays import FIRST_DAY, MINUTE, Play, Request, sign

_READS = "cloudfront.store_reads"


def performed(engine: Engine, request: Request) -> Outcome:
    [outcome] = run(engine, [request.call()])
    return outcome


def said(outcome: Outcome) -> dict[str, str]:
    body: dict[str, str] = json.loads(outcome.answer["body"])
    return body


def ended(engine: Engine) -> tuple[Play, dict[str, int]]:
    """A play up to its end token, and how often each step has read."""
    play = Play(
        Random(1),
        "snake",
        user_key="the-key-of-a-player",
        began=FIRST_DAY + 10 * MINUTE,
        played=MINUTE,
        paused=0,
        waited=1000,
        name="Alice",
        score=600,
    )
    start = performed(engine, play.start_request())
    play.token_start, play.sid = said(start)["token_start"], said(start)["sid"]
    request = play.end_request()
    play.end = request.clock
    end = performed(engine, request)
    play.token_end = said(end)["token_end"]
    return play, {"start": len(start.reads), "end": len(end.reads)}


def test_a_play_reads_the_store_as_often_as_the_costs_say(engine: Engine) -> None:
    play, reads = ended(engine)
    submit = performed(engine, play.submit_request())
    assert "statusCode" not in submit.answer
    assert reads["start"] == scores.START[_READS]
    assert reads["end"] == scores.END[_READS]
    assert len(submit.reads) == scores.submission(1)[_READS]


def _worse(play: Play, request: Request) -> None:
    play.score = 1
    request.headers["x-score"] = "1"
    sign(play, request)


def _too_many(play: Play, request: Request) -> None:
    request.headers["x-score"] = str(play.highest_score + 1)
    sign(play, request)


def _banned(play: Play, request: Request) -> None:
    request.banned = play.user


REFUSED: dict[str, Callable[[Play, Request], object]] = {
    "malformed": lambda _, request: request.headers.pop("x-sig"),
    "bad_origin": lambda _, request: request.headers.update(origin="https://evil.example"),
    "bad_token": lambda _, request: request.headers.update(
        {"x-token-end": request.headers["x-token-end"][:-3] + "AAA"}
    ),
    "bad_signature": lambda _, request: request.headers.update({"x-score": "599"}),
    "bad_user_key": lambda _, request: request.headers.update({"x-user-key": "k" * 32}),
    "out_of_limits": _too_many,
    "below_threshold": _worse,
    "banned": _banned,
}


@pytest.mark.parametrize("code", scores.refused(1))
def test_a_refusal_reads_the_store_as_often_as_the_costs_say(engine: Engine, code: str) -> None:
    play, _ = ended(engine)
    request = play.submit_request()
    REFUSED[code](play, request)
    outcome = performed(engine, request)
    assert json.loads(outcome.answer["body"])["error"]["code"] == code
    assert len(outcome.reads) == scores.refused(1)[code][_READS]


def test_an_answer_of_the_edge_is_no_larger_than_the_costs_say(engine: Engine) -> None:
    play, _ = ended(engine)
    headers = 600
    for request in (play.start_request(), play.end_request()):
        answer = performed(engine, request).answer
        assert len(answer["body"]) + headers <= units.ANSWER_BYTES
