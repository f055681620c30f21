"""The checker notices what IAM accepts and never grants."""

from typing import Any

import pytest

from tests.stacks.iam.checks import Excuses, findings
from tests.stacks.iam.statements import Statement

HERE = "us-east-1:111122223333"
TABLE = f"arn:aws:dynamodb:{HERE}:table/scores"
STREAM = f"{TABLE}/stream/label"
BUCKET, PAGES = "arn:aws:s3:::site", "arn:aws:s3:::site/*"
ROLE = "arn:aws:iam::111122223333:role/htmlgame"


def statement(*actions: str, on: tuple[str, ...] = ("*",), **more: Any) -> Statement:
    values: dict[str, Any] = {
        "where": "Stack Policy",
        "holders": ("role",),
        "effect": "Allow",
        "actions": actions,
        "resources": on,
        "keys": (),
        "federated": (),
        "unread": (),
    }
    return Statement(**(values | more))


def problems(*statements: Statement, excuses: Excuses | None = None) -> list[str]:
    return [each.problem for each in findings(statements, excuses or {})]


@pytest.mark.parametrize(
    "right",
    [
        statement("dynamodb:Query", "dynamodb:UpdateItem", on=(TABLE,)),
        statement("dynamodb:Query", on=(f"{TABLE}/index/by-name",)),
        statement("dynamodb:ListStreams"),
        statement("dynamodb:GetRecords", on=(STREAM,)),
        statement("s3:GetObject", "s3:ListBucket", on=(BUCKET, PAGES)),
        statement("s3:*", on=(BUCKET, PAGES), effect="Deny", keys=("aws:SecureTransport",)),
        statement("S3:getobject", on=(PAGES,), keys=("AWS:sourcearn",)),
        statement("dynamodb:Query", on=(TABLE,), keys=("dynamodb:LeadingKeys",)),
        statement("lambda:InvokeFunction", on=(f"arn:aws:lambda:{HERE}:function:trim:*",)),
        statement("logs:PutLogEvents", on=(f"arn:aws:logs:{HERE}:log-group:/aws/lambda/x:*",)),
        statement("sts:AssumeRole", on=(), holders=()),
        statement(
            "sts:AssumeRoleWithWebIdentity",
            on=(),
            holders=(),
            federated=("token.actions.githubusercontent.com",),
            keys=(
                "token.actions.githubusercontent.com:sub",
                "token.actions.githubusercontent.com:ref",
            ),
        ),
    ],
    ids=lambda each: "+".join(each.actions),
)
def test_a_statement_with_full_effect_has_no_problem(right: Statement) -> None:
    assert problems(right) == []


@pytest.mark.parametrize("action", ["dynamodb:Qery", "dynamo:Query", "Query", "s3:Got*"])
def test_an_action_that_aws_does_not_have(action: str) -> None:
    assert problems(statement(action)) == [f"{action}: AWS has no such action"]


@pytest.mark.parametrize(
    ("action", "resource", "wanted"),
    [
        ("dynamodb:Query", STREAM, "index, table"),
        ("dynamodb:GetRecords", TABLE, "stream"),
        ("dynamodb:ListStreams", TABLE, "* alone"),
        ("s3:ListBucket", PAGES, "accesspoint, bucket"),
        ("s3:GetObject", BUCKET, "accesspointobject, object"),
        ("logs:CreateLogStream", f"arn:aws:logs:{HERE}:log-group:/aws/lambda/x", "log-stream"),
        ("cloudfront:UpdateDistribution", f"arn:aws:cloudfront:{HERE}:distribution/E", "distri"),
        ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter", "parameter"),
        ("kms:Encrypt", f"arn:aws:kms:{HERE}:alias/creators", "key"),
    ],
)
def test_an_action_on_a_resource_of_another_type(action: str, resource: str, wanted: str) -> None:
    refused, unused = problems(statement(action, on=(resource,)))
    assert refused.startswith(f"{action}: it is granted on {wanted}")
    assert refused.endswith(f"not on {resource}")
    assert unused == f"{resource}: none of the statement's actions is granted on it"


def test_one_resource_too_many() -> None:
    both = statement("dynamodb:Query", on=(TABLE, STREAM))
    assert problems(both) == [f"{STREAM}: none of the statement's actions is granted on it"]


def test_one_action_too_many() -> None:
    [problem] = problems(statement("dynamodb:Query", "dynamodb:GetRecords", on=(TABLE,)))
    assert problem.startswith("dynamodb:GetRecords: it is granted on stream")


@pytest.mark.parametrize(
    ("action", "resource", "key"),
    [
        ("dynamodb:DescribeTable", TABLE, "dynamodb:LeadingKeys"),
        ("dynamodb:Query", TABLE, "dynamodb:LeadingKey"),
        ("dynamodb:Query", TABLE, "aws:SourceAcount"),
        ("s3:GetObject", PAGES, "s3:prefix"),
    ],
)
def test_a_condition_key_that_the_action_does_not_have(
    action: str, resource: str, key: str
) -> None:
    asked = statement(action, on=(resource,), keys=(key,))
    assert problems(asked) == [f"{action}: it has no condition key {key}"]


def test_a_claim_of_an_issuer_that_the_role_does_not_trust() -> None:
    trust = statement(
        "sts:AssumeRoleWithWebIdentity",
        on=(),
        holders=(),
        federated=("gitlab.example.com",),
        keys=("gitlab.example.com:sub", "gitlab.example.org:sub"),
    )
    assert problems(trust) == [
        "sts:AssumeRoleWithWebIdentity: it has no condition key gitlab.example.org:sub"
    ]


PLANS = statement("scheduler:CreateSchedule", on=(f"arn:aws:scheduler:{HERE}:schedule/a/b",))
PASSES = statement("iam:PassRole", on=(ROLE,))


def test_an_action_without_one_that_it_depends_on() -> None:
    missing = ["scheduler:CreateSchedule: it depends on iam:PassRole, which is not granted"]
    assert problems(PLANS) == missing
    assert problems(PLANS, statement("iam:PassRole", on=(ROLE,), holders=("other",))) == missing
    assert problems(PLANS, statement("iam:PassRole", on=(ROLE,), effect="Deny")) == missing


@pytest.mark.parametrize("dependent", [PASSES, statement("iam:Pass*", on=(ROLE,))])
def test_another_statement_of_the_role_may_grant_what_it_depends_on(dependent: Statement) -> None:
    assert problems(PLANS, dependent) == []


def test_a_dependent_action_may_be_excused_with_a_reason() -> None:
    excuse = {("scheduler:CreateSchedule", "iam:PassRole"): "its schedules have no role"}
    assert problems(PLANS, excuses=excuse) == []


@pytest.mark.parametrize("member", ["NotAction", "NotResource", "NotPrincipal"])
def test_a_statement_with_negated_elements_is_refused(member: str) -> None:
    [problem] = problems(statement("dynamodb:Query", on=(TABLE,), unread=(member,)))
    assert problem.startswith(f"{member} is not checked here")
