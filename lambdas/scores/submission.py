"""Reads a submitted play, and checks it field by field."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from lambdas.scores.errors import (
    GraceOver,
    NotThatPeriod,
    OutOfLimits,
    PeriodClosed,
)
from lambdas.scores.games import Game, resolve_period
from lambdas.scores.periods import Period
from lambdas.scores.players import player_name
from lambdas.scores.rules import Entry, rank_key
from lambdas.shared.http.bodies import json_in, kept_object
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.clock import iso
from lambdas.shared.values.wire import CERTIFIED_USER_ID_LENGTH, LARGEST_INTEGER, USER_ID

MOST_BODY_BYTES: Final = 4096
MOST_PERIODS: Final = 4
CLOCK_SKEW_MS: Final = 30_000
"""How far the edge's clock and this one may differ."""
DELIVERY_MS: Final = 30_000
"""How long a request may take from the edge to here."""
ARRIVAL_MS: Final = DELIVERY_MS + CLOCK_SKEW_MS
"""How long after its grace a play may still be submitted."""

_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,15}")
_DURATION: Final = re.compile(r"0|[1-9][0-9]{0,9}")
_USER_ID: Final = re.compile(USER_ID)
_PLAY: Final = re.compile(r"(?P<id>[A-Za-z0-9._~-]{1,100})(?:@(?P<ended>[0-9]{1,15}))?")


class Submission(NamedTuple):
    """A play that was found well-formed, and the periods it counts for."""

    game: Game
    periods: tuple[Period, ...]
    candidate: Entry
    meta: str | None
    """JSON text, as it is stored."""


def read_submission(
    game: Game,
    *,
    period: str,
    user_id: str,
    headers: Mapping[str, str],
    body: bytes,
    now_ms: int,
) -> Submission:
    _check_user_id(user_id, game)
    score = _integer("X-Score", headers.get("x-score"))
    time_ms = _integer("X-Play-Ms", headers.get("x-play-ms"), _DURATION)
    user_name = player_name(_present("X-Player", headers.get("x-player")))
    play_id, ended_ms = _play(headers, game, now_ms)
    meta = _meta(body, game.meta_bytes)
    _check_limits(game, score, time_ms)
    candidate = Entry(
        user_id=user_id,
        user_name=user_name,
        score=score,
        time_ms=time_ms,
        updated_at=iso(ended_ms),
        rk=rank_key(game.order, score=score, time_ms=time_ms, updated_at_ms=ended_ms),
        play=_fingerprint(play_id, [score, time_ms, user_name, meta]),
    )
    periods = open_periods(game, period, ended_ms, now_ms)
    return Submission(game=game, periods=periods, candidate=candidate, meta=meta)


def open_periods(game: Game, text: str, ended_ms: int, now_ms: int) -> tuple[Period, ...]:
    """The periods a play counts for, which are those it ended in."""
    names = text.split(",")
    if len(names) > MOST_PERIODS:
        raise Malformed("period", f"{len(names)} named; at most {MOST_PERIODS}")
    periods: dict[str, Period] = {}
    # The edge's clock may be ahead, so that a play has ended in a period that begins here soon.
    latest_ms = max(now_ms, ended_ms)
    for name in names:
        period = resolve_period(game, name, ended_ms if name in game.periods else latest_ms)
        if period.id in periods:
            raise Malformed("period", f"{period.id} is named twice")
        if ended_ms < period.begins_ms:
            raise NotThatPeriod(period.id)
        if not period.contains(ended_ms):
            raise PeriodClosed(period.id)
        periods[period.id] = period
    return tuple(periods.values())


def _present(field: str, value: str | None) -> str:
    if value is None:
        raise Malformed(field, "missing")
    return value


def _integer(field: str, text: str | None, form: re.Pattern[str] = _INTEGER) -> int:
    """Of one spelling alone, the one the edge takes: "-0" is none."""
    if not form.fullmatch(_present(field, text)):
        raise Malformed(field, "not a whole number such as 120")
    number = int(str(text))
    if abs(number) > LARGEST_INTEGER:
        raise Malformed(field, f"beyond ±{LARGEST_INTEGER}")
    return number


def _check_user_id(user_id: str, game: Game) -> None:
    if not _USER_ID.fullmatch(user_id):
        raise Malformed("userId", "not 1 to 64 letters, digits, hyphens or underscores")
    if game.certified_players and len(user_id) != CERTIFIED_USER_ID_LENGTH:
        raise Malformed(
            "userId", f"not the {CERTIFIED_USER_ID_LENGTH} characters made from the player's key"
        )


def _play(headers: Mapping[str, str], game: Game, now_ms: int) -> tuple[str, int]:
    """The play's id and when it ended. Without play tokens it ends when it arrives."""
    matches = [
        (field, _play_named(field, headers[field.lower()]))
        for field in ("X-Play-Id", "X-Idem-Key")
        if field.lower() in headers
    ]
    if not matches:
        raise Malformed("X-Play-Id", "missing; name the play here or in X-Idem-Key")
    field, match = matches[0]
    if match["ended"] is None:
        return match["id"], now_ms
    ended_ms = int(match["ended"])
    if ended_ms > now_ms + CLOCK_SKEW_MS:
        raise Malformed(field, "the play ends in the future")
    if ended_ms + game.grace_ms + ARRIVAL_MS < now_ms:
        raise GraceOver(game.grace_ms)
    return match["id"], ended_ms


def _play_named(field: str, text: str) -> re.Match[str]:
    match = _PLAY.fullmatch(text)
    if match is None:
        raise Malformed(
            field, "not 1 to 100 letters, digits or ._~-, optionally with @ and when it ended"
        )
    return match


def _check_limits(game: Game, score: int, time_ms: int) -> None:
    _check_range("X-Score", score, game.score_range)
    _check_range("X-Play-Ms", time_ms, game.play_range)
    if game.points_a_second is not None and score * 1000 > game.points_a_second * time_ms:
        raise OutOfLimits(
            "X-Score", f"{score} in {time_ms} ms; at most {game.points_a_second:g} a second"
        )


def _check_range(field: str, value: int, allowed: tuple[int, int]) -> None:
    lowest, highest = allowed
    if not lowest <= value <= highest:
        raise OutOfLimits(field, f"{value} is outside this game's limits of {lowest} to {highest}")


def _meta(body: bytes, most_bytes: int) -> str | None:
    if len(body) > MOST_BODY_BYTES:
        raise Malformed("body", f"{len(body)} bytes; at most {MOST_BODY_BYTES}")
    if not body:
        return None
    content = json_in(body)
    if not isinstance(content, dict) or content.keys() - {"meta"}:
        raise Malformed("body", 'not a JSON object with nothing but "meta" in it')
    meta = content.get("meta")
    return None if meta is None else kept_object("meta", meta, most_bytes)


def _fingerprint(play_id: str, values: list[Any]) -> str:
    """Twelve characters identify the player's play, six more its values."""
    spoken = json.dumps(values, separators=(",", ":"))
    return f"{_hash(play_id)[:12]}.{_hash(spoken)[:6]}"


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
