"""What the patch asks before it writes, and what it lets pass when all is gone."""

import time
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from lambdas.edge.patch import SCORES, TELEMETRY, Patcher, api_origin, desired
from lambdas.edge.patch_plan import PatchRefusedError
from lambdas.edge.settings import PatchSettings
from local.cloud import Cloud


@pytest.fixture
def client(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in cloud.credentials().items():
        monkeypatch.setenv(name, value)
    ssm = cloud.client("ssm")
    for name, value in (("/test/lock", "lock"), ("/test/endpoint", "https://api.example/prod")):
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    return cloud.client("cloudfront")


def patcher(function: str, distribution_id: str = "GONE") -> Patcher:
    settings = PatchSettings(
        distribution_id=distribution_id,
        backup_bucket="none",
        origin_lock_parameter="/test/lock",
        scores_endpoint_parameter="/test/endpoint",
        telemetry_endpoint_parameter="",
        api_base_path="/api",
        get_start=function,
        get_end=function,
        validate=function,
        ranking_cache_policy="policy",
    )
    return Patcher(settings, Logger(service="test"))


def test_a_function_that_is_not_published_is_not_associated(client: Any) -> None:
    name = f"f{time.time_ns()}"
    made = client.create_function(
        Name=name,
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=b"function handler(event) { return event.request; }",
    )
    arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    with pytest.raises(PatchRefusedError, match=f"{name} is not published.*deploy the stack again"):
        patcher(arn).apply()
    client.publish_function(Name=name, IfMatch=made["ETag"])
    with pytest.raises(client.exceptions.NoSuchDistribution):
        patcher(arn).apply()


@pytest.mark.usefixtures("client")
def test_a_distribution_that_is_gone_needs_nothing_taken_out() -> None:
    assert patcher("arn:aws:cloudfront::0:function/f").remove("GONE") is None


def test_telemetry_stands_in_the_distribution_where_there_is_any() -> None:
    settings = patcher("arn:aws:cloudfront::0:function/f")._settings
    off = desired(settings, scores="https://s.example", telemetry=None, lock="lock")
    on = desired(settings, scores="https://s.example", telemetry="https://t.example", lock="lock")
    assert off.retired == (TELEMETRY,)
    added = [each for each in on.behaviours if each.origin_id == TELEMETRY]
    assert [each.pattern for each in added] == [
        *("/api/telemetry/*", "/api/data/*", "/api/creator*", "/api/project*", "/api/analytics/*")
    ]
    assert all(each.writes and each.function is None for each in added)
    assert [*off.behaviours, *added] == on.behaviours


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("endpoint", "domain", "path", "ports", "protocol"),
    [
        ("https://x.example/prod", "x.example", "/prod", (80, 443), "https-only"),
        ("http://x.localhost:4566/prod", "x.localhost", "/prod", (4566, 443), "http-only"),
    ],
)
def test_an_origin_is_what_the_published_address_says(
    endpoint: str, domain: str, path: str, ports: tuple[int, int], protocol: str
) -> None:
    origin = api_origin(SCORES, endpoint, "lock")
    assert (origin.domain, origin.path, origin.protocol) == (domain, path, protocol)
    assert (origin.http_port, origin.https_port) == ports
    assert "lock" not in repr(origin).replace("Origin", "")
