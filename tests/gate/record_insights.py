"""Records the items of Insights and the answers for them: python -m tests.gate.record_insights.

Run it when a form of item is new. An older record stays readable, so change recorded items with
care: `test_recorded_insights` then no longer shows that the older ones are.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import boto3
from moto import mock_aws

from local.dynamodb.tables import table_named
from tests.gate.insights import TABLES, answers, items, store
from tests.gate.recorded import INSIGHTS


@contextmanager
def stored_nowhere() -> Iterator[Any]:
    """Empty tables in memory."""
    with mock_aws(), ExitStack() as stack:
        client = boto3.client("dynamodb", region_name="us-east-1")
        for each in TABLES:
            keys = ("PK",) if each == "minutes" else ("PK", "SK")
            stack.enter_context(table_named(client, each, *keys))
        yield client


def main() -> None:
    with stored_nowhere() as client:
        store(client)
        recorded = {"items": items(client), "answers": answers(client)}
    INSIGHTS.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
