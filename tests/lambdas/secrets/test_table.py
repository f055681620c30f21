"""Sealed values by owner and key; what is listed is what there is."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.secrets import table as secret_table
from lambdas.secrets.errors import TooManyKeys, UnknownKey
from lambdas.secrets.table import SecretTable
from lambdas.secrets.vault import Sealed
from local.dynamodb.tables import table_named
from tests.lambdas.lagging import lagging
from tests.lambdas.two_creators import NOW, everything

OWNER, OTHER = "creator/a", "project/p"
NEVER: dict[str, Any] = {
    "ConditionCheck": {
        "TableName": "secrets",
        "Key": {"PK": "nobody", "SK": "NAMES"},
        "ConditionExpression": "attribute_exists(PK)",
    }
}


@pytest.fixture
def table(moto: Any) -> Iterator[SecretTable]:
    with table_named(moto, "secrets") as name:
        yield SecretTable(moto, name)


def put(
    table: SecretTable, key: str, blob: bytes = b"blob", owner: str = OWNER, now: str = NOW
) -> None:
    assert table.put(owner, key, Sealed(blob, "kms"), now, together_with=[]) is None


def test_keys_are_listed_in_the_order_of_their_making_each_once(table: SecretTable) -> None:
    assert table.keys(OWNER) == []
    for minute, key in enumerate(("B", "A", "C", "B")):
        put(table, key, now=f"2026-11-21T12:0{minute}:00.000Z")
    assert table.keys(OWNER) == ["B", "A", "C"]
    assert table.keys(OTHER) == []
    table.delete(OWNER, "B", together_with=[])
    put(table, "B", now="2026-11-21T12:09:00.000Z")
    assert table.keys(OWNER) == ["A", "C", "B"]


def test_the_last_value_counts_and_owners_are_apart(table: SecretTable) -> None:
    put(table, "A", b"old")
    put(table, "A", b"new")
    put(table, "A", b"other", OTHER)
    places = [(OWNER, "A"), (OTHER, "A"), (OWNER, "B")]
    assert table.sealed(places) == {
        (OWNER, "A"): Sealed(b"new", "kms"),
        (OTHER, "A"): Sealed(b"other", "kms"),
    }


def test_a_secret_that_was_just_put_or_deleted_is_read_consistently(table: SecretTable) -> None:
    """A key that its creator has replaced or withdrawn must not be handed out again."""
    put(table, "A", b"leaked")
    put(table, "B")
    with lagging(table._client, "secrets") as client:
        late = SecretTable(client, "secrets")
        put(table, "A", b"new")
        table.delete(OWNER, "B", together_with=[])
        assert late.keys(OWNER) == ["A"]
        found = late.sealed([(OWNER, "A"), (OWNER, "B")])
    assert found == {(OWNER, "A"): Sealed(b"new", "kms")}


def test_a_deleted_key_is_gone_from_the_list_and_can_be_put_again(table: SecretTable) -> None:
    put(table, "A")
    assert table.delete(OWNER, "A", together_with=[]) is None
    assert table.keys(OWNER) == []
    assert table.sealed([(OWNER, "A")]) == {}
    with pytest.raises(UnknownKey):
        table.delete(OWNER, "A", together_with=[])
    put(table, "A")
    assert table.keys(OWNER) == ["A"]


def test_there_are_only_so_many_keys(table: SecretTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_table, "MOST_KEYS", 2)
    put(table, "A")
    put(table, "B")
    with pytest.raises(TooManyKeys, match="you have 2 already"):
        put(table, "C")
    put(table, "A", b"again")
    assert table.keys(OWNER) == ["A", "B"]
    assert table.sealed([(OWNER, "C")]) == {}


def test_nothing_is_written_where_another_write_may_not_be(table: SecretTable) -> None:
    assert table.put(OWNER, "A", Sealed(b"x", "kms"), NOW, together_with=[NEVER]) == 0
    assert everything(table._client, "secrets") == []
    put(table, "A")
    assert table.delete(OWNER, "A", together_with=[NEVER]) == 0
    assert table.keys(OWNER) == ["A"]
