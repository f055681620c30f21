"""One play as it arrives: everything wrong with it is refused with its field named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.scores.errors import (
    GraceOver,
    NotThatPeriod,
    OutOfLimits,
    PeriodClosed,
    UnknownPeriod,
)
from lambdas.scores.games import Game, resolve_period
from lambdas.scores.submission import Submission, read_submission
from lambdas.shared.http.errors import Malformed, Refusal, status_of
from lambdas.shared.values.clock import from_iso
from tests.conftest import game

NOW = from_iso("2026-11-21T12:00:00.000Z")
JST_MIDNIGHT = from_iso("2026-11-30T15:00:00.000Z")
HEADERS = {"x-score": "120", "x-player": "Ann", "x-play-ms": "60000", "x-play-id": "sid.1"}


def read(
    headers: dict[str, str | None] | None = None,
    *,
    of: Game | None = None,
    period: str = "all",
    user_id: str = "ann",
    body: Any = b"",
    now_ms: int = NOW,
) -> Submission:
    sent = {name: value for name, value in (HEADERS | (headers or {})).items() if value is not None}
    return read_submission(
        of or game(),
        period=period,
        user_id=user_id,
        headers=sent,
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        now_ms=now_ms,
    )


def test_a_play_is_read() -> None:
    submission = read(body={"meta": {"level": 3, "名": "あ"}})
    candidate = submission.candidate
    assert (candidate.user_id, candidate.score, candidate.time_ms) == ("ann", 120, 60_000)
    assert candidate.user_name == "Ann"
    assert candidate.updated_at == "2026-11-21T12:00:00.000Z"
    assert submission.meta == '{"level":3,"名":"あ"}'
    assert [period.id for period in submission.periods] == ["all"]


@pytest.mark.parametrize(
    "score", ["", "1.5", "1e3", "NaN", "Infinity", "0x1F", "+1", "01", "-", "-0"]
)
@pytest.mark.parametrize("header", ["x-score", "x-play-ms"])
def test_a_score_that_is_no_whole_number_is_refused(header: str, score: str) -> None:
    with pytest.raises(Malformed, match="not a whole number"):
        read({header: score})


@pytest.mark.parametrize("score", ["9007199254740992", "-9007199254740992", "9" * 16])
def test_a_score_that_javascript_cannot_count_to_is_refused(score: str) -> None:
    with pytest.raises(Malformed, match=r"X-Score: beyond ±9007199254740991"):
        read({"x-score": score})


@pytest.mark.parametrize("score", ["１２", "٣", "1\n", " 1", "1 ", "1_000", "9" * 5000])
def test_digits_of_other_scripts_and_worse_are_refused(score: str) -> None:
    with pytest.raises(Malformed, match="X-Score"):
        read({"x-score": score})


@pytest.mark.parametrize("header", ["X-Score", "X-Player", "X-Play-Ms", "X-Play-Id"])
def test_a_missing_header_is_named(header: str) -> None:
    with pytest.raises(Malformed, match=f"{header}: missing"):
        read({header.lower(): None})


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"x-score": "-1"}, "X-Score: -1 is outside this game's limits of 0 to 9999"),
        ({"x-score": "10000"}, "X-Score: 10000 is outside this game's limits of 0 to 9999"),
        (
            {"x-play-ms": "999", "x-score": "0"},
            "X-Play-Ms: 999 is outside this game's limits of 1000 to 3600000",
        ),
        ({"x-play-ms": "3600001"}, "X-Play-Ms: 3600001"),
        ({"x-score": "721"}, "X-Score: 721 in 60000 ms; at most 12 a second"),
    ],
)
def test_a_play_that_the_game_does_not_accept_is_unprocessable(
    headers: dict[str, Any], says: str
) -> None:
    with pytest.raises(OutOfLimits) as caught:
        read(headers)
    assert str(caught.value).startswith(says)
    assert status_of(caught.value) == 422


@pytest.mark.parametrize(("score", "ms"), [("0", "1000"), ("9999", "3600000"), ("720", "60000")])
def test_the_limits_themselves_are_within(score: str, ms: str) -> None:
    assert read({"x-score": score, "x-play-ms": ms}).candidate.score == int(score)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"x" * 4097, "body: 4097 bytes; at most 4096"),
        (b"{", "body: not JSON"),
        (b"\xff", "body: not JSON"),
        (b"[" * 4000, "body: not JSON"),
        (b'{"meta":{"x":NaN}}', "body: not JSON"),
        (b'{"meta":{"x":-Infinity}}', "body: not JSON"),
        ([], "body: not a JSON object"),
        ({"score": 1}, "body: not a JSON object with nothing but"),
        ({"meta": [1]}, "meta: not a JSON object"),
        ({"meta": "x"}, "meta: not a JSON object"),
        ({"meta": 0}, "meta: not a JSON object"),
        (b'{"meta":{"x":1e999}}', "meta: a number is too large"),
        ({"meta": {"x": "y" * 600}}, "meta: 608 bytes as JSON; at most 512"),
        (b'{"meta":{"x":"\\ud800"}}', "meta: holds half of a surrogate pair"),
    ],
)
def test_a_body_that_is_not_just_meta_is_refused(body: Any, says: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(body=body)
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"meta":null}'])
def test_meta_may_be_absent(body: bytes) -> None:
    assert read(body=body).meta is None


def test_a_body_may_have_4096_bytes() -> None:
    body = b'{"meta":{"level":3}}'.ljust(4096)
    assert read(body=body).meta == '{"level":3}'


def test_meta_may_have_as_many_bytes_as_the_game_keeps() -> None:
    assert read(body={"meta": {"x": "y" * 504}}).meta is not None
    with pytest.raises(Malformed, match="meta: 513 bytes as JSON; at most 512"):
        read(body={"meta": {"x": "y" * 505}})


def test_a_game_may_keep_more_meta_up_to_the_whole_body() -> None:
    body = {"meta": {"x": "y" * 3900}}
    assert read(of=game(meta_bytes=4000), body=body).meta is not None


@pytest.mark.parametrize("user_id", ["", "a b", "a/b", "é", "x" * 65, "a\n"])
def test_a_user_id_uses_the_protocols_alphabet(user_id: str) -> None:
    with pytest.raises(Malformed, match="userId: not 1 to 64"):
        read(user_id=user_id)


def test_a_certified_players_id_has_its_length() -> None:
    certified = game(certified_players=True)
    with pytest.raises(Malformed, match="userId: not the 22 characters"):
        read(of=certified, user_id="ann")
    assert read(of=certified, user_id="x" * 22).candidate.user_id == "x" * 22


@pytest.mark.parametrize("play", ["", "a b", "a@", "a@x", "@1", "x" * 101, "a@1@2"])
def test_a_play_has_an_id_and_perhaps_an_end(play: str) -> None:
    with pytest.raises(Malformed, match="X-Play-Id: not 1 to 100"):
        read({"x-play-id": play})


def test_a_play_and_an_idempotency_key_must_both_be_well_formed() -> None:
    with pytest.raises(Malformed, match="X-Idem-Key: not 1 to 100"):
        read({"x-idem-key": "a b"})
    both = read({"x-idem-key": "other"})
    assert both.candidate.play == read().candidate.play


def test_an_idempotency_key_plays_the_same_part() -> None:
    by_key = read({"x-play-id": None, "x-idem-key": "sid.1"})
    assert by_key.candidate.play == read().candidate.play


@pytest.mark.parametrize(
    ("end", "refused"),
    [
        (NOW, None),
        (NOW + 30_000, None),
        (NOW + 30_001, Malformed),
        (NOW - 150_000, None),
        (NOW - 150_001, GraceOver),
    ],
)
def test_a_play_arrives_within_its_grace_by_clocks_half_a_minute_apart(
    end: int, refused: type[Refusal] | None
) -> None:
    header: dict[str, str | None] = {"x-play-id": f"sid.1@{end}"}
    if refused:
        with pytest.raises(refused):
            read(header)
    else:
        assert from_iso(read(header).candidate.updated_at) == end


def test_a_play_that_ended_before_midnight_counts_for_the_old_month() -> None:
    ended: dict[str, str | None] = {"x-play-id": f"sid.1@{JST_MIDNIGHT - 1}"}
    late = read(ended, period="all,monthly,daily", now_ms=JST_MIDNIGHT + 60_000)
    assert [period.id for period in late.periods] == ["all", "2026-11", "2026-11-30"]
    by_id = read(ended, period="2026-11", now_ms=JST_MIDNIGHT + 60_000)
    assert [period.id for period in by_id.periods] == ["2026-11"]


@pytest.mark.parametrize("now_ms", [JST_MIDNIGHT, JST_MIDNIGHT + 60_000])
def test_a_play_that_ended_in_the_first_millisecond_of_a_month_counts_for_it(now_ms: int) -> None:
    ended: dict[str, str | None] = {"x-play-id": f"sid.1@{JST_MIDNIGHT}"}
    for period in ("monthly", "2026-12"):
        submission = read(ended, period=period, now_ms=now_ms)
        assert [each.id for each in submission.periods] == ["2026-12"]


def test_a_play_names_the_new_month_where_the_edges_clock_is_ahead() -> None:
    ended: dict[str, str | None] = {"x-play-id": f"sid.1@{JST_MIDNIGHT + 100}"}
    submission = read(ended, period="2026-12", now_ms=JST_MIDNIGHT - 20_000)
    assert [each.id for each in submission.periods] == ["2026-12"]


@pytest.mark.parametrize("header", ["x-score", "x-play-ms"])
@pytest.mark.parametrize("text", [" 5", "5 ", "\ufeff5", "5\n", "٥"])
def test_a_number_has_one_spelling(header: str, text: str) -> None:
    with pytest.raises(Malformed, match="not a whole number"):
        read({header: text})


def test_a_play_time_is_never_negative() -> None:
    with pytest.raises(Malformed, match="X-Play-Ms: not a whole number"):
        read({"x-play-ms": "-60000"})


def test_a_body_with_a_byte_order_mark_or_of_another_encoding_is_no_json() -> None:
    for body in (b'\xef\xbb\xbf{"meta":{}}', '{"meta":{}}'.encode("utf-16")):
        with pytest.raises(Malformed, match="body: not JSON"):
            read(body=body)


def test_a_month_can_be_named_from_its_first_millisecond_on() -> None:
    assert resolve_period(game(), "2026-12", JST_MIDNIGHT).id == "2026-12"
    with pytest.raises(UnknownPeriod):
        resolve_period(game(), "2026-12", JST_MIDNIGHT - 1)


def test_a_play_of_the_old_month_is_none_of_the_new() -> None:
    ended: dict[str, str | None] = {"x-play-id": f"sid.1@{JST_MIDNIGHT - 1}"}
    with pytest.raises(NotThatPeriod, match="ended before 2026-12 began"):
        read(ended, period="2026-12", now_ms=JST_MIDNIGHT + 60_000)


def test_the_old_month_is_closed_to_the_plays_of_the_new() -> None:
    with pytest.raises(PeriodClosed, match="2026-11 is closed") as caught:
        read(period="2026-11", now_ms=JST_MIDNIGHT)
    assert status_of(caught.value) == 410


@pytest.mark.parametrize(
    "period", ["", "ever", "yearly", "2026-12", "2026-13", "2026-11-22", "all,", "ALL"]
)
def test_an_unknown_period_is_named_with_those_there_are(period: str) -> None:
    with pytest.raises(UnknownPeriod, match="all, monthly, weekly, daily"):
        read(period=period)


def test_a_game_offers_only_its_own_periods() -> None:
    only_ever = game(periods=("all",))
    for period in ("monthly", "2026-11"):
        with pytest.raises(UnknownPeriod):
            read(of=only_ever, period=period)
    only_monthly = game(periods=("monthly",))
    with pytest.raises(UnknownPeriod):
        read(of=only_monthly, period="all")


@pytest.mark.parametrize("period", ["all,all", "monthly,2026-11"])
def test_a_board_named_twice_is_refused(period: str) -> None:
    with pytest.raises(Malformed, match="is named twice"):
        read(period=period)


def test_five_boards_are_too_many() -> None:
    with pytest.raises(Malformed, match="5 named; at most 4"):
        read(period="all,monthly,weekly,daily,all")


@given(st.sampled_from(["score", "play-ms", "player", "meta"]))
def test_a_play_differs_from_itself_with_other_values(changed: str) -> None:
    other: dict[str, dict[str, str | None]] = {
        "score": {"x-score": "121"},
        "play-ms": {"x-play-ms": "60001"},
        "player": {"x-player": "Bob"},
        "meta": {},
    }
    first = read().candidate.play
    again = read(other[changed], body={"meta": {"x": 1}} if changed == "meta" else b"")
    assert first != again.candidate.play
    assert first.partition(".")[0] == again.candidate.play.partition(".")[0]
