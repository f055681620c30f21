"""A key is recognised by its form and its checksum before anything is read."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.api_users.api_keys import checked, hash_of, new_key
from lambdas.shared.api_users.errors import InvalidKey

LETTERS = string.ascii_letters + string.digits


def test_a_new_key_is_taken() -> None:
    key = new_key()
    assert checked(key.text) == key.text
    assert re.fullmatch(r"hg_live_[0-9A-Za-z]{47}", key.text)
    assert key.text.startswith(key.prefix)
    assert key.text not in key.hash
    assert hash_of(key.text) == key.hash
    assert new_key().text != key.text


@given(st.integers(0, 54), st.sampled_from(LETTERS))
def test_one_wrong_character_is_refused(place: int, letter: str) -> None:
    text = new_key().text
    wrong = text[:place] + letter + text[place + 1 :]
    if wrong != text:
        with pytest.raises(InvalidKey):
            checked(wrong)


@given(st.integers(8, 53))
def test_two_characters_that_were_exchanged_are_refused(place: int) -> None:
    text = new_key().text
    wrong = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if wrong != text:
        with pytest.raises(InvalidKey):
            checked(wrong)


@pytest.mark.parametrize("text", ["", "hg_live_", "hg_live_" + "0" * 47, "Bearer x", "é" * 55])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidKey):
        checked(text)
