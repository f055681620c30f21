"""Names as everyone else is going to see them."""

import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.scores.players import player_name
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.names import clean_name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Ann", "Ann"),
        ("%E3%81%95%E3%81%8F%E3%82%89", "さくら"),
        ("%EF%BC%A1%EF%BD%8E%EF%BD%8E", "Ann"),
        ("%20%20Ann%09%0ALee%20", "Ann Lee"),
        ("Ann%E2%80%8B%E2%80%AE%00", "Ann"),
        ("%F0%9F%90%8D", "🐍"),
        ("a" * 24, "a" * 24),
        ("100%25+1", "100%+1"),
        (quote("A\U000e0fffn\u0378n"), "Ann"),  # code points that no Unicode version assigns yet
        (quote("A\ue000n\U00100000n"), "Ann"),  # private use: each font shows something else
    ],
)
def test_a_name_is_decoded_and_cleaned(header: str, name: str) -> None:
    assert player_name(header) == name


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("", "no visible character"),
        ("%20", "no visible character"),
        ("%E2%80%8B", "no visible character"),
        ("%E3%85%A4", "no visible character"),
        ("%EF%B8%8F", "no visible character"),
        ("%CC%81", "no visible character"),
        ("%F3%A0%84%80", "no visible character"),
        ("a" * 25, "25 characters; at most 24"),
        ("%EF%B7%BA%EF%B7%BA", "characters; at most 24"),
        ("%", "not percent-encoded"),
        ("%zz", "not percent-encoded"),
        ("%4", "not percent-encoded"),
        ("Ännchen", "not percent-encoded"),
        ("%FF", "not UTF-8"),
        ("%C0%80", "not UTF-8"),
        ("%ED%A0%80", "not UTF-8"),
    ],
)
def test_a_wrong_name_is_refused_by_field(header: str, says: str) -> None:
    with pytest.raises(Malformed, match=says) as caught:
        player_name(header)
    assert str(caught.value).startswith("X-Player: ")


@given(st.text(max_size=60))
def test_a_cleaned_name_hides_nothing_and_stays_as_it_is(raw: str) -> None:
    try:
        name = clean_name(raw)
    except Malformed:
        return
    assert 1 <= len(name) <= 24
    assert name == name.strip()
    assert unicodedata.is_normalized("NFKC", name)
    joining = set("\u200c\u200d") | set(map(chr, range(0xE0020, 0xE0080)))
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in name)
    assert {char for char in name if unicodedata.category(char) == "Cf"} <= joining
    assert clean_name(name) == name
    assert player_name(quote(name, safe="")) == name
