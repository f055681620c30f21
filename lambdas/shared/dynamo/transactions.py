"""Several writes that happen together or not at all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from lambdas.shared.dynamo.items import Item, request_of
from lambdas.shared.dynamo.units import Spent
from lambdas.shared.http.errors import Busy

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_CONDITION: Final = "ConditionalCheckFailed"
_TRANSIENT: Final = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

Write = dict[str, Item]
"""A kind of write and its parameters: {"Put": {"TableName": …, "Item": …}}."""


def write_together(client: "DynamoDBClient", spent: Spent, writes: Sequence[Write]) -> int | None:
    """The index of the first write whose condition did not hold; None where all succeeded."""
    transaction: list[Any] = [
        {kind: request_of(call) for kind, call in write.items()} for write in writes
    ]
    try:
        answer = client.transact_write_items(
            TransactItems=transaction, ReturnConsumedCapacity="TOTAL"
        )
    except client.exceptions.TransactionCanceledException as cancelled:
        return _failed(cancelled)
    spent.wrote(answer)
    return None


def _failed(cancelled: ClientError) -> int:
    reasons: Any = cancelled.response.get("CancellationReasons", [])
    codes = [reason.get("Code") for reason in reasons]
    if _CONDITION in codes:
        return codes.index(_CONDITION)
    if _TRANSIENT & set(codes):
        raise Busy
    raise cancelled
