"""A cloud with rules of short patience, and a distribution that AWS would take."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local.cloud import STRICT, Cloud, running_cloud
from local.edge.policies import CACHING_DISABLED

Json = dict[str, Any]
FURTHER_RULES: Final = "tests.local.strict.further_rules"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    strictness = replace(
        STRICT,
        rule_modules=(FURTHER_RULES,),
        websocket_idle_seconds=1.0,
        websocket_life_seconds=3.0,
    )
    with running_cloud(tmp_path_factory.mktemp("strict"), strictness=strictness) as cloud:
        yield cloud


@contextmanager
def refused(code: str, message: str = "") -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert message in error["Message"]


def counted(*items: Any) -> Json:
    return {"Quantity": len(items), "Items": list(items)}


def distribution() -> Json:
    """The least that CreateDistribution takes."""
    return {
        "CallerReference": str(uuid4()),
        "Comment": "",
        "Enabled": True,
        "Origins": counted(
            {
                "Id": "pages",
                "DomainName": "pages.example.org",
                "CustomOriginConfig": {
                    "HTTPPort": 80,
                    "HTTPSPort": 443,
                    "OriginProtocolPolicy": "https-only",
                },
            }
        ),
        "DefaultCacheBehavior": {
            "TargetOriginId": "pages",
            "ViewerProtocolPolicy": "https-only",
            "CachePolicyId": CACHING_DISABLED,
        },
    }


def behaviour(pattern: str = "/api/*", **changes: Any) -> Json:
    """All that UpdateDistribution requires of one."""
    return {
        "PathPattern": pattern,
        "TargetOriginId": "pages",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": CACHING_DISABLED,
        "AllowedMethods": counted("HEAD", "GET") | {"CachedMethods": counted("HEAD", "GET")},
        "SmoothStreaming": False,
        "Compress": True,
        "LambdaFunctionAssociations": {"Quantity": 0},
        "FieldLevelEncryptionId": "",
        **changes,
    }


class Distribution:
    """One that exists, and is updated from what GetDistributionConfig returned."""

    def __init__(self, cloud: Cloud) -> None:
        self.client = cloud.client("cloudfront")
        created = self.client.create_distribution(DistributionConfig=distribution())
        self.id = created["Distribution"]["Id"]

    def read(self) -> Json:
        answer = self.client.get_distribution_config(Id=self.id)
        config: Json = answer["DistributionConfig"]
        return config

    def update(self, **changes: Any) -> None:
        there = self.client.get_distribution_config(Id=self.id)
        self.client.update_distribution(
            Id=self.id,
            IfMatch=there["ETag"],
            DistributionConfig=there["DistributionConfig"] | changes,
        )

    def update_xml(self, change: Callable[[ET.Element], None]) -> None:
        """Past botocore's own checks, as a program that edits the XML sends it."""
        seen: list[bytes] = []

        def keep(response_dict: Any, **_: Any) -> None:
            seen.append(response_dict["body"])

        def replace_body(params: Any, **_: Any) -> None:
            config = ET.fromstring(seen[-1])
            change(config)
            params["body"] = ET.tostring(config)

        events = self.client.meta.events
        events.register("before-parse.cloudfront.GetDistributionConfig", keep)
        events.register("before-call.cloudfront.UpdateDistribution", replace_body)
        try:
            self.update()
        finally:
            events.unregister("before-parse.cloudfront.GetDistributionConfig", keep)
            events.unregister("before-call.cloudfront.UpdateDistribution", replace_body)


@pytest.fixture
def site(strict: Cloud) -> Distribution:
    return Distribution(strict)
