"""Requests are counted by the minute, and a count outlives its minute."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.shared.dynamo.rate_table import RateTable, TooManyRequests

MINUTE = 60
BEGIN = 1_795_262_400
"""The first second of a minute."""
SESSION = "0190a5b0-0000-7000-8000-00000000cafe"


@pytest.fixture
def rates(dynamodb: Any) -> Iterator[RateTable]:
    dynamodb.create_table(
        TableName="rates",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield RateTable(dynamodb, "rates", of_address=3, of_session=2)
    dynamodb.delete_table(TableName="rates")


@pytest.mark.parametrize("second", [0, 30, 59])
def test_a_count_is_kept_until_its_minute_is_over_and_not_for_ever(
    rates: RateTable, dynamodb: Any, second: int
) -> None:
    """DynamoDB deletes the item when its `expires` has passed; the count would begin again."""
    rates.take("home", SESSION, BEGIN + second)
    [item] = dynamodb.scan(TableName="rates")["Items"]
    assert BEGIN + MINUTE <= int(item["expires"]["N"]) <= BEGIN + 10 * MINUTE


def test_a_session_has_its_limit_within_that_of_its_address(rates: RateTable) -> None:
    for _ in range(2):
        rates.take("home", SESSION, BEGIN)
    with pytest.raises(TooManyRequests) as of_session:
        rates.take("home", SESSION, BEGIN + 59)
    assert of_session.value.retry_after == 1
    rates.take("home", "another-beside", BEGIN)
    with pytest.raises(TooManyRequests) as of_address:
        rates.take("home", "a-third-one", BEGIN)
    assert of_address.value.retry_after == MINUTE
    rates.take("elsewhere", SESSION, BEGIN)
    rates.take("home", SESSION, BEGIN + MINUTE)


def test_a_refused_request_is_billed_as_a_write_and_counted_as_one(rates: RateTable) -> None:
    for _ in range(2):
        rates.take("home", SESSION, BEGIN)
    rates.spent.writes = 0
    with pytest.raises(TooManyRequests):
        rates.take("home", SESSION, BEGIN)
    assert rates.spent.writes == 1
