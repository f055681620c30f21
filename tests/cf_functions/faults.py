"""Changes to a play in transit: harmless accidents, and forgeries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.cf_functions import client
from tests.cf_functions.plays import (
    FIRST_DAY,
    GRACE,
    LAST_SCORE,
    LONGEST,
    LONGEST_PAUSE,
    MINUTE,
    NETWORK,
    ROTATION,
    SECOND,
    USER_KEYS,
    Play,
    Request,
    rotations_until,
    sign,
)

Change = Callable[[Play, Request], None]
Shape = Callable[[Play], None]
Value = Callable[[Play, str], str]

START, END, SUBMIT = "get_start", "get_end", "validate"
DAY = 24 * 60 * MINUTE


@dataclass(frozen=True)
class Fault:
    """Shapes the play before it starts, or changes the request of one step.

    The step is refused with one of the codes; without a code the play must get through.
    """

    name: str
    step: str = ""
    codes: tuple[str, ...] = ()
    shape: Shape | None = None
    change: Change | None = None
    sent_twice: bool = False


def flipped(dice: Random, text: str) -> str:
    place = dice.randrange(len(text))
    return text[:place] + chr(ord(text[place]) ^ 1 << dice.randrange(7)) + text[place + 1 :]


def replaced(name: str, value: Value) -> Change:
    def change(play: Play, request: Request) -> None:
        request.headers[name] = value(play, request.headers[name])

    return change


def signed_anew(name: str, value: Value) -> Change:
    """Signs the request again, so that only the replaced value is wrong."""

    def change(play: Play, request: Request) -> None:
        replaced(name, value)(play, request)
        sign(play, request)

    return change


def bit_flipped(play: Play, text: str) -> str:
    return flipped(play.dice, text)


def cut(play: Play, text: str) -> str:
    return text[: play.dice.randrange(1, len(text))]


def made_up(_: Play, token: str) -> str:
    """The same payload under a secret that is not ours."""
    payload = client.decoded(token.partition(".")[0])
    return client.Key("", "a secret that an attacker made up").sign(payload)


def boundary_after(clock: int) -> int:
    return FIRST_DAY + (rotations_until(clock)) * ROTATION


def rotate_while_played(play: Play) -> None:
    play.began = boundary_after(play.began) - play.dice.randint(1, play.played)


def rotate_before_submission(play: Play) -> None:
    play.waited = max(play.waited, 1)
    until_submission = play.played + play.paused + play.waited
    play.began = boundary_after(play.began) - until_submission


def play_across_midnight(play: Play) -> None:
    length = play.played + play.paused
    play.began += DAY - play.began % DAY - play.dice.randint(0, length + play.waited)


def pause_at_length(play: Play) -> None:
    play.played = 20 * MINUTE
    play.paused = LONGEST_PAUSE


def edge_behind(play: Play, request: Request) -> None:
    request.clock -= play.dice.randint(0, 2 * SECOND)


def clock_before_start(play: Play, request: Request) -> None:
    request.clock = play.began - play.dice.randint(1, DAY)
    request.rotations = rotations_until(play.began)


def stretched(play: Play, _: str) -> str:
    return str(play.played + play.paused + play.dice.randint(2 * SECOND + 1, MINUTE))


def shrunk(play: Play, _: str) -> str:
    return str(play.played - play.dice.randint(NETWORK + 1, MINUTE))


def too_long_ago(play: Play, request: Request) -> None:
    longest = LONGEST[play.game] + LONGEST_PAUSE + 2 * SECOND
    request.clock = play.began + longest + play.dice.randint(1, DAY)
    request.rotations = rotations_until(play.began)


def key_gone(_: Play, request: Request) -> None:
    """Two rotations at once, as after a secret got out."""
    request.rotations = rotations_until(request.clock) + 2


def too_late(play: Play, request: Request) -> None:
    request.clock = play.end + GRACE + play.dice.randint(1, 10 * MINUTE)
    sign(play, request)


def other_session(play: Play, request: Request) -> None:
    request.cookies["game_sid"] = client.new_session("another browser", str(play.dice.random()))


def no_session(_: Play, request: Request) -> None:
    request.cookies.clear()


def swapped(play: Play, request: Request) -> None:
    headers = request.headers
    headers["x-token-start"], headers["x-token-end"] = play.token_end, play.token_start
    sign(play, request)


def other_game(play: Play, request: Request) -> None:
    other = "chess" if play.game == "snake" else "snake"
    request.uri = f"/api/scores/{other}/all/{play.user}"


def other_player(play: Play, request: Request) -> None:
    key = play.dice.choice([key for key in USER_KEYS if key != play.user_key])
    request.uri = f"/api/scores/{play.game}/all/{client.user_id(key)}"
    request.headers["x-user-key"] = key


def other_start(play: Play, _: str) -> str:
    assert play.other is not None
    return play.other.token_start


def in_snake(play: Play) -> None:
    play.game = "snake"
    play.played = min(play.played, LONGEST["snake"])


def other_key(play: Play, _: str) -> str:
    return play.dice.choice([key for key in USER_KEYS if key != play.user_key])


def too_fast(play: Play, _: str) -> str:
    return str(play.highest_score + play.dice.randint(1, 1_000_000))


def hopeless(play: Play, _: str) -> str:
    return str(play.dice.randint(0, LAST_SCORE))


def better(play: Play, score: str) -> str:
    return str(int(score) + play.dice.randint(1, 1_000))


def longer(_: Play, text: str) -> str:
    return text + "x"


def ban(play: Play, request: Request) -> None:
    request.banned = play.user


def forge_marks(_: Play, request: Request) -> None:
    request.headers |= {"x-origin-verify": "guess", "x-play-id": "forged.0@0", "x-play-ms": "1"}


def at_end(name: str, change: Change, *codes: str, shape: Shape | None = None) -> Fault:
    return Fault(name, END, codes, shape, change)


def at_submission(name: str, change: Change, *codes: str, shape: Shape | None = None) -> Fault:
    return Fault(name, SUBMIT, codes, shape, change)


ACCIDENTS = (
    Fault("nothing"),
    Fault("the start's answer lost", START, sent_twice=True),
    Fault("the end's answer lost", END, sent_twice=True),
    Fault("the submission's answer lost", SUBMIT, sent_twice=True),
    Fault("keys rotated while played", shape=rotate_while_played),
    Fault("keys rotated before submission", shape=rotate_before_submission),
    Fault("played across midnight", shape=play_across_midnight),
    Fault("paused as long as allowed", shape=pause_at_length),
    at_end("ended where the clock is behind", edge_behind),
    at_submission("submitted where the clock is behind", edge_behind),
    at_submission("marks of the edge sent along", forge_marks),
)
START_TOKEN, END_TOKEN = "x-token-start", "x-token-end"
FORGERIES = (
    at_end("start: a bit", replaced(START_TOKEN, bit_flipped), "bad_token", "bad_session"),
    at_end("start: cut", replaced(START_TOKEN, cut), "bad_token"),
    at_end("start: made up", replaced(START_TOKEN, made_up), "bad_token"),
    at_end("start: of another play", replaced(START_TOKEN, other_start), "bad_session"),
    at_end("start: its key gone", key_gone, "bad_token"),
    at_end("start: expired", too_long_ago, "token_expired"),
    at_end("another's session", other_session, "bad_session"),
    at_end("no session", no_session, "bad_session"),
    at_end("ended before it began", clock_before_start, "clock_backwards"),
    at_end("stretched", replaced("x-play-ms", stretched), "play_time_mismatch", "out_of_limits"),
    at_end("shrunk", replaced("x-play-ms", shrunk), "play_time_mismatch", shape=pause_at_length),
    at_submission("end: a bit", signed_anew(END_TOKEN, bit_flipped), "bad_token"),
    at_submission("end: cut", signed_anew(END_TOKEN, cut), "bad_token"),
    at_submission("end: made up", signed_anew(END_TOKEN, made_up), "bad_token"),
    at_submission("end: its key gone", key_gone, "bad_token"),
    at_submission("its start: a bit", replaced(START_TOKEN, bit_flipped), "bad_token"),
    at_submission("its start: of another play", replaced(START_TOKEN, other_start), "bad_token"),
    at_submission("tokens swapped", swapped, "bad_token"),
    at_submission("tokens for another game", other_game, "bad_token"),
    at_submission("tokens for another player", other_player, "bad_token"),
    at_submission("score raised", replaced("x-score", better), "bad_signature"),
    at_submission("name changed", replaced("x-player", longer), "bad_signature"),
    at_submission("signature: a bit", replaced("x-sig", bit_flipped), "bad_signature"),
    at_submission("too late", too_late, "grace_over"),
    at_submission("too fast", signed_anew("x-score", too_fast), "out_of_limits"),
    at_submission("hopeless", signed_anew("x-score", hopeless), "below_threshold"),
    at_submission("another site", replaced("origin", longer), "bad_origin"),
    at_submission(
        "another's id", replaced("x-user-key", other_key), "bad_user_key", shape=in_snake
    ),
    at_submission("banned", ban, "banned"),
)
