"""The table of required fields agrees with the API model and names whatever is missing."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import Loader

from lambdas.edge.cloudfront_fields import (
    NAMESPACE,
    REQUIRED,
    missing_on_create,
    missing_on_update,
)

SHAPES: dict[str, Any] = Loader().load_service_model("cloudfront", "service-2")["shapes"]
BEYOND = {"ParameterDefinitions"}
"""Lists without a quantity, which only distribution tenants have."""


def elements(name: str, shape_name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    shape = SHAPES[shape_name]
    if shape["type"] == "list":
        member = shape["member"]
        yield from elements(member.get("locationName", "member"), member["shape"])
    elif shape["type"] == "structure":
        yield name, shape
        for child, member in shape["members"].items():
            if child not in BEYOND:
                yield from elements(member.get("locationName", child), member["shape"])


MODEL = list(elements("DistributionConfig", "DistributionConfig"))


@pytest.mark.parametrize(("name", "shape"), MODEL, ids=[name for name, _ in MODEL])
def test_fields_have_the_order_of_the_api_model(name: str, shape: dict[str, Any]) -> None:
    order = [member.get("locationName", child) for child, member in shape["members"].items()]
    assert [field.name for field in REQUIRED[name]] == order


@pytest.mark.parametrize(("name", "shape"), MODEL, ids=[name for name, _ in MODEL])
def test_fields_that_the_model_requires_are_required_on_create_and_update(
    name: str, shape: dict[str, Any]
) -> None:
    by_name = {field.name: field for field in REQUIRED[name]}
    for required in shape.get("required", []):
        assert by_name[required].on_create
        assert by_name[required].on_update


def test_every_element_of_the_table_is_in_the_model() -> None:
    assert set(REQUIRED) == {name for name, _ in MODEL}


def parsed(content: str) -> ET.Element:
    return ET.fromstring(f'<DistributionConfig xmlns="{NAMESPACE}">{content}</DistributionConfig>')


def below(content: str, path: str) -> list[str]:
    """The fields missing on update below one path of an otherwise empty config."""
    return [each for each in missing_on_update(parsed(content)) if each.startswith(path)]


def origins(origin: str) -> str:
    return f"<Origins><Quantity>1</Quantity><Items><Origin>{origin}</Origin></Items></Origins>"


def test_an_update_requires_more_than_a_create() -> None:
    least = (
        "<CallerReference>1</CallerReference><Comment/><Enabled>true</Enabled>"
        + origins(
            "<Id>site</Id><DomainName>site.example</DomainName><CustomOriginConfig>"
            "<HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>"
            "<OriginProtocolPolicy>https-only</OriginProtocolPolicy></CustomOriginConfig>"
        )
        + "<DefaultCacheBehavior><TargetOriginId>site</TargetOriginId>"
        "<ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>"
        "<CachePolicyId>policy</CachePolicyId></DefaultCacheBehavior>"
    )
    assert missing_on_create(parsed(least)) == []
    assert missing_on_update(parsed(least)) == [
        "Aliases",
        "DefaultRootObject",
        "CacheBehaviors",
        "CustomErrorResponses",
        "Logging",
        "PriceClass",
        "ViewerCertificate",
        "Restrictions",
        "WebACLId",
        "HttpVersion",
        "Origins/Items/Origin[site]/OriginPath",
        "Origins/Items/Origin[site]/CustomHeaders",
        "Origins/Items/Origin[site]/CustomOriginConfig/OriginSslProtocols",
        "Origins/Items/Origin[site]/CustomOriginConfig/OriginReadTimeout",
        "Origins/Items/Origin[site]/CustomOriginConfig/OriginKeepaliveTimeout",
        "DefaultCacheBehavior/AllowedMethods",
        "DefaultCacheBehavior/SmoothStreaming",
        "DefaultCacheBehavior/Compress",
        "DefaultCacheBehavior/LambdaFunctionAssociations",
        "DefaultCacheBehavior/FieldLevelEncryptionId",
    ]


def test_an_item_is_named_by_its_key_or_else_by_its_number() -> None:
    keyed = "<CacheBehavior><PathPattern>/api/get-start</PathPattern></CacheBehavior>"
    content = (
        "<CacheBehaviors><Quantity>2</Quantity><Items>"
        f"{keyed}<CacheBehavior><Compress>true</Compress></CacheBehavior></Items></CacheBehaviors>"
    )
    found = below(content, "CacheBehaviors/")
    assert "CacheBehaviors/Items/CacheBehavior[/api/get-start]/SmoothStreaming" in found
    assert "CacheBehaviors/Items/CacheBehavior[2]/PathPattern" in found


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        ("", ["CachePolicyId"]),
        ("<CachePolicyId></CachePolicyId>", ["CachePolicyId"]),
        ("<CachePolicyId>policy</CachePolicyId>", []),
        (
            "<ForwardedValues><QueryString>true</QueryString></ForwardedValues>",
            [
                "MinTTL",
                "DefaultTTL",
                "MaxTTL",
                "ForwardedValues/Cookies",
                "ForwardedValues/QueryStringCacheKeys",
            ],
        ),
    ],
)
def test_a_behaviour_has_a_cache_policy_or_all_of_the_legacy_fields(
    content: str, missing: list[str]
) -> None:
    path = "DefaultCacheBehavior/"
    of_caching = ("CachePolicyId", "MinTTL", "DefaultTTL", "MaxTTL", "ForwardedValues")
    found = below(f"<DefaultCacheBehavior>{content}</DefaultCacheBehavior>", path)
    assert [each for each in found if each.removeprefix(path).startswith(of_caching)] == [
        path + each for each in missing
    ]


def test_an_origin_has_one_of_three_configs() -> None:
    path = "Origins/Items/Origin[o]/"
    one_of = f"{path}S3OriginConfig or CustomOriginConfig or VpcOriginConfig"
    assert one_of in below(origins("<Id>o</Id>"), path)
    vpc = "<VpcOriginConfig><VpcOriginId>vo_1</VpcOriginId></VpcOriginConfig>"
    assert one_of not in below(origins(f"<Id>o</Id>{vpc}"), path)
    s3 = below(origins("<Id>o</Id><S3OriginConfig/>"), path)
    assert f"{path}S3OriginConfig/OriginAccessIdentity" in s3


ERROR_PAGE = (
    "<CustomErrorResponses><Quantity>1</Quantity><Items><CustomErrorResponse>"
    "<ErrorCode>404</ErrorCode><ResponsePagePath>/index.html</ResponsePagePath>"
    "</CustomErrorResponse></Items></CustomErrorResponses>"
)


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (
            "<ViewerCertificate><ACMCertificateArn>arn</ACMCertificateArn></ViewerCertificate>",
            ["ViewerCertificate/SSLSupportMethod", "ViewerCertificate/MinimumProtocolVersion"],
        ),
        (
            "<Logging><Enabled>true</Enabled></Logging>",
            ["Logging/Bucket", "Logging/Prefix"],
        ),
        ("<Logging><Enabled>false</Enabled></Logging>", []),
        (ERROR_PAGE, ["CustomErrorResponses/Items/CustomErrorResponse[404]/ResponseCode"]),
        ("<Aliases><Quantity>1</Quantity></Aliases>", ["Aliases/Items"]),
        ("<Aliases><Quantity>0</Quantity></Aliases>", []),
        ("<Origins><Quantity>0</Quantity></Origins>", ["Origins/Items"]),
        ("<Aliases/>", ["Aliases/Quantity"]),
    ],
)
def test_conditions_and_quantities(content: str, missing: list[str]) -> None:
    root = ET.fromstring(f"<x>{content}</x>")[0].tag
    assert below(content, f"{root}/") == missing


def test_an_empty_leaf_counts_as_missing_unless_the_table_allows_it() -> None:
    found = missing_on_update(parsed("<CallerReference> </CallerReference><Comment></Comment>"))
    assert "CallerReference" in found
    assert "Comment" not in found


def test_a_multi_tenant_distribution_has_none_of_the_standard_fields() -> None:
    content = "<DefaultCacheBehavior/><ConnectionMode>tenant-only</ConnectionMode>"
    found = missing_on_update(parsed(content))
    assert not {"Aliases", "PriceClass", "DefaultCacheBehavior/SmoothStreaming"} & set(found)
    assert "DefaultCacheBehavior/Compress" in found
