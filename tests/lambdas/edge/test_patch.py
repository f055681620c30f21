"""The patch's checks before it writes, and those it skips on removal."""

import time
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from config.capabilities import insights, players, scores, telemetry, tunnels
from config.distribution import apis
from config.environments import COMPLETE, DELIVERED, Environment
from lambdas.edge.apis import (
    ALL_VIEWER_EXCEPT_HOST,
    CACHING_DISABLED,
    Api,
    Forward,
    api_origin,
    desired,
    read,
    removable,
    written,
)
from lambdas.edge.patch import Patcher
from lambdas.edge.patch_plan import Desired, PatchRefusedError
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


SCORES = scores.ENDPOINT.origin
TELEMETRY = telemetry.ENDPOINT.origin
OTHERS = tuple(each.ENDPOINT.origin for each in (players, insights, tunnels))


def behind_the_site(function: str, environment: Environment = DELIVERED) -> list[Api]:
    """The APIs as the stack describes them, with one address for all."""
    behind = apis(environment, edge_function=lambda _: function, cache_policy=lambda _: "policy")
    return [replace(each, endpoint="/test/endpoint") for each in behind]


def patcher(function: str, distribution_id: str = "GONE", bucket: str = "none") -> Patcher:
    settings = PatchSettings(
        distribution_id=distribution_id,
        backup_bucket=bucket,
        origin_lock_parameter="/test/lock",
        apis=written(behind_the_site(function)),
        distribution_arn=f"arn:aws:cloudfront::000000000000:distribution/{distribution_id}",
        access_logs="[]",
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


def wanted(environment: Environment) -> Desired:
    behind = apis(
        environment,
        edge_function=lambda name: f"arn:{name}",
        cache_policy=lambda name: f"id:{name}",
    )
    addresses = {each.endpoint: f"https://{each.origin}.example/prod" for each in behind}
    assert read(written(behind)) == behind
    return desired(behind, addresses, "lock")


def test_each_path_gets_the_methods_policies_and_functions_of_its_route() -> None:
    disabled, forward = CACHING_DISABLED, ALL_VIEWER_EXCEPT_HOST
    assert [
        (
            each.pattern,
            each.writes,
            each.cache_policy,
            each.origin_request_policy,
            each.function,
        )
        for each in wanted(DELIVERED).behaviours
    ] == [
        ("/api/get-start", False, disabled, None, "arn:htmlgame-get-start"),
        ("/api/get-end", False, disabled, None, "arn:htmlgame-get-end"),
        ("/api/scores/*", True, disabled, forward, "arn:htmlgame-validate"),
        ("/api/ranking/*", False, "id:htmlgame-ranking", None, "arn:htmlgame-read-ranking"),
    ]
    assert (disabled, forward) == (
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    )


def test_a_capability_is_in_the_distribution_where_it_is_on() -> None:
    off, on = wanted(DELIVERED), wanted(COMPLETE)
    assert off.retired == (TELEMETRY, *OTHERS)
    assert on.retired == ()
    added = [each for each in on.behaviours if each.origin_id == TELEMETRY]
    assert [each.pattern for each in added] == [
        *("/api/telemetry/*", "/api/data/*", "/api/creator*", "/api/project*", "/api/analytics/*")
    ]
    assert all(each.writes and each.function is None for each in added)
    others = [each for each in on.behaviours if each.origin_id in OTHERS]
    assert [*off.behaviours, *added, *others] == on.behaviours
    origins = [SCORES, TELEMETRY, *OTHERS]
    assert [each.id for each in on.origins] == origins
    assert [each.domain for each in on.origins] == [f"{each}.example" for each in origins]


def test_a_new_api_needs_nothing_but_its_description() -> None:
    toy = Api(
        origin="htmlgame-toy",
        endpoint="/htmlgame/toy/api-endpoint",
        forwards=(Forward(pattern="/api/toy/*", writes=True),),
    )
    found = desired([toy], {toy.endpoint: "https://toy.example/prod"}, "lock")
    assert [each.id for each in found.origins] == ["htmlgame-toy"]
    assert [each.pattern for each in found.behaviours] == ["/api/toy/*"]
    assert removable([toy]).patterns == {"/api/toy/*"}


def test_an_api_that_is_off_or_gone_is_retired() -> None:
    toy = Api(origin="htmlgame-toy", endpoint="/toy", forwards=(), on=False)
    assert desired([toy], {}, "lock", gone=["htmlgame-old"]).retired == (
        "htmlgame-toy",
        "htmlgame-old",
    )


def test_a_removal_takes_out_what_is_off_as_well() -> None:
    """The distribution may be one that an earlier deploy wrote, with the capability on."""
    patterns = removable(behind_the_site("arn", DELIVERED)).patterns
    assert patterns == removable(behind_the_site("arn", COMPLETE)).patterns


def test_the_settings_leave_room_in_lambdas_four_kilobytes() -> None:
    arn = "arn:aws:cloudfront::111122223333:function/htmlgame-" + 20 * "x"
    assert len(written(behind_the_site(arn, COMPLETE))) < 1500


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("endpoint", "domain", "path", "ports", "protocol"),
    [
        ("https://x.example/prod", "x.example", "/prod", (80, 443), "https-only"),
        ("http://x.localhost:4566/prod", "x.localhost", "/prod", (4566, 443), "http-only"),
    ],
)
def test_an_origin_follows_the_published_address(
    endpoint: str, domain: str, path: str, ports: tuple[int, int], protocol: str
) -> None:
    origin = api_origin(SCORES, endpoint, "lock")
    assert (origin.domain, origin.path, origin.protocol) == (domain, path, protocol)
    assert (origin.http_port, origin.https_port) == ports
    assert "lock" not in repr(origin).replace("Origin", "")
