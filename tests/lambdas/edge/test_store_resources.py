"""The first deploy writes keys to the store and the parameters; later deploys keep them."""

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.edge.settings import OriginLockSettings, StoreSettings
from lambdas.edge.token_keys import CURRENT
from lambdas.shared.edge_store import Changes
from lambdas.shared.http.origin_lock import hash_of, hashes_of
from lambdas.shared.keys.secret_parameters import SecretParameters
from lambdas.shared.keys.signing_keys import made_at

NOW = 1_795_233_600
ARN = "arn:aws:cloudfront::111122223333:key-value-store/one"
ENTRIES = {"cfgthr#g:snake": {"v": 1, "order": [["score", "desc"]], "topN": 3}}


class Store:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.changes = 0

    def change(self, decide: Callable[[Mapping[str, str]], Changes]) -> Changes:
        self.changes += 1
        changes = decide(dict(self.kept))
        self.kept |= changes.puts
        for key in changes.deletes:
            del self.kept[key]
        return changes


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Store]:
    for name, value in StoreSettings(store_arn=ARN).to_environment().items():
        monkeypatch.setenv(name, value)
    resource = importlib.reload(importlib.import_module("lambdas.edge.store_resource"))
    kept = Store()
    monkeypatch.setattr(resource, "store", kept)
    monkeypatch.setattr(resource.time, "time", lambda: float(NOW))
    return resource, kept


def deployed(resource: Any, request_type: str, entries: dict[str, Any]) -> Any:
    properties = {"Entries": json.dumps(entries)}
    return resource.handler({"RequestType": request_type, "ResourceProperties": properties}, None)


def test_the_first_deploy_brings_the_games_and_the_key_that_signs(
    store: tuple[Any, Store],
) -> None:
    resource, kept = store
    assert deployed(resource, "Create", ENTRIES) == {"PhysicalResourceId": ARN}
    assert json.loads(kept.kept["cfgthr#g:snake"]) == ENTRIES["cfgthr#g:snake"]
    assert made_at(kept.kept[CURRENT]) == NOW
    assert kept.kept.keys() == {"cfgthr#g:snake", CURRENT}


def test_a_later_deploy_changes_games_and_no_key(
    store: tuple[Any, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, kept = store
    deployed(resource, "Create", ENTRIES)
    key = kept.kept[CURRENT]
    monkeypatch.setattr(resource.time, "time", lambda: float(NOW + 9))
    deployed(resource, "Update", {})
    assert kept.kept == {CURRENT: key}


def test_a_delete_leaves_the_store_to_cloudformation(store: tuple[Any, Store]) -> None:
    resource, kept = store
    answer = resource.handler({"RequestType": "Delete"}, None)
    assert (answer, kept.changes) == ({"PhysicalResourceId": ARN}, 0)


@pytest.fixture
def ssm() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("ssm", region_name="us-east-1")


@pytest.fixture
def lock(ssm: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings = OriginLockSettings(origin_lock_parameter="/lock")
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    resource = importlib.reload(importlib.import_module("lambdas.edge.origin_lock"))
    monkeypatch.setattr(resource, "parameters", SecretParameters(ssm, resource.logger))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return resource


def locks(ssm: Any) -> list[tuple[str, str]]:
    found = ssm.get_parameters(Names=["/lock"], WithDecryption=True)["Parameters"]
    return [(each["Type"], each["Value"]) for each in found]


def test_the_origin_lock_is_made_once_and_kept(lock: Any, ssm: Any) -> None:
    """A new one would lock out the distribution, which sends the old one."""
    assert lock.handler({"RequestType": "Create"}, None) == {"PhysicalResourceId": "/lock"}
    [(kind, value)] = locks(ssm)
    assert (kind, len(value) >= 43) == ("SecureString", True)
    for request_type in ("Update", "Create"):
        lock.handler({"RequestType": request_type}, None)
        assert locks(ssm) == [(kind, value)]


def published(ssm: Any) -> list[tuple[str, str]]:
    found = ssm.get_parameters(Names=["/lock-sha256"])["Parameters"]
    return [(each["Type"], each["Value"]) for each in found]


def test_the_hashes_of_a_lock_from_an_older_deploy_are_published(lock: Any, ssm: Any) -> None:
    ssm.put_parameter(Name="/lock", Type="SecureString", Value="new,old")
    lock.handler({"RequestType": "Update"}, None)
    assert locks(ssm) == [("SecureString", "new,old")]
    assert published(ssm) == [("String", f"{hash_of('new')},{hash_of('old')}")]


def test_hashes_that_a_rotation_has_published_meanwhile_are_kept(lock: Any, ssm: Any) -> None:
    ssm.put_parameter(Name="/lock", Type="SecureString", Value="old")
    ssm.put_parameter(Name="/lock-sha256", Type="String", Value=hashes_of("new,old"))
    lock.handler({"RequestType": "Update"}, None)
    assert published(ssm) == [("String", hashes_of("new,old"))]


def test_the_origin_lock_goes_with_the_stack(lock: Any, ssm: Any) -> None:
    lock.handler({"RequestType": "Create"}, None)
    for _ in range(2):
        assert lock.handler({"RequestType": "Delete"}, None) == {"PhysicalResourceId": "/lock"}
        assert (locks(ssm), published(ssm)) == ([], [])
