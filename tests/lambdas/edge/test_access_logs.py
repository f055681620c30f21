"""CloudFront writes our log beside the owner's own, and only the owner's is left behind."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lambdas.edge.access_logs import AccessLog, Deliveries, read, written
from local.cloud import Cloud

ARN = "arn:aws:cloudfront::000000000000:distribution/E2EXAMPLE"
OTHER = "arn:aws:cloudfront::000000000000:distribution/E2OTHER"
LOG = AccessLog(
    name="htmlgame-insights", bucket="logs", prefix="edge", fields=("timestamp(ms)", "sc-status")
)


@pytest.fixture
def logs(cloud: Cloud) -> Iterator[Any]:
    client = cloud.client("logs")
    yield client
    for each in client.describe_deliveries()["deliveries"]:
        client.delete_delivery(id=each["id"])
    for each in client.describe_delivery_sources()["deliverySources"]:
        client.delete_delivery_source(name=each["name"])
    for each in client.describe_delivery_destinations()["deliveryDestinations"]:
        client.delete_delivery_destination(name=each["name"])


def applied(logs: Any, *wanted: AccessLog, arn: str = ARN) -> list[str]:
    return Deliveries(logs, arn, wanted or [LOG]).apply()


def state(logs: Any) -> str:
    listed = (
        logs.describe_deliveries()["deliveries"],
        logs.describe_delivery_sources()["deliverySources"],
        logs.describe_delivery_destinations()["deliveryDestinations"],
    )
    return json.dumps(listed, sort_keys=True)


def test_a_log_is_set_up_once(logs: Any) -> None:
    assert len(applied(logs)) == 3
    [delivery] = logs.describe_deliveries()["deliveries"]
    assert delivery["recordFields"] == ["timestamp(ms)", "sc-status"]
    [source] = logs.describe_delivery_sources()["deliverySources"]
    assert (source["resourceArns"], source["logType"]) == ([ARN], "ACCESS_LOGS")
    [destination] = logs.describe_delivery_destinations()["deliveryDestinations"]
    assert destination["outputFormat"] == "json"
    before = state(logs)
    assert applied(logs) == []
    assert state(logs) == before


def test_removal_leaves_nothing(logs: Any) -> None:
    empty = state(logs)
    applied(logs)
    assert len(Deliveries(logs, ARN, [LOG]).remove()) == 3
    assert state(logs) == empty
    assert Deliveries(logs, ARN, [LOG]).remove() == []


def test_a_log_that_is_switched_off_is_taken_out(logs: Any) -> None:
    empty = state(logs)
    applied(logs)
    applied(logs, AccessLog(name=LOG.name, on=False))
    assert state(logs) == empty


def test_the_owners_own_log_stays_as_it_is(logs: Any) -> None:
    """A distribution has one source at most, so ours delivers from the owner's."""
    logs.put_delivery_source(name="owners", resourceArn=ARN, logType="ACCESS_LOGS")
    own = logs.put_delivery_destination(
        name="owners",
        outputFormat="w3c",
        deliveryDestinationConfiguration={"destinationResourceArn": "arn:aws:s3:::owners"},
    )["deliveryDestination"]
    logs.create_delivery(deliverySourceName="owners", deliveryDestinationArn=own["arn"])
    before = state(logs)
    applied(logs)
    assert [each["name"] for each in logs.describe_delivery_sources()["deliverySources"]] == [
        "owners"
    ]
    assert len(logs.describe_deliveries()["deliveries"]) == 2
    Deliveries(logs, ARN, [LOG]).remove()
    assert state(logs) == before


def test_other_fields_make_another_delivery(logs: Any) -> None:
    applied(logs)
    changed = replace(LOG, fields=("sc-status",))
    assert len(applied(logs, changed)) == 2
    [delivery] = logs.describe_deliveries()["deliveries"]
    assert delivery["recordFields"] == ["sc-status"]
    assert applied(logs, changed) == []


def test_a_distribution_that_is_left_keeps_nothing_while_the_new_one_is_logged(logs: Any) -> None:
    applied(logs)
    applied(logs, arn=OTHER)
    Deliveries(logs, ARN, [LOG]).remove()
    [source] = logs.describe_delivery_sources()["deliverySources"]
    assert source["resourceArns"] == [OTHER]
    assert len(logs.describe_deliveries()["deliveries"]) == 1
    assert applied(logs, arn=OTHER) == []


def test_a_removal_that_was_interrupted_is_finished_by_the_next(logs: Any) -> None:
    empty = state(logs)
    applied(logs)
    [delivery] = logs.describe_deliveries()["deliveries"]
    logs.delete_delivery(id=delivery["id"])
    Deliveries(logs, ARN, [LOG]).remove()
    assert state(logs) == empty


def test_the_description_travels_as_text() -> None:
    assert read(written([LOG, replace(LOG, on=False)])) == [LOG, replace(LOG, on=False)]
