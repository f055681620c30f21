"""A refused update says which permission is missing and which line of config adds it."""

import pytest
from botocore.exceptions import ClientError

from lambdas.edge.update_denied import denial
from tests.lambdas.edge.live_configs import live

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:at-edge-1"
ROLE = "arn:aws:sts::111122223333:assumed-role/htmlgame-distribution-patch-us-east-1/x"


def refused(message: str, code: str = "AccessDenied") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "UpdateDistribution")


NO_GET = (
    f"User: {ROLE} is not authorized to perform: lambda:GetFunction on resource: {FUNCTION}:3 "
    "because no identity-based policy allows the lambda:GetFunction action"
)
NO_REPLICATION = (
    "Lambda@Edge cannot enable replication for the specified Lambda function. Update the IAM "
    f"policy to add permission: lambda:EnableReplication* for resource: {FUNCTION}:3 and try again."
)


@pytest.mark.parametrize(
    ("message", "code", "action"),
    [
        (NO_GET, "AccessDenied", "lambda:GetFunction"),
        (NO_REPLICATION, "InvalidLambdaFunctionAssociation", "lambda:EnableReplication*"),
    ],
)
def test_a_missing_permission_is_named_with_the_line_that_grants_it(
    message: str, code: str, action: str
) -> None:
    said = denial(refused(message, code), live("lambda-at-edge")) or ""
    assert said.startswith(f"UpdateDistribution lacks {action}: {message} ")
    assert f"lambda_functions=({FUNCTION!r},)" in said
    assert "PRODUCTION in config/environments.py: distribution_grants=" in said


def test_a_refusal_without_an_action_names_all_that_the_config_needs() -> None:
    said = denial(refused("Access denied."), live("legacy-logging")) or ""
    assert said.startswith("UpdateDistribution lacks s3:GetBucketAcl or s3:PutBucketAcl: ")
    assert "DistributionGrants(log_bucket='site-logs')" in said


def test_a_permission_that_no_setting_gives_is_named_with_the_roles() -> None:
    message = f"User: {ROLE} is not authorized to perform: wafv2:GetWebACL on resource: x"
    said = denial(refused(message), live("vpc-origin")) or ""
    assert "UpdateDistribution lacks wafv2:GetWebACL" in said
    assert "htmlgame-distribution-patch and htmlgame-drift-guard" in said


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (refused("The If-Match version is missing", "InvalidIfMatchVersion"), "lambda-at-edge"),
        (
            refused(f"User: {ROLE} is not authorized to perform: cloudfront:UpdateDistribution"),
            "lambda-at-edge",
        ),
        (refused("Access denied."), "s3-oai"),
    ],
)
def test_other_errors_are_left_as_they_are(error: ClientError, name: str) -> None:
    assert denial(error, live(name)) is None
