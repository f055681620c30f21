"""Several writes that happen together or not at all."""

from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from lambdas.shared.dynamo.units import Spent
from lambdas.shared.http.errors import Busy

_CONDITION: Final = "ConditionalCheckFailed"
_PASSING: Final = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

Item = dict[str, Any]


def write_together(client: Any, spent: Spent, writes: Sequence[Item]) -> int | None:
    """The place of the first write whose condition did not hold; None where all was written."""
    try:
        answer = client.transact_write_items(
            TransactItems=list(writes), ReturnConsumedCapacity="TOTAL"
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
    if _PASSING & set(codes):
        raise Busy
    raise cancelled
