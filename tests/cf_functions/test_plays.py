"""Whole plays through the functions: honest ones pass, all others are refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from random import Random

from cf_functions.harness import Engine, Outcome, run
from tests.cf_functions import client
from tests.cf_functions.faults import ACCIDENTS, END, FORGERIES, START, SUBMIT, Fault
from tests.cf_functions.plays import LAST_SCORE, Play, Request, some_play

PLAYS = 10_000

Cast = dict[int, tuple[Play, Fault]]


def test_ten_thousand_plays(engine: Engine) -> None:
    dice = Random(20261121)
    cast = _cast(dice)
    refused: Counter[str] = Counter()
    for step, follow_up in ((START, _started), (END, _ended), (SUBMIT, _submitted)):
        outcomes = _performed(engine, step, cast)
        for number, answers in outcomes.items():
            play, fault = cast[number]
            codes = [_code(answer) for answer in answers]
            if fault.step == step and fault.codes:
                assert codes[0] in fault.codes, fault.name
                refused[fault.name] += 1
                del cast[number]
            else:
                assert not any(codes), fault.name
                follow_up(play, answers)
    assert set(refused) == {forgery.name for forgery in FORGERIES}
    assert {fault.name for _, fault in cast.values()} == {accident.name for accident in ACCIDENTS}


def _cast(dice: Random) -> Cast:
    plays = [some_play(dice) for _ in range(PLAYS)]
    cast = {}
    for number, play in enumerate(plays):
        play.other = plays[number - 1]
        fault = dice.choice(dice.choice([ACCIDENTS, FORGERIES]))
        if fault.shape:
            fault.shape(play)
        play.score = dice.randint(LAST_SCORE + 1, play.highest_score)
        cast[number] = (play, fault)
    return cast


def _performed(engine: Engine, step: str, cast: Cast) -> dict[int, list[Outcome]]:
    senders, calls = [], []
    for number, (play, fault) in cast.items():
        for request in _requests(step, play, fault):
            senders.append(number)
            calls.append(request.call())
    outcomes: dict[int, list[Outcome]] = {number: [] for number in cast}
    for number, outcome in zip(senders, run(engine, calls), strict=True):
        outcomes[number].append(outcome)
    return outcomes


def _requests(step: str, play: Play, fault: Fault) -> list[Request]:
    make = {START: play.start_request, END: play.end_request, SUBMIT: play.submit_request}[step]
    request = make()
    if fault.step == step and fault.change:
        fault.change(play, request)
    return [request, request] if fault.step == step and fault.sent_twice else [request]


def _code(outcome: Outcome) -> str:
    if outcome.answer.get("statusCode", 200) == 200:
        return ""
    code: str = json.loads(outcome.answer["body"])["error"]["code"]
    return code


def _started(play: Play, answers: Sequence[Outcome]) -> None:
    body = json.loads(answers[-1].answer["body"])
    assert not play.sid or body["sid"] == play.sid
    play.sid, play.token_start = body["sid"], body["token_start"]


def _ended(play: Play, answers: Sequence[Outcome]) -> None:
    body = json.loads(answers[-1].answer["body"])
    play.token_end = body["token_end"]
    play.end = int(client.decoded(play.token_end.partition(".")[0]).split(".")[6])


def _submitted(play: Play, answers: Sequence[Outcome]) -> None:
    mark = client.Play(play.game, play.user, play.sid, play.began).id(play.end)
    for answer in answers:
        headers = answer.answer["headers"]
        assert headers["x-play-id"] == {"value": mark}
        assert headers["x-play-ms"] == {"value": str(play.played)}
        assert not headers.keys() & {"x-token-start", "x-token-end", "x-sig", "x-user-key"}
        assert "x-origin-verify" not in headers
