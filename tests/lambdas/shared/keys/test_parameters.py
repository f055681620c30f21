"""A function's parameters are read together at its start, and each for itself from then on."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from lambdas.shared.keys.parameters import Parameters, ParametersMissing, read_parameters

LOCK, KEYS, HASH = "/test/lock", "/test/keys", "/test/hash"


class Ssm:
    """moto's, with what was asked of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._client = boto3.client("ssm", region_name="us-east-1")
        self.asked: list[list[str]] = []
        self.fault: ClientError | None = None
        make = boto3.client

        def made(service: str, **options: Any) -> Any:
            client = make(service, **options)
            client.meta.events.register("provide-client-params.ssm.*", self._note)
            return client

        monkeypatch.setattr(boto3, "client", made)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        assert model.name == "GetParameters"
        assert params["WithDecryption"] is True
        self.asked.append(params["Names"])
        if self.fault is not None:
            raise self.fault

    def put(self, name: str, value: str) -> None:
        self._client.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)

    def delete(self, name: str) -> None:
        self._client.delete_parameter(Name=name)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ssm]:
    with mock_aws():
        ssm = Ssm(monkeypatch)
        for name in (LOCK, KEYS, HASH):
            ssm.put(name, f"{name} 1")
        yield ssm


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def parameters(ssm: Ssm, clock: Clock) -> Parameters:
    assert ssm.asked == []
    return Parameters(LOCK, KEYS, HASH, clock=clock)


def test_a_cold_start_asks_once_however_many_it_reads(ssm: Ssm, parameters: Parameters) -> None:
    assert [parameters.reader(name)() for name in (LOCK, KEYS, HASH)] == [
        "/test/lock 1",
        "/test/keys 1",
        "/test/hash 1",
    ]
    assert ssm.asked == [[LOCK, KEYS, HASH]]


def test_a_value_is_returned_once_and_read_again_from_then_on(
    ssm: Ssm, parameters: Parameters
) -> None:
    read = parameters.reader(LOCK)
    read()
    ssm.put(LOCK, "rotated")
    assert read() == "rotated"
    assert ssm.asked[1:] == [[LOCK]]


def test_a_value_fetched_too_long_ago_is_not_returned(
    ssm: Ssm, parameters: Parameters, clock: Clock
) -> None:
    """A rotation waits until no function uses a value that it read before."""
    parameters.reader(LOCK)()
    ssm.put(KEYS, "rotated")
    clock.now += 1.9
    assert parameters.reader(HASH)() == "/test/hash 1"
    clock.now += 0.1
    assert parameters.reader(KEYS)() == "rotated"
    assert ssm.asked[1:] == [[KEYS]]


def test_a_parameter_that_is_gone_stops_nobody_who_does_not_read_it(
    ssm: Ssm, parameters: Parameters
) -> None:
    ssm.delete(HASH)
    assert parameters.reader(LOCK)() == "/test/lock 1"
    with pytest.raises(ParametersMissing, match="no SSM parameter /test/hash: deploy"):
        parameters.reader(HASH)()
    ssm.put(HASH, "back")
    assert parameters.reader(HASH)() == "back"


def test_a_start_that_was_throttled_is_tried_again_for_all(
    ssm: Ssm, parameters: Parameters
) -> None:
    ssm.fault = ClientError({"Error": {"Code": "ThrottlingException"}}, "GetParameters")
    with pytest.raises(ClientError, match="ThrottlingException"):
        parameters.reader(LOCK)()
    ssm.fault = None
    assert parameters.reader(LOCK)() == "/test/lock 1"
    assert ssm.asked == [[LOCK, KEYS, HASH]] * 2


def test_several_are_read_at_once_or_named_if_they_are_missing(ssm: Ssm) -> None:
    assert read_parameters(LOCK, KEYS) == {LOCK: "/test/lock 1", KEYS: "/test/keys 1"}
    assert ssm.asked == [[LOCK, KEYS]]
    with pytest.raises(ParametersMissing, match="/test/a, /test/b"):
        read_parameters(LOCK, "/test/a", "/test/b")
