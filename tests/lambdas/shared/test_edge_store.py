"""Writers of the edge's store take turns on its ETag, on an emulator that checks it."""

import time
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from config import units
from lambdas.shared.edge_store import Changes, EdgeStore
from local.cloud import Cloud
from local.edge.control import key_value_store_client


@pytest.fixture
def client(cloud: Cloud) -> Any:
    return key_value_store_client(cloud)


@pytest.fixture
def arn(cloud: Cloud) -> str:
    made = cloud.client("cloudfront").create_key_value_store(Name=f"s{time.time_ns()}")
    return str(made["KeyValueStore"]["ARN"])


def test_more_than_a_call_takes_is_written_in_turns(client: Any, arn: str) -> None:
    store = EdgeStore(client, arn)
    store.change(lambda _: Changes(puts={f"k{number}": "v" for number in range(120)}))
    store.change(lambda _: Changes(deletes={f"k{number}" for number in range(100)}))
    assert set(store.values()) == {f"k{number}" for number in range(100, 120)}


@pytest.mark.parametrize(("keys", "written"), [(1, 1), (50, 0), (51, 2), (120, 60)])
def test_a_visit_makes_as_many_calls_as_the_costs_say(
    client: Any, arn: str, keys: int, written: int
) -> None:
    store = EdgeStore(client, arn)
    store.change(lambda _: Changes(puts={f"k{number}": "v" for number in range(keys)}))
    calls: list[str] = []
    client.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    store.change(lambda _: Changes(puts={f"k{number}": "w" for number in range(written)}))
    assert len(calls) == units.store_change(keys, written)["cloudfront.store_calls"]


def test_a_writer_in_between_makes_us_decide_again(client: Any, arn: str) -> None:
    waits: list[float] = []
    store = EdgeStore(client, arn, waits.append)
    others = iter([True, True])

    def decide(values: Mapping[str, str]) -> Changes:
        if next(others, False):
            etag = client.describe_key_value_store(KvsARN=arn)["ETag"]
            count = str(len(values) + 1)
            client.put_key(KvsARN=arn, IfMatch=etag, Key=f"other{count}", Value=count)
        return Changes(puts={"seen": ",".join(sorted(values))})

    store.change(decide)
    assert store.values()["seen"] == "other1,other2"
    assert len(waits) == 2


def test_a_lasting_fault_is_raised(client: Any) -> None:
    gone = "arn:aws:cloudfront::000000000000:key-value-store/gone"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        EdgeStore(client, gone).change(lambda _: Changes(puts={"k": "v"}))
