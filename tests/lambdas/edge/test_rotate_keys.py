"""The function that rotates: what it waits for, in which order, and how the lock is stored."""

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.edge.rotation import lock_of
from lambdas.edge.settings import RotationSettings
from lambdas.edge.token_keys import CURRENT, PREVIOUS, first_key
from lambdas.shared.edge_store import Changes
from lambdas.shared.origin_lock import REREAD_ON_MISMATCH_SECONDS

SETTINGS = RotationSettings(
    store_arn="arn:aws:cloudfront::111122223333:key-value-store/one",
    origin_lock_parameter="/lock",
    guard_function="drift-guard",
    rest_seconds=4000,
    propagation_seconds=77,
)
NOW = 1_795_233_600


class Function:
    """The deployed function, with its store, its parameter and the guard it calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in SETTINGS.to_environment().items():
            monkeypatch.setenv(name, value)
        self.did: list[str] = []
        self.keys = dict(first_key({}, NOW - SETTINGS.rest_seconds).puts)
        self.ssm = boto3.client("ssm", region_name="us-east-1")
        self.ssm.put_parameter(Name="/lock", Value="old", Type="SecureString")
        self.invoked: list[dict[str, Any]] = []
        module = importlib.reload(importlib.import_module("lambdas.edge.rotate_keys"))
        monkeypatch.setattr(module, "rotation", replace(module.rotation, store=self))
        monkeypatch.setattr(module.boto3, "client", self._client)
        monkeypatch.setattr(module.time, "sleep", lambda s: self.did.append(f"waited {s} s"))
        monkeypatch.setattr(module.time, "time", lambda: float(NOW))
        self.handler = module.handler

    def values(self) -> Mapping[str, str]:
        return dict(self.keys)

    def change(self, decide: Callable[[Mapping[str, str]], Changes]) -> None:
        before = self.keys.get(CURRENT)
        self.keys |= decide(self.keys).puts
        self.did.append("announced" if self.keys[CURRENT] == before else "promoted")

    def put_parameter(self, **request: Any) -> None:
        self.did.append("wrote the lock")
        self.ssm.put_parameter(**request)

    def get_parameter(self, **request: Any) -> Any:
        return self.ssm.get_parameter(**request)

    def invoke(self, **request: Any) -> None:
        self.did.append("called the guard")
        self.invoked.append(request)

    def _client(self, _service: str, **_: Any) -> "Function":
        return self


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    with mock_aws():
        yield Function(monkeypatch)


def test_a_rotation_waits_for_the_store_and_for_the_origins(function: Function) -> None:
    """A key signs when each place knows it; the new lock is sent when each origin will read it."""
    function.handler({}, None)
    assert function.did == [
        "announced",
        "waited 77 s",
        "promoted",
        "wrote the lock",
        f"waited {REREAD_ON_MISMATCH_SECONDS} s",
        "called the guard",
    ]


def test_the_lock_stays_encrypted_and_both_are_accepted(function: Function) -> None:
    answer = function.handler({}, None)
    parameter = function.ssm.get_parameter(Name="/lock", WithDecryption=True)["Parameter"]
    assert parameter["Type"] == "SecureString"
    assert parameter["Value"] == f"{lock_of(function.keys[CURRENT])},old"
    assert PREVIOUS in function.keys
    assert answer == {"madeAt": NOW}


def test_the_guard_is_called_by_name_and_not_waited_for(function: Function) -> None:
    function.handler({}, None)
    [request] = function.invoked
    assert (request["FunctionName"], request["InvocationType"]) == ("drift-guard", "Event")
    assert "why" in json.loads(request["Payload"])
