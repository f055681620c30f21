"""A policy's ARN and a resource type's ARN overlap only where some resource fits both."""

import pytest

from tests.stacks.iam.arns import may_name

TABLE = "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}"
INDEX = f"{TABLE}/index/${{IndexName}}"
BUCKET = "arn:${Partition}:s3:::${BucketName}"
OBJECT = f"{BUCKET}/${{ObjectName}}"
GROUP = "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}"
STREAM = f"{GROUP}:log-stream:${{LogStreamName}}"
PARAMETER = (
    "arn:${Partition}:ssm:${Region}:${Account}:parameter/${ParameterNameWithoutLeadingSlash}"
)
DISTRIBUTION = "arn:${Partition}:cloudfront::${Account}:distribution/${DistributionId}"


@pytest.mark.parametrize(
    ("pattern", "arn"),
    [
        ("arn:aws:dynamodb:us-east-1:1:table/scores", TABLE),
        ("arn:aws:dynamodb:us-east-1:1:table/*", TABLE),
        ("arn:aws:dynamodb:us-east-1:1:table/score?", TABLE),
        ("arn:aws:dynamodb:*:*:table/scores/index/*", INDEX),
        ("arn:aws:dynamodb:us-east-1:1:table/*", INDEX),
        ("arn:*", TABLE),
        ("arn:aws:s3:::site", BUCKET),
        ("arn:aws:s3:::site/*", OBJECT),
        ("arn:aws:s3:::site/project=*", OBJECT),
        ("arn:aws:s3:::site*", OBJECT),
        ("arn:aws:logs:us-east-1:1:log-group:/aws/lambda/put-score:*", STREAM),
        ("arn:aws:ssm:us-east-1:1:parameter/htmlgame/edge-stack/origin-verify", PARAMETER),
        ("arn:aws:cloudfront::1:distribution/E1", DISTRIBUTION),
    ],
)
def test_it_may_name_a_resource(pattern: str, arn: str) -> None:
    assert may_name(pattern, arn)


@pytest.mark.parametrize(
    ("pattern", "arn"),
    [
        ("arn:aws:dynamodb:us-east-1:1:table/scores/index/*", TABLE),
        ("arn:aws:dynamodb:us-east-1:1:table/scores", INDEX),
        ("arn:aws:dynamodb:us-east-1:1:table/", TABLE),
        ("arn:aws:dynamodb:us-east-1:1:tables/scores", TABLE),
        ("arn:aws:s3:::site/*", BUCKET),
        ("arn:aws:s3:::site", OBJECT),
        ("arn:aws:s3:us-east-1:1:site", BUCKET),
        ("arn:aws:logs:us-east-1:1:log-group:/aws/lambda/put-score", STREAM),
        ("arn:aws:logs:us-east-1:1:log-group:/aws/lambda/put-score:*", GROUP),
        ("arn:aws:ssm:us-east-1:1:/htmlgame/lock", PARAMETER),
        ("arn:aws:cloudfront:us-east-1:1:distribution/E1", DISTRIBUTION),
        ("arn:aws:cloudfront:::distribution/E1", DISTRIBUTION),
        ("scores", TABLE),
    ],
)
def test_it_names_none(pattern: str, arn: str) -> None:
    assert not may_name(pattern, arn)
