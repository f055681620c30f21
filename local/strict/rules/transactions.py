"""DynamoDB transactions that conflict, on demand of tests."""

from collections import defaultdict
from typing import Any, Final

from local.strict.registry import Call, Refusal, refuses

_conflicts: dict[str, int] = defaultdict(int)
"""The number of next writes that conflict, by table."""


def conflict(table: str, times: int) -> None:
    _conflicts[table] = times


def _conflicts_now(table: str) -> bool:
    if not _conflicts[table]:
        return False
    _conflicts[table] -= 1
    return True


_TRANSACTIONS: Final = (
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html"
    "#transaction-conflict-handling"
)
_ONGOING: Final = "Transaction is ongoing for the item"


@refuses(
    "dynamodb:TransactWriteItems",
    "dynamodb:TransactGetItems",
    what="a transaction that meets another one (in tests, on demand)",
    source=_TRANSACTIONS,
)
def transaction_conflicts(call: Call) -> Refusal | None:
    asked = call.json.get("TransactItems", ())
    items: list[dict[str, Any]] = [next(iter(each.values()), {}) for each in asked]
    reasons = [
        {"Code": "TransactionConflict", "Message": _ONGOING}
        if _conflicts_now(str(item.get("TableName")))
        else {"Code": "None"}
        for item in items
    ]
    codes = [reason["Code"] for reason in reasons]
    if "TransactionConflict" not in codes:
        return None
    return Refusal(
        400,
        "TransactionCanceledException",
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join(codes)}]",
        {"CancellationReasons": reasons},
    )


@refuses(
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    what="a write to an item that a transaction is writing (in tests, on demand)",
    source=_TRANSACTIONS,
)
def write_conflicts(call: Call) -> Refusal | None:
    if not any(_conflicts.values()) or not _conflicts_now(str(call.json.get("TableName"))):
        return None
    return Refusal(400, "TransactionConflictException", _ONGOING)
