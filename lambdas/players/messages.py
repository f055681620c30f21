"""Messages of a chat: what may be sent, what is kept, and when a text repeats another."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.uuids import is_uuid, made_ms

LONGEST_TEXT: Final = 500
LONGEST_REPLY: Final = 1000
MOST_BODY_BYTES: Final = 8_192
WITHIN_MS: Final = 30_000
HISTORY: Final = 12
"""Messages that the character is shown: six of each side."""
LOCALES: Final = ("ja", "en")
_SPACES: Final = re.compile(r"\s+")
_REORDERS: Final = {*map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]), "\u200e", "\u200f"}
_NO_TEXT: Final = {"Cc", "Cn", "Co", "Cs"}
_BLANK_LETTERS: Final = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

Role = Literal["user", "agent"]


class Session(NamedTuple):
    id: str
    user_id: str
    character: str
    username: str | None
    guest: bool
    """Whether its id alone signs its player in."""
    created_at: str


class Said(NamedTuple):
    """A player's message."""

    id: str
    text: str
    locale: str
    at: str


class Reply(NamedTuple):
    """The character's answer to it, as it is stored and answered, once and for all."""

    text: str
    score_raw: int | None
    score: int
    emotion: str
    over: bool
    balance: int
    number: int
    """How many messages of the session it and those before it answer."""
    at: str


class Exchange(NamedTuple):
    said: Said
    reply: Reply


class Sent(NamedTuple):
    session_id: str
    text: str
    locale: str | None
    id: str | None


def read_message(body: bytes) -> Sent:
    sent = object_in(
        body, most_bytes=MOST_BODY_BYTES, fields=("sessionId", "message", "locale", "id")
    )
    return Sent(
        session_id=read_session_id(sent.get("sessionId")),
        text=_text(sent.get("message")),
        locale=read_locale(sent.get("locale")),
        id=_id(sent),
    )


def read_session_id(value: Any) -> str:
    if not is_uuid(value):
        raise Malformed("sessionId", "not a UUID; begin a session to get one")
    return str(value).lower()


def read_locale(value: Any) -> str | None:
    if value is None:
        return None
    if value not in LOCALES:
        raise Malformed("locale", f"{str(value)[:20]!r} is none of {', '.join(LOCALES)}")
    return str(value)


def cleaned(text: str) -> str:
    """Without control characters and marks that reorder text; single spaces."""
    spaced = _SPACES.sub(" ", text)
    kept = (each for each in spaced if _is_text(each))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", "".join(kept))).strip()


def _is_text(character: str) -> bool:
    return character not in _REORDERS and unicodedata.category(character) not in _NO_TEXT


def shows(character: str) -> bool:
    return character not in _BLANK_LETTERS and unicodedata.category(character)[0] not in "CMZ"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("message", "missing, or not text")
    text = cleaned(value)
    if not any(map(shows, text)):
        raise Malformed("message", f"nothing of it is visible; send 1 to {LONGEST_TEXT} characters")
    if len(text) > LONGEST_TEXT:
        raise Malformed("message", f"{len(text)} characters; at most {LONGEST_TEXT}")
    return text


def _id(sent: Mapping[str, Any]) -> str | None:
    value = sent.get("id")
    if value is None:
        return None
    if not is_uuid(value) or value[14] != "7":
        raise Malformed("id", "not a UUID of version 7")
    return str(value).lower()


def check_made_now(id: str, now_ms: int) -> None:
    """Ids sort the messages, so a new message carries a new id."""
    if abs(made_ms(id) - now_ms) > WITHIN_MS:
        raise Malformed("id", f"not made within {WITHIN_MS // 1000} s of now; make a new one")


def repeats(text: str, history: Iterable[Exchange]) -> bool:
    """Whether the player said the same before, whatever its case, spaces and punctuation."""
    core = _core(text)
    return any(_core(exchange.said.text) == core for exchange in history)


def _core(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(each for each in folded if unicodedata.category(each)[0] in "LN")
    return letters or folded


def next_number(history: Sequence[Exchange]) -> int:
    return history[-1].reply.number + 1 if history else 1
