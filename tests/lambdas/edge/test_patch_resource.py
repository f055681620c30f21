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

from lambdas.edge.distribution import Distribution
from lambdas.edge.settings import PatchSettings
from local.cloud import Cloud
from tests.lambdas.edge.test_distribution import make_distribution
from tests.lambdas.edge.test_patch_plan import patterns

CREATE = {"RequestType": "Create"}


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

    def deployed_for(distribution_id: str) -> ModuleType:
        settings = PatchSettings(
            distribution_id=distribution_id,
            backup_bucket="test-backups",
            origin_lock_parameter="/test/lock",
            scores_endpoint_parameter="/test/endpoint",
            telemetry_endpoint_parameter="",
            api_base_path="/api",
            get_start=arn,
            get_end=arn,
            validate=arn,
            ranking_cache_policy="policy",
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
    before = resource(old).handler(CREATE, None)["PhysicalResourceId"]
    moved = resource(new)
    update = {"RequestType": "Update", "PhysicalResourceId": before}
    after = moved.handler(update, None)["PhysicalResourceId"]
    assert after != before
    # CloudFormation deletes what an update has replaced.
    replaced = {"RequestType": "Delete", "PhysicalResourceId": before}
    # The provider framework fails a delete that answers another id than it was asked about.
    assert moved.handler(replaced, None)["PhysicalResourceId"] == before
    assert ours_in(client, old) == []
    assert "/api/scores/*" in ours_in(client, new)
    moved.handler({"RequestType": "Delete", "PhysicalResourceId": after}, None)
    assert ours_in(client, new) == []


def test_an_old_distribution_that_may_not_be_touched_is_named_and_keeps_nobody(
    client: Any, resource: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its grant went with the deploy that moved on."""
    new = make_distribution(client)
    moved = resource(new)
    moved.handler(CREATE, None)
    said = io.StringIO()
    monkeypatch.setattr(moved.logger, "warning", lambda *a, **k: said.write(json.dumps([a, k])))
    monkeypatch.setattr(moved.patcher._cloudfront, "get_distribution_config", _refuse, raising=True)
    moved.handler({"RequestType": "Delete", "PhysicalResourceId": "EOLD/htmlgame"}, None)
    assert "make patch-remove DISTRIBUTION=EOLD" in said.getvalue()
    with pytest.raises(ClientError, match="AccessDenied"):
        moved.handler({"RequestType": "Delete", "PhysicalResourceId": f"{new}/htmlgame"}, None)


def _refuse(**_: Any) -> None:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "GetDistributionConfig")
