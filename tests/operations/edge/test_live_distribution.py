"""The findings of preflight, patch plan and doctor about the rest of a distribution."""

import re

import pytest

from lambdas.edge.distribution_grants import DistributionGrants
from local.bootstrap import ROOT
from operations.edge.live_distribution import ANSWERED, Notice, error_pages, notices
from tests.lambdas.edge.live_configs import NAMES, as_xml, live, live_json

NONE = DistributionGrants()
WITH_PAGES = {
    "error-pages",
    "legacy-forwarded-values",
    "legacy-logging",
    "many-behaviours",
    "s3-oai",
}
SUPPORTED = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
"""For these CloudFront takes an error page: its developer guide, custom-error-pages."""


@pytest.mark.parametrize("name", NAMES)
def test_error_pages_are_named_by_their_codes_where_there_are_any(name: str) -> None:
    said = error_pages(live(name))
    if name not in WITH_PAGES:
        assert said == ""
    else:
        assert said.startswith("CloudFront replaces 403, 404 on every path with /index.html, so ")


def test_every_status_of_the_api_that_may_have_a_page_is_looked_for() -> None:
    pages = (ROOT / "docs" / "reference" / "openapi").glob("*.yaml")
    answered = {
        int(code)
        for page in pages
        for code in re.findall(r"^ +[\"']?([45]\d\d)[\"']?:", page.read_text(), re.MULTILINE)
    }
    assert answered & SUPPORTED
    assert answered & SUPPORTED <= ANSWERED <= SUPPORTED


def with_response(**response: object) -> bytes:
    config = live_json("s3-oac-and-function")
    config["CustomErrorResponses"] = {"Quantity": 1, "Items": [response]}
    return as_xml(config)


def test_an_error_that_is_only_cached_hides_nothing() -> None:
    assert error_pages(with_response(ErrorCode=404, ErrorCachingMinTTL=300)) == ""


def test_a_page_for_a_status_that_the_api_never_answers_hides_nothing() -> None:
    page = {"ResponsePagePath": "/too-long.html", "ResponseCode": "414"}
    assert error_pages(with_response(ErrorCode=414, **page)) == ""


def test_a_page_that_keeps_its_status_hides_the_refusal_too() -> None:
    page = {"ResponsePagePath": "/sorry.html", "ResponseCode": "503"}
    assert "replaces 503 on every path with /sorry.html" in error_pages(
        with_response(ErrorCode=503, **page)
    )


def found(name: str, granted: DistributionGrants = NONE) -> list[Notice]:
    return list(notices(live(name), granted))


def test_missing_permissions_block_and_come_with_the_line_that_grants_them() -> None:
    [notice] = found("lambda-at-edge")
    assert notice.blocks
    assert "lambda:GetFunction" in notice.what
    assert "s3:PutBucketAcl on site-logs" in notice.what
    assert notice.fix.startswith("distribution_grants=DistributionGrants(lambda_functions=(")
    assert "log_bucket='site-logs'" in notice.fix


def test_the_line_names_what_is_granted_already_too() -> None:
    function = "arn:aws:lambda:us-east-1:111122223333:function:at-edge-1"
    [notice] = found("lambda-at-edge", DistributionGrants(lambda_functions=(function,)))
    assert "lambda:GetFunction" not in notice.what
    assert function in notice.fix


def test_granted_permissions_are_no_news_and_unused_ones_do_not_block() -> None:
    granted = DistributionGrants(log_bucket="site-logs")
    assert not [each for each in found("legacy-logging", granted) if "UpdateDist" in each.what]
    [notice] = found("grpc", granted)
    assert not notice.blocks
    assert "s3:GetBucketAcl, s3:PutBucketAcl on site-logs" in notice.what


def test_a_staging_distribution_beside_the_site_is_reported() -> None:
    [notice] = found("continuous-deployment")
    assert not notice.blocks
    assert "staging distribution, which has no API" in notice.what


def test_a_plain_distribution_gives_no_notice() -> None:
    assert found("s3-oac-and-function") == []
