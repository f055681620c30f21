"""A token is good for its session, its project and its time, and for nothing else."""

import base64
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.keys.tokens import (
    LONGEST_TOKEN,
    SESSION_SECONDS,
    TOKEN_SECONDS,
    BadToken,
    Grant,
    SessionOver,
    TokenExpired,
    expiry,
    sign,
    verify,
)
from lambdas.shared.values.uuids import uuid7

NOW = 1_795_262_400
GRANT = Grant(
    project_id="0190a5b0-0000-7000-8000-00000000cafe",
    session_id=uuid7(NOW * 1000),
    home="h" * 22,
    player="p" * 22,
    expires=NOW + TOKEN_SECONDS,
)
KEYS = {"new": "one", "old": "other"}


def test_a_signed_token_is_read_back() -> None:
    for grant in (GRANT, replace(GRANT, player=None)):
        token = sign(grant, "new", "one")
        assert verify(token, KEYS.get, NOW) == grant
        assert len(token) <= LONGEST_TOKEN


def test_a_token_of_the_previous_key_is_good_and_one_of_no_key_is_not() -> None:
    assert verify(sign(GRANT, "old", "other"), KEYS.get, NOW) == GRANT
    for forged in (sign(GRANT, "gone", "one"), sign(GRANT, "gone", ""), sign(GRANT, "new", "two")):
        with pytest.raises(BadToken):
            verify(forged, KEYS.get, NOW)


def test_it_is_good_until_it_expires() -> None:
    token = sign(GRANT, "new", "one")
    assert verify(token, KEYS.get, GRANT.expires - 1)
    with pytest.raises(TokenExpired):
        verify(token, KEYS.get, GRANT.expires)


@given(st.data())
def test_whatever_is_changed_in_it_voids_it(data: st.DataObject) -> None:
    token = sign(GRANT, "new", "one")
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda character: character != token[place]))
    with pytest.raises(BadToken):
        verify(token[:place] + other + token[place + 1 :], KEYS.get, NOW)


@given(st.text() | st.binary().map(lambda content: content.decode("latin-1")))
def test_whatever_else_comes_as_a_token_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        verify(text, KEYS.get, NOW)


def _decoded(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


@pytest.mark.parametrize(("kid", "spare_bits"), [("a", 2), ("ab", 0), ("abc", 4)])
def test_a_token_has_one_spelling(kid: str, spare_bits: int) -> None:
    """Base64 ignores the spare bits of the last character, so other characters decode alike."""
    token = sign(GRANT, kid, "secret")
    encoded, _, signature = token.partition(".")
    respelled = [
        encoded[:-1] + last
        for last in string.ascii_letters + string.digits + "-_"
        if _decoded(encoded[:-1] + last) == _decoded(encoded)
    ]
    assert len(respelled) == 2**spare_bits
    assert verify(token, {kid: "secret"}.get, NOW) == GRANT
    for other in respelled:
        if other != encoded:
            with pytest.raises(BadToken):
                verify(f"{other}.{signature}", {kid: "secret"}.get, NOW)


def test_an_expired_forgery_is_a_forgery() -> None:
    with pytest.raises(BadToken):
        verify(sign(replace(GRANT, expires=1), "new", "two"), KEYS.get, NOW)


def test_renewals_end_with_the_session() -> None:
    assert expiry(GRANT.session_id, NOW) == NOW + TOKEN_SECONDS
    last = NOW + SESSION_SECONDS - 60
    assert expiry(GRANT.session_id, last) == NOW + SESSION_SECONDS
    with pytest.raises(SessionOver, match="24 hours"):
        expiry(GRANT.session_id, NOW + SESSION_SECONDS)


def test_an_item_belongs_to_the_player_or_else_to_the_session() -> None:
    assert GRANT.owner == "p" * 22
    assert replace(GRANT, player=None).owner == GRANT.session_id
