"""The keys of the telemetry: made once, rotated by schedule, and taken away with the stack."""

import importlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.shared.keys.key_ring import REREAD_SECONDS, TooSoonError
from lambdas.shared.keys.secret_parameters import SecretParameters
from lambdas.shared.keys.signing_keys import made_at
from lambdas.shared.keys.tokens import TOKEN_SECONDS
from lambdas.telemetry.settings import KeysSettings

NOW = 1_795_262_400
TOKENS, HASHES = "/tokens", "/hashes"


@pytest.fixture
def ssm() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("ssm", region_name="us-east-1")


@pytest.fixture
def keys(ssm: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The function of a stack that is deleted with its tables."""
    return loaded(ssm, monkeypatch, keep_hash_key=0)


def loaded(ssm: Any, monkeypatch: pytest.MonkeyPatch, *, keep_hash_key: int) -> Any:
    settings = KeysSettings(
        token_keys_parameter=TOKENS, hash_key_parameter=HASHES, keep_hash_key=keep_hash_key
    )
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("time.time", lambda: float(NOW))
    resource = importlib.reload(importlib.import_module("lambdas.telemetry.keys_resource"))
    monkeypatch.setattr(resource, "parameters", SecretParameters(ssm, resource.logger))
    return resource


def asked(keys: Any, request_type: str) -> Any:
    return keys.handler({"RequestType": request_type}, None)


def stored(ssm: Any) -> dict[str, str]:
    found = ssm.get_parameters(Names=[TOKENS, HASHES], WithDecryption=True)["Parameters"]
    assert {each["Type"] for each in found} <= {"SecureString"}
    return {each["Name"]: each["Value"] for each in found}


def test_the_first_deploy_makes_both_keys_and_the_next_keeps_them(keys: Any, ssm: Any) -> None:
    assert asked(keys, "Create") == {"PhysicalResourceId": TOKENS}
    made = stored(ssm)
    assert made_at(made[TOKENS]) == NOW
    assert len(made[HASHES]) >= 43
    for request_type in ("Update", "Create"):
        asked(keys, request_type)
        assert stored(ssm) == made


def test_the_last_delete_takes_both_and_finds_nothing_when_it_comes_again(
    keys: Any, ssm: Any
) -> None:
    asked(keys, "Create")
    for _ in range(2):
        assert asked(keys, "Delete") == {"PhysicalResourceId": TOKENS}
        assert stored(ssm) == {}


def test_where_the_tables_stay_the_key_that_hashed_their_players_stays(
    ssm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = loaded(ssm, monkeypatch, keep_hash_key=1)
    asked(keys, "Create")
    made = stored(ssm)
    asked(keys, "Delete")
    assert stored(ssm) == {HASHES: made[HASHES]}


def test_a_rotation_makes_a_new_key_and_honours_the_last(
    keys: Any, ssm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(keys, "Create")
    before = stored(ssm)
    monkeypatch.setattr("time.time", lambda: float(NOW + 60))
    assert keys.handler({}, None) == {"madeAt": NOW + 60}
    after = stored(ssm)
    newest, previous = after[TOKENS].split(",")
    assert (made_at(newest), previous) == (NOW + 60, before[TOKENS])
    assert after[HASHES] == before[HASHES]


def test_a_rotation_waits_until_no_token_of_the_key_before_is_good(
    keys: Any, ssm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(keys, "Create")
    monkeypatch.setattr("time.time", lambda: float(NOW + 60))
    keys.handler({}, None)
    rotated = stored(ssm)
    over = NOW + 60 + REREAD_SECONDS + TOKEN_SECONDS
    monkeypatch.setattr("time.time", lambda: float(over - 1))
    with pytest.raises(TooSoonError, match="rotate again in 1 s"):
        keys.handler({}, None)
    assert stored(ssm) == rotated
    monkeypatch.setattr("time.time", lambda: float(over))
    assert keys.handler({}, None) == {"madeAt": over}
