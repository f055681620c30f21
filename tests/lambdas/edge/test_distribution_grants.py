"""Which permissions a live distribution asks for, and the line of config that gives them."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from config.grants import checked_grants
from lambdas.edge.distribution_grants import DistributionGrants, needed_grants
from tests.lambdas.edge.live_configs import NAMES, as_xml, live, live_json

AT_EDGE = "arn:aws:lambda:us-east-1:111122223333:function:at-edge-1"
ALL = DistributionGrants(
    lambda_functions=(AT_EDGE,), log_bucket="site-logs", vpc_origins=("vo_EXAMPLE1234567890",)
)
NEEDED = {
    "lambda-at-edge": replace(ALL, vpc_origins=()),
    "legacy-logging": DistributionGrants(log_bucket="site-logs"),
    "vpc-origin": DistributionGrants(vpc_origins=("vo_EXAMPLE1234567890",)),
}


def needed(xml: bytes) -> DistributionGrants:
    return needed_grants(ET.fromstring(xml))


@pytest.mark.parametrize("name", NAMES)
def test_a_distribution_needs_grants_for_what_it_uses_and_for_nothing_else(name: str) -> None:
    assert needed(live(name)) == NEEDED.get(name, DistributionGrants())


@pytest.mark.parametrize(
    ("domain", "bucket"),
    [
        ("site-logs.s3.amazonaws.com", "site-logs"),
        ("site-logs.s3.eu-west-1.amazonaws.com", "site-logs"),
        ("site-logs.s3-eu-west-1.amazonaws.com", "site-logs"),
        ("logs.s3.example.s3.amazonaws.com", "logs.s3.example"),
        ("site-logs.s3.cn-north-1.amazonaws.com.cn", "site-logs"),
    ],
)
def test_a_log_bucket_is_named_whatever_its_domain(domain: str, bucket: str) -> None:
    config = live_json("legacy-logging")
    config["Logging"]["Bucket"] = domain
    assert needed(as_xml(config)).log_bucket == bucket


def test_a_vpc_origin_of_another_account_is_named_by_its_arn() -> None:
    config = live_json("vpc-origin")
    config["Origins"]["Items"][1]["VpcOriginConfig"]["OwnerAccountId"] = "444455556666"
    assert needed(as_xml(config)).vpc_origins == (
        "arn:aws:cloudfront::444455556666:vpcorigin/vo_EXAMPLE1234567890",
    )


def test_the_line_for_the_config_says_all_that_is_needed() -> None:
    line = needed(live("lambda-at-edge")).config_line()
    assert line == (
        f"distribution_grants=DistributionGrants(lambda_functions=({AT_EDGE!r},), "
        "log_bucket='site-logs')"
    )
    made = eval(line.partition("=")[2])  # noqa: S307 - our own text
    assert made == needed(live("lambda-at-edge"))


def test_a_right_that_is_granted_is_not_requested_again() -> None:
    assert ALL.beyond(ALL) == DistributionGrants()
    assert ALL.beyond(DistributionGrants()) == ALL
    assert ALL.beyond(replace(ALL, lambda_functions=())).lambda_functions == (AT_EDGE,)
    assert replace(ALL, log_bucket="other").beyond(ALL).log_bucket == "other"
    assert DistributionGrants().described() == ""


def test_the_description_says_which_action_is_for_what() -> None:
    assert ALL.described() == (
        f"lambda:GetFunction, lambda:EnableReplication*, lambda:DisableReplication* on {AT_EDGE}; "
        "s3:GetBucketAcl, s3:PutBucketAcl on site-logs; "
        "cloudfront:GetVpcOrigin on vo_EXAMPLE1234567890"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lambda_functions", (f"{AT_EDGE}:3",)),
        ("lambda_functions", ("*",)),
        ("lambda_functions", (AT_EDGE.replace("us-east-1", "eu-west-1"),)),
        ("log_bucket", "site-logs/*"),
        ("log_bucket", "*"),
        ("vpc_origins", ("*",)),
        ("vpc_origins", ("arn:aws:cloudfront::111122223333:distribution/E1",)),
    ],
)
def test_a_grant_that_is_wider_than_its_resource_is_refused(field: str, value: object) -> None:
    grants = replace(ALL, **{field: value})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"{field}: "):
        checked_grants(grants)


def test_the_policy_that_preflight_proposes_is_accepted() -> None:
    for name in NAMES:
        grants = needed(live(name))
        assert checked_grants(grants) == grants
    assert checked_grants(ALL) == ALL
