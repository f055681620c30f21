"""CiStack: what GitHub's workflows may do. test_ci_stack.py tests who may assume the roles."""

from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import DISTRIBUTION, GRANTS, HERE, LOCK, Json, Row, allow, parameter
from tests.stacks.policies import ACCOUNT, REGION

STACK: Final = "CiStack"
GITHUB: Final = "token.actions.githubusercontent.com"
BOOTSTRAP: Final = "/cdk-bootstrap/hnb659fds/version"
SITE: Final = "arn:aws:s3:::{/htmlgame/front-stack/s3-bucket}"
_STACKS: Final = (
    "CDKToolkit",
    "FrontStack",
    "ScoreApiStack",
    "TelemetryStack",
    "PlayersStack",
    "InsightsStack",
    "TunnelsStack",
    "EdgeStack",
    "OpsStack",
    "CiStack",
)
_FROM_MAIN: Final = {
    "sub": "repo:octocat/my-games:environment:production",
    "ref": "refs/heads/main",
}


def rows(environment: Environment) -> Iterator[Row]:
    if not environment.ci:
        return
    provider = {"Url": f"https://{GITHUB}", "ClientIdList": ["sts.amazonaws.com"]}
    yield "AWS::IAM::OIDCProvider", f"{STACK} GitHub", provider
    yield from _role(
        "Deploy",
        _FROM_MAIN,
        "Deploys through the roles of the CDK's bootstrap, after looking at what is there",
        [*_deploy(), *_look(), *_take_out_the_smoke_tests_row()],
    )
    yield from _role(
        "Site",
        _FROM_MAIN,
        "Publishes the site: its bucket and its distribution's cache, nothing else",
        [
            *allow("s3:ListBucket", SITE),
            *allow("s3:GetObject s3:PutObject s3:DeleteObject", f"{SITE}/*"),
            *allow("cloudfront:CreateInvalidation", DISTRIBUTION),
            *allow(
                "ssm:GetParameter",
                parameter("/htmlgame/front-stack/cf-dist-id"),
                parameter("/htmlgame/front-stack/s3-bucket"),
            ),
        ],
    )
    yield from _role(
        "Diff",
        {"sub": "repo:octocat/my-games:pull_request"},
        "Reads the deployed templates, to show what a pull request would change",
        [*_read_templates(), *allow("ssm:GetParameter", parameter(BOOTSTRAP))],
    )


def _role(id: str, claims: dict[str, str], what: str, may: list[str]) -> Iterator[Row]:
    name = f"htmlgame-ci-{id.lower()}-{REGION}"
    said = {"aud": "sts.amazonaws.com", **claims}
    trust: Json = {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Effect": "Allow",
        "Principal": {"Federated": "{GitHub}"},
        "Condition": {"StringEquals": {f"{GITHUB}:{claim}": said[claim] for claim in said}},
    }
    row = {
        "RoleName": name,
        "Description": what,
        "AssumeRolePolicyDocument": {"Statement": [trust], "Version": "2012-10-17"},
    }
    yield "AWS::IAM::Role", f"{STACK} {id}", row
    yield GRANTS, name, may


def _deploy() -> list[str]:
    roles = (
        f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-{each}-role-{ACCOUNT}-{REGION}"
        for each in ("deploy", "file-publishing", "lookup")
    )
    return allow("sts:AssumeRole", *roles)


def _look() -> list[str]:
    """The rights that preflight needs."""
    return [
        *_read_templates(),
        *allow("cloudfront:GetDistributionConfig", DISTRIBUTION),
        *allow("cloudfront:ListCachePolicies pricingplanmanager:ListSubscriptions", "*"),
        *allow(
            "ssm:GetParameter",
            *map(
                parameter,
                (
                    "/htmlgame/front-stack/cf-dist-id",
                    "/htmlgame/score-api/api-endpoint",
                    "/htmlgame/score-api/table-name",
                    "/htmlgame/telemetry/api-endpoint",
                    "/htmlgame/players/api-endpoint",
                    "/htmlgame/insights/api-endpoint",
                    "/htmlgame/tunnels/api-endpoint",
                    LOCK,
                    BOOTSTRAP,
                ),
            ),
        ),
    ]


def _read_templates() -> list[str]:
    stacks = (f"arn:aws:cloudformation:{HERE}:stack/{each}/*" for each in _STACKS)
    return allow("cloudformation:DescribeStacks cloudformation:GetTemplate", *stacks)


def _take_out_the_smoke_tests_row() -> list[str]:
    """Boards alone: neither the audit nor the count of invalidations."""
    table = f"arn:aws:dynamodb:{HERE}:table/{{/htmlgame/score-api/table-name}}"
    boards = "if ForAllValues:StringLike dynamodb:LeadingKeys=G#*#P#*"
    return [f"{line} {boards}" for line in allow("dynamodb:Query dynamodb:DeleteItem", table)]
