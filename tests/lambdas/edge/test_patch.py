"""What the patch asks before it writes, and what it lets pass when all is gone."""

import time
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from lambdas.edge.patch import (
    ALL_VIEWER_EXCEPT_HOST,
    CACHING_DISABLED,
    SCORES,
    TELEMETRY,
    Patcher,
    api_origin,
    desired,
)
from lambdas.edge.patch_plan import PatchRefusedError
from lambdas.edge.settings import PatchSettings
from local.cloud import Cloud
from tests.lambdas.edge.live_configs import live_json
from tests.lambdas.edge.test_distribution import publish as publish_named


@pytest.fixture
def client(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in cloud.credentials().items():
        monkeypatch.setenv(name, value)
    ssm = cloud.client("ssm")
    for name, value in (("/test/lock", "lock"), ("/test/endpoint", "https://api.example/prod")):
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    return cloud.client("cloudfront")


def patcher(function: str, distribution_id: str = "GONE", bucket: str = "none") -> Patcher:
    settings = PatchSettings(
        distribution_id=distribution_id,
        backup_bucket=bucket,
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


def make_function(client: Any) -> Any:
    return client.create_function(
        Name=f"f{time.time_ns()}",
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=b"function handler(event) { return event.request; }",
    )


def publish(client: Any) -> str:
    made = make_function(client)
    client.publish_function(Name=made["FunctionSummary"]["Name"], IfMatch=made["ETag"])
    return str(made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])


def test_a_function_that_is_not_published_is_not_associated(client: Any) -> None:
    made = make_function(client)
    name = made["FunctionSummary"]["Name"]
    arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    with pytest.raises(PatchRefusedError, match=f"{name} is not published.*deploy the stack again"):
        patcher(arn).apply()
    client.publish_function(Name=name, IfMatch=made["ETag"])
    with pytest.raises(client.exceptions.NoSuchDistribution):
        patcher(arn).apply()


@pytest.mark.usefixtures("client")
def test_a_distribution_that_is_gone_needs_nothing_taken_out() -> None:
    assert patcher("arn:aws:cloudfront::0:function/f").remove("GONE") is None


@pytest.mark.usefixtures("client")
def test_a_distribution_that_is_gone_is_not_waited_for() -> None:
    assert patcher("arn:aws:cloudfront::0:function/f").is_everywhere("GONE", never)


def never() -> bool:
    raise AssertionError("asked for time")


def test_a_backup_holds_no_secret_of_any_origin(client: Any, cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="patch-backups")
    config = {**live_json("origin-headers-and-shield"), "CallerReference": str(time.time_ns())}
    publish_named(client, "rewrite-1")
    made = client.create_distribution(DistributionConfig=config)["Distribution"]
    writer = patcher(publish(client), made["Id"], "patch-backups")
    writer.apply()
    client.update_distribution(
        Id=made["Id"],
        IfMatch=client.get_distribution_config(Id=made["Id"])["ETag"],
        DistributionConfig=with_other_lock(client.get_distribution_config(Id=made["Id"])),
    )
    writer.apply()
    listed = s3.list_objects_v2(Bucket="patch-backups", Prefix=f"{made['Id']}/")["Contents"]
    backups = [
        s3.get_object(Bucket="patch-backups", Key=each["Key"])["Body"].read() for each in listed
    ]
    assert len(backups) == 2
    for backup in backups:
        assert b"<HeaderName>X-Shared-Secret</HeaderName>" in backup
        assert b"secret-of-origin" not in backup
        assert b"another-lock" not in backup


def with_other_lock(answer: Any) -> Any:
    config = answer["DistributionConfig"]
    for origin in config["Origins"]["Items"]:
        if origin["Id"] == SCORES:
            origin["CustomHeaders"]["Items"][0]["HeaderValue"] = "another-lock"
    return config


def test_each_path_gets_the_methods_policies_and_functions_of_its_route() -> None:
    settings = replace(patcher("f")._settings, get_start="start", get_end="end", validate="check")
    scores = desired(settings, scores="https://s.example", telemetry=None, lock="lock")
    disabled, forward = CACHING_DISABLED, ALL_VIEWER_EXCEPT_HOST
    assert [
        (
            each.pattern,
            each.writes,
            each.cache_policy,
            each.origin_request_policy,
            each.function,
        )
        for each in scores.behaviours
    ] == [
        ("/api/get-start", False, disabled, None, "start"),
        ("/api/get-end", False, disabled, None, "end"),
        ("/api/scores/*", True, disabled, forward, "check"),
        ("/api/ranking/*", False, "policy", None, None),
    ]
    assert (disabled, forward) == (
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    )


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
