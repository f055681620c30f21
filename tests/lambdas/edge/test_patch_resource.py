"""The custom resource speaks of the distribution that CloudFormation means, old or new."""

import importlib
import io
import json
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.edge.apis import Api, Forward, written
from lambdas.edge.distribution import Distribution
from lambdas.edge.settings import PatchSettings
from local.cloud import Cloud
from tests.lambdas.edge.test_distribution import make_distribution
from tests.lambdas.edge.test_patch import behind_the_site
from tests.lambdas.edge.test_patch_plan import patterns

CREATE = {"RequestType": "Create"}


class Context:
    """A Lambda context whose remaining time shrinks at each call."""

    def __init__(self, *left_ms: int) -> None:
        self._left_ms = iter(left_ms)

    def get_remaining_time_in_millis(self) -> int:
        return next(self._left_ms)


NO_TIME = Context()
"""For what must not wait."""


@pytest.fixture
def client(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in cloud.credentials().items():
        monkeypatch.setenv(name, value)
    ssm = cloud.client("ssm")
    for name, value in (("/test/lock", "lock"), ("/test/endpoint", "https://api.example/prod")):
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    cloud.client("s3").create_bucket(Bucket="test-backups")
    return cloud.client("cloudfront")


@pytest.fixture
def resource(client: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """The handler as it runs after a deploy for this distribution."""
    name = f"f{time.time_ns()}"
    made = client.create_function(
        Name=name,
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=b"function handler(event) { return event.request; }",
    )
    client.publish_function(Name=name, IfMatch=made["ETag"])
    arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]

    def deployed_for(distribution_id: str, *more: Api) -> ModuleType:
        settings = PatchSettings(
            distribution_id=distribution_id,
            backup_bucket="test-backups",
            origin_lock_parameter="/test/lock",
            apis=written([*behind_the_site(arn), *more]),
            distribution_arn="arn:aws:cloudfront::000000000000:distribution/any",
            access_logs="[]",
        )
        for variable, value in settings.to_environment().items():
            monkeypatch.setenv(variable, value)
        module = importlib.import_module("lambdas.edge.patch_resource")
        return importlib.reload(module)

    return deployed_for


def ours_in(client: Any, distribution_id: str) -> list[str]:
    return patterns(Distribution(client, distribution_id).read().xml)


def test_moving_to_another_distribution_leaves_the_old_and_stays_in_the_new(
    client: Any, resource: Callable[[str], ModuleType]
) -> None:
    old, new = make_distribution(client), make_distribution(client)
    before = resource(old).handler(CREATE, NO_TIME)["PhysicalResourceId"]
    moved = resource(new)
    update = {"RequestType": "Update", "PhysicalResourceId": before}
    after = moved.handler(update, NO_TIME)["PhysicalResourceId"]
    assert after != before
    # CloudFormation deletes what an update has replaced.
    replaced = {"RequestType": "Delete", "PhysicalResourceId": before}
    # The provider framework fails a delete that answers another id than it was asked about.
    assert moved.handler(replaced, NO_TIME)["PhysicalResourceId"] == before
    assert ours_in(client, old) == []
    assert "/api/scores/*" in ours_in(client, new)
    moved.handler({"RequestType": "Delete", "PhysicalResourceId": after}, NO_TIME)
    assert ours_in(client, new) == []


TOY = Api(
    origin="htmlgame-toy",
    endpoint="/test/endpoint",
    forwards=(Forward(pattern="/api/toy/*", writes=True),),
)


def test_an_api_that_is_removed_is_taken_out_of_the_distribution(
    client: Any, resource: Callable[..., ModuleType]
) -> None:
    """A capability that is gone from the project is in no setting any more."""
    distribution = make_distribution(client)
    with_toy = resource(distribution, TOY)
    with_toy.handler(CREATE, NO_TIME)
    assert "/api/toy/*" in ours_in(client, distribution)
    before = with_toy.settings.to_environment()
    update = {
        "RequestType": "Update",
        "PhysicalResourceId": distribution,
        "OldResourceProperties": before,
    }
    resource(distribution).handler(update, NO_TIME)
    left = ours_in(client, distribution)
    assert "/api/toy/*" not in left
    assert "/api/scores/*" in left
    assert b"htmlgame-toy" not in Distribution(client, distribution).read().xml


def test_settings_of_an_earlier_version_name_no_api(
    client: Any, resource: Callable[..., ModuleType]
) -> None:
    """They had a setting for each API."""
    distribution = make_distribution(client)
    before = {"SCORES_ENDPOINT_PARAMETER": "/test/endpoint"}
    update = {
        "RequestType": "Update",
        "PhysicalResourceId": distribution,
        "OldResourceProperties": before,
    }
    resource(distribution).handler(update, NO_TIME)
    assert "/api/scores/*" in ours_in(client, distribution)


def test_an_old_distribution_that_may_not_be_touched_is_named_and_keeps_nobody(
    client: Any, resource: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its grant went with the deploy that moved on."""
    new = make_distribution(client)
    moved = resource(new)
    moved.handler(CREATE, NO_TIME)
    said = io.StringIO()
    monkeypatch.setattr(moved.logger, "warning", lambda *a, **k: said.write(json.dumps([a, k])))
    monkeypatch.setattr(moved.patcher._cloudfront, "get_distribution_config", _refuse, raising=True)
    moved.handler({"RequestType": "Delete", "PhysicalResourceId": "EOLD/htmlgame"}, NO_TIME)
    assert "make patch-remove DISTRIBUTION=EOLD" in said.getvalue()
    with pytest.raises(ClientError, match="AccessDenied"):
        moved.handler({"RequestType": "Delete", "PhysicalResourceId": f"{new}/htmlgame"}, NO_TIME)


def _refuse(**_: Any) -> None:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "GetDistributionConfig")


@pytest.fixture
def spreading(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the distribution's status is at each look; no emulator is in progress on request."""
    statuses: list[str] = []
    monkeypatch.setattr(Distribution, "is_deployed", lambda _: statuses.pop(0) == "Deployed")
    return statuses


def test_a_removal_waits_until_no_edge_location_uses_the_functions(
    client: Any, resource: Callable[[str], ModuleType], spreading: list[str]
) -> None:
    distribution_id = make_distribution(client)
    deployed = resource(distribution_id)
    physical_id = deployed.handler(CREATE, NO_TIME)["PhysicalResourceId"]
    waits: list[float] = []
    deployed.patcher._wait = waits.append
    spreading += ["InProgress", "InProgress", "Deployed", "not asked again"]
    delete = {"RequestType": "Delete", "PhysicalResourceId": physical_id}
    deployed.handler(delete, Context(800_000, 785_000))
    assert ours_in(client, distribution_id) == []
    assert len(waits) == 2
    assert spreading == ["not asked again"]


def test_a_removal_that_spreads_for_too_long_ends_in_time_and_says_what_to_do(
    client: Any,
    resource: Callable[[str], ModuleType],
    spreading: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    distribution_id = make_distribution(client)
    deployed = resource(distribution_id)
    physical_id = deployed.handler(CREATE, NO_TIME)["PhysicalResourceId"]
    said: list[str] = []
    monkeypatch.setattr(deployed.logger, "warning", said.append)
    deployed.patcher._wait = lambda _: None
    spreading += ["InProgress"] * 3
    delete = {"RequestType": "Delete", "PhysicalResourceId": physical_id}
    assert deployed.handler(delete, Context(60_000, 31_000, 29_000)) == {
        "PhysicalResourceId": physical_id
    }
    assert "until its status is Deployed, then delete the stack again" in said[0]


def test_a_removal_from_a_distribution_that_was_left_does_not_wait(
    client: Any, resource: Callable[[str], ModuleType], spreading: list[str]
) -> None:
    """Its functions stay: the new distribution uses them."""
    old, new = make_distribution(client), make_distribution(client)
    before = resource(old).handler(CREATE, NO_TIME)["PhysicalResourceId"]
    moved = resource(new)
    moved.handler({"RequestType": "Update", "PhysicalResourceId": before}, NO_TIME)
    moved.handler({"RequestType": "Delete", "PhysicalResourceId": before}, NO_TIME)
    assert spreading == []
    assert ours_in(client, old) == []


def test_a_removal_where_the_distribution_is_gone_ends_at_once(
    resource: Callable[[str], ModuleType],
) -> None:
    deployed = resource("EGONE")
    delete = {"RequestType": "Delete", "PhysicalResourceId": "EGONE/htmlgame"}
    assert deployed.handler(delete, NO_TIME) == {"PhysicalResourceId": "EGONE/htmlgame"}
