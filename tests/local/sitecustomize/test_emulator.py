"""The behaviour of AWS that local/sitecustomize adds to the emulator."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.cloud import Cloud


@contextmanager
def role_that_may(cloud: Cloud, *parameters: str) -> Iterator[Any]:
    """An SSM client of a role that may read these parameters together."""
    iam, name = cloud.client("iam"), "reads-parameters"
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": trust}))
    arns = [f"arn:aws:ssm:us-east-1:000000000000:parameter{each}" for each in parameters]
    statement = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": arns}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName="reads", PolicyDocument=document)
    given = cloud.client("sts").assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="reader")
    keys = given["Credentials"]
    try:
        yield boto3.client(
            "ssm",
            endpoint_url=cloud.url,
            region_name="us-east-1",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="reads")
        iam.delete_role(RoleName=name)


def test_parameters_read_together_are_each_asked_for(cloud: Cloud) -> None:
    """As AWS does; the emulator alone would ask for all that there are."""
    for name in ("/a", "/b", "/c"):
        cloud.client("ssm").put_parameter(Name=name, Value=name, Type="String", Overwrite=True)
    with role_that_may(cloud, "/a", "/b") as ssm:
        read = ssm.get_parameters(Names=["/a", "/b"])["Parameters"]
        assert [each["Value"] for each in read] == ["/a", "/b"]
        for names in (["/c"], ["/a", "/c"], ["/c", "/a", "/b"]):
            with pytest.raises(ClientError, match="AccessDenied"):
                ssm.get_parameters(Names=names)


def test_a_stack_that_came_by_a_change_set_has_its_templates_description(cloud: Cloud) -> None:
    """As every stack of the CDK's does on AWS."""
    client, stack = cloud.client("cloudformation"), "described"
    topic = {"Topic": {"Type": "AWS::SNS::Topic"}}
    client.create_change_set(
        StackName=stack,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps({"Description": "what it is", "Resources": topic}),
    )
    client.get_waiter("change_set_create_complete").wait(
        StackName=stack, ChangeSetName="first", WaiterConfig={"Delay": 1}
    )
    client.execute_change_set(StackName=stack, ChangeSetName="first")
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    [found] = client.describe_stacks(StackName=stack)["Stacks"]
    client.delete_stack(StackName=stack)
    assert found["Description"] == "what it is"


def test_a_subscription_takes_any_of_its_optional_terms(cloud: Cloud) -> None:
    """And phrases, and lines without an excluded term, as CloudWatch Logs does."""
    logs = cloud.client("logs")
    group = "/htmlgame/patterns"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    logs.create_log_group(logGroupName="/aws/lambda/hears")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("index.py", _TELLS_WHAT_CAME)
    role = cloud.client("iam").create_role(RoleName="hears", AssumeRolePolicyDocument="{}")
    made = cloud.client("lambda").create_function(
        FunctionName="hears",
        Runtime="python3.13",
        Handler="index.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": code.getvalue()},
    )
    logs.put_subscription_filter(
        logGroupName=group,
        filterName="some",
        filterPattern='?ERROR ?"timed out" -ignored',
        destinationArn=made["FunctionArn"],
    )
    lines = ("an ERROR", "it timed out", "timed", "an ERROR, ignored", "fine")
    events = [{"timestamp": int(time.time() * 1000), "message": each} for each in lines]
    logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=events)
    until = time.monotonic() + 20
    heard: list[str] = []
    while not heard and time.monotonic() < until:
        found = logs.filter_log_events(logGroupName="/aws/lambda/hears")["events"]
        heard = [each["message"] for each in found if each["message"].startswith("heard ")]
        time.sleep(0.1)
    assert [each.strip() for each in heard] == ["heard an ERROR|it timed out"]


_TELLS_WHAT_CAME = """
import base64, gzip, json
def handler(event, context):
    batch = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    print("heard " + "|".join(each["message"] for each in batch["logEvents"]))
"""


def test_a_stack_in_change_is_described_when_the_change_has_ended(cloud: Cloud) -> None:
    """The CDK asks at once and then every five seconds."""
    client = cloud.client("cloudformation")
    resources = {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Nobody": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "1"},
        },
    }
    template = json.dumps({"Resources": resources})
    made = client.create_stack(StackName="Waits", TemplateBody=template)["StackId"]
    for name in ("Waits", made):
        [told] = client.describe_stacks(StackName=name)["Stacks"]
        assert told["StackStatus"] == "ROLLBACK_COMPLETE"
    client.delete_stack(StackName="Waits")
    [told] = client.describe_stacks(StackName=made)["Stacks"]
    assert told["StackStatus"] == "DELETE_COMPLETE"
