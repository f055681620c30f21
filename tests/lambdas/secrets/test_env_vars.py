"""Names of secrets are strict, values are any text; no error contains a value."""

import json
from typing import Any

import pytest

from lambdas.secrets.env_vars import MOST_VALUE_BYTES, change_in
from lambdas.shared.http.errors import Malformed

SECRET = "s3cr3t-of-nobody"


def sent(**fields: Any) -> bytes:
    return json.dumps({"key": "GAME_API_KEY", "value": SECRET} | fields).encode()


@pytest.mark.parametrize("value", ["x", " spaces stay \n", "改行\nあり", "v" * MOST_VALUE_BYTES])
def test_a_value_is_any_text_kept_as_it_is(value: str) -> None:
    assert change_in(sent(value=value)).value == value


def test_a_value_may_be_written_all_in_escapes() -> None:
    body = '{"key":"K","value":"' + "\\u0041" * MOST_VALUE_BYTES + '"}'
    assert change_in(body.encode()).value == "A" * MOST_VALUE_BYTES


@pytest.mark.parametrize("key", ["A", "A_1", "K" * 64])
def test_a_key_is_named_like_an_environment_variable(key: str) -> None:
    assert change_in(sent(key=key)).key == key


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (sent(key="lower"), "key"),
        (sent(key="1A"), "key"),
        (sent(key="K" * 65), "key"),
        (sent(key="K\n"), "key"),
        (sent(key=""), "key"),
        (sent(key=None), "key"),
        (sent(key=[SECRET]), "key"),
        (sent(value=""), "value"),
        (sent(value=SECRET * 1000), "value"),
        (sent(value=SECRET + "\0"), "value"),
        (sent(value=[SECRET]), "value"),
        (sent(value=None), "value"),
        (sent(more=SECRET), "'more'"),
        (f'{{"key": "K", "value": "{SECRET}\\ud800"}}'.encode(), "value"),
        (f'{{"key": "K", "value": "{SECRET}'.encode(), "body"),
        (SECRET.encode(), "body"),
        (json.dumps(SECRET).encode(), "body"),
        (sent(value="あ" * 20_000), "body"),
    ],
)
def test_a_wrong_field_is_named_without_its_value(body: bytes, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        change_in(body)
    assert str(refused.value).startswith(f"{field}: ")
    assert SECRET not in str(refused.value)
    assert SECRET not in repr(refused.value)


def test_a_printed_change_shows_no_value() -> None:
    assert SECRET not in repr(change_in(sent()))
