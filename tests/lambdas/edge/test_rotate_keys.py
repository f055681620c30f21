"""The rotation as it is deployed, with its own clients and waits."""

import importlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import boto3
import pytest

from lambdas.edge.settings import RotationSettings
from lambdas.edge.token_keys import CURRENT, TooSoonError
from lambdas.shared.edge_store import Changes, EdgeStore
from lambdas.shared.http.origin_lock import hashes_of, published_name
from local.access.loopback import connect_to_loopback
from local.cloud import Cloud
from local.edge.control import key_value_store_client
from tests.lambdas.edge.site import FIRST_LOCK, NOW, REST, STORE_SPREADS, Site

LOCK = "/test/rotated-lock"


class Accepted:
    status_code = 202


@dataclass
class Calls:
    """Reports each call of the function to the site."""

    site: Site
    arn: str
    store: EdgeStore
    guard: list[tuple[str, Any]] = field(default_factory=list)
    published: str = hashes_of(FIRST_LOCK)

    def listen_to(self, session: boto3.Session) -> None:
        on = session.events.register
        on("before-send.cloudfront-keyvaluestore", connect_to_loopback)
        on("after-call.cloudfront-keyvaluestore.UpdateKeys", self._updated)
        on("provide-client-params.ssm.PutParameter", self._written)
        on("before-call.lambda.Invoke", self._invoked)

    def _updated(self, **_: Any) -> None:
        self.site.holds(self.store.values())

    def _written(self, params: dict[str, Any], **_: Any) -> None:
        if params["Name"] == published_name(LOCK):
            self.published = params["Value"]
            return
        # Nobody sends a value whose hash is not published.
        assert self.published == hashes_of(params["Value"])
        self.site.write(params["Value"])

    def _invoked(self, params: dict[str, Any], **_: Any) -> Any:
        """Answers for the guard, which is not deployed here."""
        assert params["headers"]["X-Amz-Invocation-Type"] == "Event"
        self.guard.append((params["url_path"], json.loads(params["body"])))
        self.site.tell_the_distribution()
        return Accepted, {}


@pytest.fixture
def calls(cloud: Cloud) -> Calls:
    made = cloud.client("cloudfront").create_key_value_store(Name=f"s{time.time_ns()}")
    arn = str(made["KeyValueStore"]["ARN"])
    calls = Calls(Site(), arn, EdgeStore(key_value_store_client(cloud), arn))
    calls.store.write(Changes(puts=calls.site.keys))
    return calls


@pytest.fixture
def rotate_keys(
    cloud: Cloud, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    settings = RotationSettings(
        store_arn=calls.arn,
        origin_lock_parameter=LOCK,
        guard_function="guard",
        rest_seconds=REST,
        propagation_seconds=STORE_SPREADS,
    )
    of_the_store = f"http://localhost:{cloud.port}"
    variables = {**settings.to_environment(), **cloud.credentials()}
    variables["AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE"] = of_the_store
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session()
    calls.listen_to(session)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    monkeypatch.setattr(time, "sleep", calls.site.wait)
    monkeypatch.setattr(time, "time", lambda: calls.site.now)
    ssm = cloud.client("ssm")
    ssm.put_parameter(Name=LOCK, Value=FIRST_LOCK, Type="SecureString")
    yield importlib.reload(importlib.import_module("lambdas.edge.rotate_keys"))
    ssm.delete_parameters(Names=[LOCK, published_name(LOCK)])


def test_no_play_is_lost_and_no_origin_refuses_while_it_rotates(
    rotate_keys: ModuleType, calls: Calls
) -> None:
    """The site fails when a step comes before the previous one has spread."""
    first = calls.site.keys[CURRENT]
    assert rotate_keys.handler({}, None) == {"madeAt": NOW}
    assert calls.store.values()[CURRENT] != first
    assert calls.site.is_whole()
    path = "/2015-03-31/functions/guard/invocations"
    assert calls.guard == [(path, {"why": "the origin lock was rotated"})]


def test_it_keeps_the_lock_encrypted(rotate_keys: ModuleType, cloud: Cloud, calls: Calls) -> None:
    rotate_keys.handler({}, None)
    kept = cloud.client("ssm").get_parameter(Name=LOCK, WithDecryption=True)["Parameter"]
    assert (kept["Type"], kept["Value"]) == ("SecureString", calls.site.stored)


def test_it_publishes_hashes_of_the_lock_and_no_lock(
    rotate_keys: ModuleType, cloud: Cloud, calls: Calls
) -> None:
    rotate_keys.handler({}, None)
    kept = cloud.client("ssm").get_parameter(Name=published_name(LOCK))["Parameter"]
    assert (kept["Type"], kept["Value"]) == ("String", hashes_of(calls.site.stored))
    assert calls.site.sent not in kept["Value"]


def test_it_refuses_while_plays_of_the_last_key_may_be_under_way(
    rotate_keys: ModuleType, calls: Calls
) -> None:
    rotate_keys.handler({}, None)
    rotated = calls.store.values()
    with pytest.raises(TooSoonError):
        rotate_keys.handler({}, None)
    assert calls.store.values() == rotated
    calls.site.now += REST
    rotate_keys.handler({}, None)
    assert calls.store.values() != rotated
