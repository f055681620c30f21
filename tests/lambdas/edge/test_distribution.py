"""Reading and writing a distribution, on an emulator that keeps ETags and unknown fields."""

import re
import time
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from config.capabilities import scores
from lambdas.edge.distribution import Distribution, Reading
from lambdas.edge.patch_plan import PatchRefusedError, Plan, plan_patch
from local.cloud import Cloud
from tests.lambdas.edge.test_patch_plan import OURS, canonical, patterns, wanted


@pytest.fixture
def client(cloud: Cloud) -> Any:
    client = cloud.client("cloudfront")
    for function in (scores.GET_START.name, scores.GET_END.name, scores.VALIDATE.name):
        publish(client, function)
    return client


def publish(client: Any, name: str) -> None:
    """CloudFront associates published functions alone."""
    with suppress(client.exceptions.FunctionAlreadyExists):
        made = client.create_function(
            Name=name,
            FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
            FunctionCode=b"function handler(event) { return event.request; }",
        )
        client.publish_function(Name=name, IfMatch=made["ETag"])


@pytest.fixture
def distribution_id(client: Any) -> str:
    return make_distribution(client)


def make_distribution(client: Any) -> str:
    made = client.create_distribution(
        DistributionConfig={
            "CallerReference": str(time.time_ns()),
            "Comment": "theirs",
            "Enabled": True,
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "site",
                        "DomainName": "site.example",
                        "CustomOriginConfig": {
                            "HTTPPort": 80,
                            "HTTPSPort": 443,
                            "OriginProtocolPolicy": "https-only",
                        },
                    }
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "site",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            },
            "CacheBehaviors": {"Quantity": 0},
        }
    )
    return str(made["Distribution"]["Id"])


def no_wait(_: float) -> None:
    pass


def nothing(_: Reading) -> None:
    pass


def with_field(client: Any, distribution_id: str, field: bytes) -> None:
    """Adds a field to the config that no SDK knows yet."""

    def plan(xml: bytes) -> Plan:
        return Plan(xml.replace(b"<PriceClass>", field + b"<PriceClass>", 1), ("a field",))

    Distribution(client, distribution_id).change(plan, nothing)


def test_a_field_that_no_sdk_knows_survives_the_patch(client: Any, distribution_id: str) -> None:
    field = b"<QuantumRouting><Mode>always</Mode></QuantumRouting>"
    with_field(client, distribution_id, field)
    assert "QuantumRouting" not in client.get_distribution_config(Id=distribution_id)
    distribution = Distribution(client, distribution_id)
    distribution.change(lambda xml: plan_patch(xml, wanted()), nothing)
    patched = distribution.read().xml
    assert field in patched
    assert patterns(patched) == OURS


def test_nothing_is_written_where_nothing_changes(client: Any, distribution_id: str) -> None:
    distribution = Distribution(client, distribution_id)
    distribution.change(lambda xml: plan_patch(xml, wanted()), nothing)
    etag = distribution.read().etag
    backups: list[Reading] = []
    assert not distribution.change(lambda xml: plan_patch(xml, wanted()), backups.append).changes
    assert distribution.read().etag == etag
    assert backups == []


def test_a_writer_in_between_is_not_overwritten_and_neither_are_we(
    client: Any, distribution_id: str
) -> None:
    distribution = Distribution(client, distribution_id, no_wait)
    intrusions = iter(["first", "second"])

    def intrude(_: Reading) -> None:
        comment = next(intrusions, None)
        if comment:
            answer = client.get_distribution_config(Id=distribution_id)
            changed = answer["DistributionConfig"] | {"Comment": comment}
            client.update_distribution(
                Id=distribution_id, IfMatch=answer["ETag"], DistributionConfig=changed
            )

    distribution.change(lambda xml: plan_patch(xml, wanted()), intrude)
    after = client.get_distribution_config(Id=distribution_id)["DistributionConfig"]
    assert after["Comment"] == "second"
    assert [item["PathPattern"] for item in after["CacheBehaviors"]["Items"]] == OURS


def test_a_distribution_that_never_stands_still_is_given_up_on(
    client: Any, distribution_id: str
) -> None:
    tries: list[float] = []
    distribution = Distribution(client, distribution_id, tries.append)

    def intrude(_: Reading) -> None:
        answer = client.get_distribution_config(Id=distribution_id)
        changed = answer["DistributionConfig"] | {"Comment": str(time.time_ns())}
        client.update_distribution(
            Id=distribution_id, IfMatch=answer["ETag"], DistributionConfig=changed
        )

    with pytest.raises(ClientError, match="PreconditionFailed"):
        distribution.change(lambda xml: plan_patch(xml, wanted()), intrude)
    assert len(tries) == 7


@pytest.mark.parametrize(("status", "deployed"), [("Deployed", True), ("InProgress", False)])
def test_a_change_is_everywhere_once_cloudfront_says_so(
    client: Any,
    distribution_id: str,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    deployed: bool,
) -> None:
    """The emulator deploys at once, so only the status is replaced in its answer."""
    real = client.get_distribution(Id=distribution_id)
    answer = {**real, "Distribution": {**real["Distribution"], "Status": status}}
    monkeypatch.setattr(
        client, "get_distribution", lambda **asked: {distribution_id: answer}[asked["Id"]]
    )
    assert Distribution(client, distribution_id).is_deployed() is deployed


def test_an_update_without_a_permission_is_refused_in_words(
    client: Any, distribution_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied: Any = {"Code": "AccessDenied", "Message": "not authorized to perform: s3:GetBucketAcl"}

    def deny(**_: Any) -> None:
        raise ClientError({"Error": denied}, "UpdateDistribution")

    logged = (
        b"<Logging><Enabled>true</Enabled><IncludeCookies>false</IncludeCookies>"
        b"<Bucket>site-logs.s3.amazonaws.com</Bucket><Prefix></Prefix></Logging>"
    )
    Distribution(client, distribution_id).change(
        lambda xml: Plan(re.sub(rb"<Logging>.*</Logging>", logged, xml), ("logs",)), nothing
    )
    monkeypatch.setattr(client, "update_distribution", deny)
    with pytest.raises(PatchRefusedError, match=r"lacks s3:GetBucketAcl.*log_bucket='site-logs'"):
        Distribution(client, distribution_id).change(lambda xml: plan_patch(xml, wanted()), nothing)


def test_the_backup_is_the_previous_config(client: Any, distribution_id: str) -> None:
    distribution = Distribution(client, distribution_id)
    before = distribution.read().xml
    backups: list[Reading] = []
    distribution.change(lambda xml: plan_patch(xml, wanted()), backups.append)
    assert canonical(backups[0].xml) == canonical(before)
