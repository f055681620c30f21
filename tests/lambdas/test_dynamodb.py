"""Differences between moto and dynalite, decided by AWS's documentation.

A table test that fails on one of them alone is settled here. Where AWS agrees with dynalite, moto's
answer may change with its next release, and the other way round: then the row goes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.dynamodb.tables import table_named
from tests.dynamodb import is_moto

KEY = {"PK": {"S": "p"}, "SK": {"S": "s"}}
PARTITION = {"KeyConditionExpression": "PK = :p"}


@dataclass(frozen=True)
class Question:
    ask: Callable[[Any], object]
    moto: object
    dynalite: object
    aws: object


def units(answer: Any) -> float:
    consumed = answer["ConsumedCapacity"]
    each = consumed if isinstance(consumed, list) else [consumed]
    return float(sum(table["CapacityUnits"] for table in each))


_REFUSALS = {"ValidationException", "ConditionalCheckFailedException"}


def refused(call: Callable[..., Any], **request: Any) -> bool:
    try:
        call(TableName="questions", **request)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _REFUSALS:
            raise
        return True
    return False


def put(client: Any, sk: str = "s", **attributes: Any) -> float:
    item = KEY | {"SK": {"S": sk}} | attributes
    answer = client.put_item(TableName="questions", Item=item, ReturnConsumedCapacity="TOTAL")
    return units(answer)


def query(client: Any, **more: Any) -> Any:
    return client.query(
        TableName="questions",
        **(PARTITION | {"ExpressionAttributeValues": {":p": {"S": "p"}}} | more),
        ReturnConsumedCapacity="TOTAL",
    )


def put_of_two_kilobytes(client: Any) -> float:
    return put(client, x={"S": "x" * 2000})


def put_of_1200_bytes_in_400_kana(client: Any) -> float:
    return put(client, x={"S": "あ" * 400})


def update_of_two_kilobytes(client: Any) -> float:
    put_of_two_kilobytes(client)
    return units(
        client.update_item(
            TableName="questions",
            Key=KEY,
            UpdateExpression="REMOVE y",
            ReturnConsumedCapacity="TOTAL",
        )
    )


def query_of_nothing(client: Any) -> float:
    return units(query(client))


def query_of_ten_kilobytes(client: Any) -> float:
    for number in range(10):
        put(client, str(number), x={"S": "x" * 1000})
    return units(query(client))


def batch_of_two_items(client: Any) -> float:
    items = [KEY | {"SK": {"S": sk}, "x": {"S": "x" * 1500}} for sk in "ab"]
    requests = [{"PutRequest": {"Item": item}} for item in items]
    return units(
        client.batch_write_item(
            RequestItems={"questions": requests}, ReturnConsumedCapacity="TOTAL"
        )
    )


def consistent_read_of_nothing(client: Any) -> float:
    return units(
        client.get_item(
            TableName="questions", Key=KEY, ConsistentRead=True, ReturnConsumedCapacity="TOTAL"
        )
    )


def key_after_the_last_page(client: Any) -> object:
    put(client)
    return "LastEvaluatedKey" in query(client, Limit=1)


def number_of_39_digits_is_refused(client: Any) -> bool:
    return refused(client.put_item, Item=KEY | {"x": {"N": "1" * 39}})


def set_with_the_same_twice_is_refused(client: Any) -> bool:
    return refused(client.put_item, Item=KEY | {"x": {"SS": ["a", "a"]}})


def start_in_another_partition_is_refused(client: Any) -> bool:
    values = {":p": {"S": "p"}}
    start = KEY | {"PK": {"S": "another"}}
    more = {"ExpressionAttributeValues": values, "ExclusiveStartKey": start}
    return refused(client.query, **PARTITION, **more)


def batch_of_26_is_refused(client: Any) -> bool:
    def call(**_: Any) -> None:
        items = [{"PutRequest": {"Item": KEY | {"SK": {"S": str(n)}}}} for n in range(26)]
        client.batch_write_item(RequestItems={"questions": items})

    return refused(call)


def text_is_compared_by_its_utf8_bytes(client: Any) -> bool:
    """U+FF5E comes before U+20BB7, whose UTF-16 form comes before it."""
    put(client, x={"S": "\uff5e"})
    return not refused(
        client.update_item,
        Key=KEY,
        UpdateExpression="REMOVE y",
        ConditionExpression="x < :other",
        ExpressionAttributeValues={":other": {"S": "\U00020bb7"}},
    )


QUESTIONS = [
    # Developer guide, "DynamoDB read and write operations".
    Question(put_of_two_kilobytes, moto=1, dynalite=2, aws=2),
    Question(update_of_two_kilobytes, moto=0.5, dynalite=2, aws=2),
    Question(batch_of_two_items, moto=1, dynalite=4, aws=4),
    Question(query_of_ten_kilobytes, moto=1, dynalite=1.5, aws=1.5),
    Question(consistent_read_of_nothing, moto=0.5, dynalite=1, aws=1),
    # The same: a Query is charged "even if no data exists".
    Question(query_of_nothing, moto=1, dynalite=0, aws=0.5),
    # "DynamoDB item sizes and formats": text counts its UTF-8 bytes.
    # local/dynamodb/billing.py counts so.
    Question(put_of_1200_bytes_in_400_kana, moto=1, dynalite=1, aws=2),
    # API reference, Query: a LastEvaluatedKey may be followed by nothing.
    Question(key_after_the_last_page, moto=False, dynalite=True, aws=True),
    # "Supported data types and naming rules".
    Question(number_of_39_digits_is_refused, moto=False, dynalite=True, aws=True),
    Question(set_with_the_same_twice_is_refused, moto=False, dynalite=True, aws=True),
    Question(text_is_compared_by_its_utf8_bytes, moto=True, dynalite=False, aws=True),
    # API reference, Query and BatchWriteItem.
    Question(start_in_another_partition_is_refused, moto=False, dynalite=True, aws=True),
    Question(batch_of_26_is_refused, moto=False, dynalite=True, aws=True),
]


@pytest.fixture
def client(dynamodb: Any) -> Iterator[Any]:
    with table_named(dynamodb, "questions"):
        yield dynamodb


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.ask.__name__)
def test_each_implementation_answers_as_it_is_known_to(client: Any, question: Question) -> None:
    known = question.moto if is_moto(client) else question.dynalite
    assert question.ask(client) == known


def test_no_question_is_kept_that_both_answer_as_aws_does() -> None:
    assert all({each.moto, each.dynalite} != {each.aws} for each in QUESTIONS)


def test_a_parameter_that_dynalite_does_not_know_is_refused(dynalite: Any) -> None:
    """Otherwise it is ignored, and the test of it passes without it."""
    with pytest.raises(ClientError, match="dynalite does not know StreamSpecification"):
        dynalite.create_table(
            TableName="streamed",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
