"""A partition is listed and emptied page by page, on either implementation."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.shared.dynamo import partitions as module
from lambdas.shared.dynamo.partitions import Partitions
from local.dynamodb.tables import table_named
from tests.lambdas.two_creators import everything

PARTITION = "P#project"


@pytest.fixture
def partitions(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Partitions]:
    monkeypatch.setattr(module, "_PAGE", 4)
    with table_named(dynamodb, "emptied"):
        for number in range(10):
            put(dynamodb, PARTITION, f"{'IO'[number % 2]}#{number}", "ann" if number < 7 else "bob")
        put(dynamodb, "P#another", "I#0", "ann")
        yield Partitions(dynamodb, {"short": "emptied"}, wait=lambda _: None)


def put(client: Any, pk: str, sk: str, owner: str) -> None:
    item = {"PK": {"S": pk}, "SK": {"S": sk}, "owner": {"S": owner}}
    client.put_item(TableName="emptied", Item=item)


def keys(partitions: Partitions, **which: str) -> list[str]:
    return [key for page in partitions.pages("short", PARTITION, **which) for key in page.keys]


def test_every_key_is_listed_once_in_order(partitions: Partitions) -> None:
    listed = [f"{kind}#{number}" for kind in "IO" for number in range("IO".index(kind), 10, 2)]
    assert keys(partitions) == listed
    assert all(len(page.keys) <= 4 for page in partitions.pages("short", PARTITION))


def test_a_listing_goes_on_after_any_of_its_pages(partitions: Partitions) -> None:
    first = next(partitions.pages("short", PARTITION))
    assert first.next is not None
    assert first.keys + keys(partitions, after=first.next) == keys(partitions)


def test_a_prefix_or_an_owner_narrows_it(partitions: Partitions) -> None:
    assert keys(partitions, prefix="O#") == ["O#1", "O#3", "O#5", "O#7", "O#9"]
    assert keys(partitions, owner="bob") == ["I#8", "O#7", "O#9"]
    assert keys(partitions, prefix="I#", owner="bob") == ["I#8"]


def test_deleted_items_are_gone_and_the_rest_stays(partitions: Partitions, dynamodb: Any) -> None:
    for number in range(30):
        put(dynamodb, PARTITION, f"Z#{number:02}", "ann")
    partitions.delete("short", PARTITION, [*keys(partitions, prefix="Z#"), "I#0"])
    assert len(keys(partitions)) == 9
    assert len(everything(dynamodb, "emptied")) == 10


def test_a_shortened_item_expires_and_one_that_is_gone_stays_gone(
    partitions: Partitions, dynamodb: Any
) -> None:
    partitions.shorten("short", PARTITION, "I#0", 1234)
    partitions.shorten("short", PARTITION, "I#none", 1234)
    expiring = [item for item in everything(dynamodb, "emptied") if "expires" in item]
    assert [(item["SK"]["S"], item["expires"]["N"]) for item in expiring] == [("I#0", "1234")]
    assert len(everything(dynamodb, "emptied")) == 11
