"""Statements are read from wherever a template holds them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.iam.arns import may_name
from tests.stacks.iam.reference import resource_types
from tests.stacks.iam.statements import ARNS, Assembly, Statement, UnknownReferenceError

TABLE: dict[str, Any] = {"Type": "AWS::DynamoDB::Table", "Properties": {}}
TABLE_ARN = {"Fn::GetAtt": ["Table", "Arn"]}


def allow(action: str, resource: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def statements(folder: Path, **stacks: dict[str, Any]) -> list[Statement]:
    for stack, template in stacks.items():
        content = {"Parameters": {}, **template}
        (folder / f"{stack}.template.json").write_text(json.dumps(content))
    return list(Assembly(folder).statements())


def policy(resource: Any, role: Any = "writer") -> dict[str, Any]:
    properties = {"Roles": [role], "PolicyDocument": allow("dynamodb:Query", resource)}
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def test_references_become_the_arns_they_will_be(tmp_path: Path) -> None:
    stream = {"Fn::GetAtt": ["Table", "StreamArn"]}
    index = {"Fn::Join": ["", [TABLE_ARN, "/index/*"]]}
    resources = {"Table": TABLE, "Policy": policy([TABLE_ARN, stream, index])}
    [statement] = statements(tmp_path, Scores={"Resources": resources})
    table = "arn:aws:dynamodb:us-east-1:111122223333:table/Table"
    assert statement.resources == (table, f"{table}/stream/label", f"{table}/index/*")
    assert (statement.where, statement.holders) == ("Scores Policy", ("writer",))


def test_a_parameter_is_what_another_stack_writes_to_it(tmp_path: Path) -> None:
    written = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "/table", "Value": TABLE_ARN},
    }
    [statement] = statements(
        tmp_path,
        Edge={
            "Parameters": {"Told": {"Default": "/table"}},
            "Resources": {"Policy": policy({"Ref": "Told"})},
        },
        Scores={"Resources": {"Table": TABLE, "Written": written}},
    )
    assert statement.resources == ("arn:aws:dynamodb:us-east-1:111122223333:table/Table",)


def test_a_role_holds_its_own_policies_and_those_of_other_stacks(tmp_path: Path) -> None:
    inline = [{"PolicyName": "own", "PolicyDocument": allow("dynamodb:GetItem", "*")}]
    name = {"Fn::Join": ["-", ["trim", {"Ref": "AWS::Region"}]]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "Policies": inline}}
    found = statements(
        tmp_path,
        Edge={"Resources": {"Policy": policy("*", name)}},
        Scores={"Resources": {"Role": role, "Policy": policy("*", {"Ref": "Role"})}},
    )
    assert [each.holders for each in found] == [("trim-us-east-1",)] * 3


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::S3::BucketPolicy", {"PolicyDocument": allow("s3:GetObject", "*")}),
        ("AWS::KMS::Key", {"KeyPolicy": allow("kms:Encrypt", "*")}),
        ("AWS::DynamoDB::Table", {"ResourcePolicy": {"PolicyDocument": allow("dynamodb:Q", "*")}}),
        ("AWS::Logs::ResourcePolicy", {"PolicyDocument": json.dumps(allow("logs:Put", "*"))}),
        ("AWS::IAM::Role", {"AssumeRolePolicyDocument": allow("sts:AssumeRole", "*")}),
        (
            "AWS::Lambda::Permission",
            {"Action": "lambda:InvokeFunction", "FunctionName": "x", "Principal": "a.com"},
        ),
    ],
)
def test_a_policy_of_a_resource_grants_to_no_role_here(
    tmp_path: Path, kind: str, properties: dict[str, Any]
) -> None:
    resource = {"Type": kind, "Properties": properties}
    [statement] = statements(tmp_path, Stack={"Resources": {"It": resource}})
    assert statement.holders == ()
    assert statement.actions


def test_an_unsupported_element_is_reported_as_unread(tmp_path: Path) -> None:
    document = {"Statement": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]}
    resource = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    [statement] = statements(tmp_path, Stack={"Resources": {"It": resource}})
    assert (statement.unread, statement.holders) == (("NotAction",), ("Stack It",))


@pytest.mark.parametrize("resource", [{"Fn::GetAtt": ["Table", "Name"]}, {"Fn::Sub": "arn:${X}"}])
def test_a_reference_of_unknown_form_is_named(tmp_path: Path, resource: Any) -> None:
    resources = {"Table": TABLE, "Policy": policy(resource)}
    with pytest.raises(UnknownReferenceError, match=r"Scores: (Name of AWS::DynamoDB|Fn::Sub)"):
        statements(tmp_path, Scores={"Resources": resources})


@pytest.mark.parametrize("arn", ARNS.values(), ids=[" ".join(each) for each in ARNS])
def test_each_known_arn_is_of_a_type_in_the_reference(arn: str) -> None:
    types = resource_types(arn.partition(":")[0])
    assert any(may_name("arn:aws:" + arn % "x", each.arn) for each in types.values())
