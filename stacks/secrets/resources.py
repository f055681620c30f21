"""Builds the functions that seal creators' secrets and open them for projects' servers."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm

from config import names, paths
from config.capabilities import secrets
from lambdas.secrets.routes import ROUTES
from lambdas.secrets.settings import ResolveEnvSettings, SecretsSettings
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.stack import outlives_its_stack


def build(stack: CapabilityStack) -> None:
    key = kms.Key(
        stack.scope(secrets.API.scope),
        "SecretsKey",
        description="Seals creators' secrets",
        enable_key_rotation=True,
        removal_policy=outlives_its_stack(stack.settings),
    )
    _api(stack, key)
    _resolve_env(stack, key)


def _api(stack: CapabilityStack, key: kms.Key) -> None:
    table, projects = stack.table_of(secrets.CAPABILITY, secrets.TABLE), stack.table("projects")
    function = stack.function(
        secrets.API,
        SecretsSettings(
            creator_table=projects.table_name,
            secret_table=table.table_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
            api_base_path=paths.API_BASE_PATH,
            kms_key=key.key_arn,
        ),
    )
    projects.grant(
        function,
        "dynamodb:GetItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    )
    table.grant(function, "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
    function.allow(["kms:Encrypt"], key.key_arn)
    function.allow_origin_lock()
    stack.serve(ROUTES, function, signed_in=True)


def _resolve_env(stack: CapabilityStack, key: kms.Key) -> None:
    table, projects = stack.table_of(secrets.CAPABILITY, secrets.TABLE), stack.table("projects")
    function = stack.function(
        secrets.RESOLVE_ENV,
        ResolveEnvSettings(creator_table=projects.table_name, secret_table=table.table_name),
    )
    projects.grant(function, "dynamodb:GetItem")
    table.grant(function, "dynamodb:BatchGetItem")
    function.allow(["kms:Decrypt"], key.key_arn)
    scope = stack.scope(secrets.RESOLVE_ENV.scope)
    iam.ManagedPolicy(
        scope,
        "ResolveEnvCaller",
        managed_policy_name=f"{secrets.RESOLVE_ENV_CALLER}-{Aws.REGION}",
        description="For the role of whoever runs the projects' servers",
        statements=[
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"], resources=[function.function_arn]
            )
        ],
    )
    ssm.StringParameter(
        scope,
        "ResolveEnvArn",
        parameter_name=secrets.RESOLVE_ENV_ARN,
        string_value=function.function_arn,
    )
