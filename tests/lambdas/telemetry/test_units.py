"""What counting is billed: one window of a day on which much has happened already."""

from math import ceil
from typing import Any

from config import units
from lambdas.shared.uuids import uuid7
from lambdas.telemetry.counter_table import CounterTable
from lambdas.telemetry.counting import changes_in
from local.billing import item_bytes
from local.boards import table_named
from tests.lambdas.telemetry.test_counting import NOON, event, record

PLAYERS = 4_000
NAMES = 50
SHARDS = 16


def test_a_window_of_a_busy_day_costs_no_more_than_is_reckoned(dynamodb: Any) -> None:
    project = uuid7(NOON)
    sequence = iter(range(1, 1_000_000))
    day = [
        record(
            "0",
            project=project,
            shard=str(number % SHARDS),
            sequence=next(sequence),
            player=f"player {number}",
        )
        for number in range(PLAYERS)
    ]
    day += [
        event(next(sequence), f"something_that_happened_{number}", project=project)
        for number in range(NAMES)
    ]
    day += [
        record("C", project=project, sequence=next(sequence), score=3**number)
        for number in range(30)
    ]
    with table_named(dynamodb, "billed") as name:
        CounterTable(dynamodb, name, wait=lambda _: None).count(changes_in(day))
        [item] = dynamodb.scan(TableName=name)["Items"]
    size = item_bytes(item)
    assert ceil(size / 1024) == units.COUNTED["dynamodb.writes"]
    assert ceil(size / 4096) == units.COUNTED["dynamodb.reads"]
