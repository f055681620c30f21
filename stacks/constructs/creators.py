"""What creators keep: projects, secrets and their audit; each function with its own privileges."""

from collections.abc import Sequence

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from config import functions, names, paths
from config.environments import Environment
from config.functions import Function
from config.telemetry import Telemetry
from lambdas.creators import routes as creator_routes
from lambdas.creators import settings as creator_settings
from lambdas.creators.settings import ProjectsSettings
from lambdas.data import settings as data_settings
from lambdas.erasure.settings import EraseSettings
from lambdas.secrets import routes as secret_routes
from lambdas.secrets import settings as secret_settings
from lambdas.secrets.settings import ResolveEnvSettings, SecretsSettings
from lambdas.shared.settings import Settings
from lambdas.telemetry import settings as telemetry_settings
from stacks.constructs.house_stack import outlives_its_stack
from stacks.constructs.house_table import HouseTable
from stacks.constructs.http_api import HttpApi
from stacks.constructs.libraries import Libraries
from stacks.constructs.python_function import PythonFunction

_TRANSACTION = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")


class Creators(Construct):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        environment: Environment,
        telemetry: Telemetry,
        libraries: Libraries,
        api: HttpApi,
        authorizer: apigatewayv2.IHttpRouteAuthorizer,
        telemetry_table: HouseTable,
        data_table: HouseTable,
        creator_table: HouseTable,
        secret_table: HouseTable,
    ) -> None:
        super().__init__(scope, id)
        self._environment = environment
        self._libraries = libraries
        self._telemetry_table = telemetry_table
        self._data_table = data_table
        self._creator_table = creator_table
        self._secret_table = secret_table
        self._key = self._secrets_key()
        projects = self._projects()
        secrets = self._secrets()
        self._resolve_env()
        self._erase(telemetry.erasure_settle_seconds)
        api.serve(creator_routes.ROUTES.below(paths.API_BASE_PATH), projects, authorizer)
        api.serve(secret_routes.ROUTES.below(paths.API_BASE_PATH), secrets, authorizer)

    def _secrets_key(self) -> kms.Key:
        return kms.Key(
            self,
            "SecretsKey",
            description="Seals creators' secrets",
            enable_key_rotation=True,
            removal_policy=outlives_its_stack(self._environment),
        )

    def _function(
        self,
        id: str,
        function: Function,
        settings: Settings | Sequence[Settings],
        *,
        timeout: Duration | None = None,
    ) -> PythonFunction:
        return PythonFunction(
            self,
            id,
            function=function,
            settings=settings,
            environment=self._environment,
            libraries=self._libraries,
            timeout=timeout,
        )

    def _projects(self) -> PythonFunction:
        function = self._function(
            "Projects",
            functions.TELEMETRY_PROJECTS,
            ProjectsSettings(
                creator_table=self._creator_table.table_name,
                origin_lock_parameter=names.ORIGIN_LOCK,
                hash_key_parameter=names.TELEMETRY_HASH_KEY,
                api_base_path=paths.API_BASE_PATH,
                erase_function=names.TELEMETRY_ERASE,
            ),
        )
        self._creator_table.grant(function, "dynamodb:GetItem", "dynamodb:Query", *_TRANSACTION)
        function.allow_reading_together(names.ORIGIN_LOCK, names.TELEMETRY_HASH_KEY)
        self._allow_erasing(function)
        return function

    def _secrets(self) -> PythonFunction:
        function = self._function(
            "Secrets",
            functions.TELEMETRY_SECRETS,
            SecretsSettings(
                creator_table=self._creator_table.table_name,
                secret_table=self._secret_table.table_name,
                origin_lock_parameter=names.ORIGIN_LOCK,
                api_base_path=paths.API_BASE_PATH,
                kms_key=self._key.key_arn,
            ),
        )
        self._creator_table.grant(
            function,
            "dynamodb:GetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        )
        self._secret_table.grant(
            function, "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"
        )
        self._allow_key(function, "kms:Encrypt")
        function.allow_parameter(names.ORIGIN_LOCK, "GetParameter")
        return function

    def _resolve_env(self) -> None:
        function = self._function(
            "ResolveEnv",
            functions.RESOLVE_ENV,
            ResolveEnvSettings(
                creator_table=self._creator_table.table_name,
                secret_table=self._secret_table.table_name,
            ),
        )
        self._creator_table.grant(function, "dynamodb:GetItem")
        self._secret_table.grant(function, "dynamodb:BatchGetItem")
        self._allow_key(function, "kms:Decrypt")
        iam.ManagedPolicy(
            self,
            "ResolveEnvCaller",
            managed_policy_name=f"{names.RESOLVE_ENV_CALLER}-{Aws.REGION}",
            description="For the role of whoever runs the projects' servers",
            statements=[
                iam.PolicyStatement(
                    actions=["lambda:InvokeFunction"], resources=[function.function_arn]
                )
            ],
        )
        ssm.StringParameter(
            self,
            "ResolveEnvArn",
            parameter_name=names.RESOLVE_ENV_ARN,
            string_value=function.function_arn,
        )

    def _erase(self, settle_seconds: int) -> None:
        function = self._function(
            "Erase",
            functions.TELEMETRY_ERASE,
            (
                EraseSettings(
                    creator_table=self._creator_table.table_name,
                    function_name=names.TELEMETRY_ERASE,
                    settle_seconds=settle_seconds,
                ),
                telemetry_settings.ErasableSettings(
                    telemetry_table=self._telemetry_table.table_name
                ),
                data_settings.ErasableSettings(data_table=self._data_table.table_name),
                secret_settings.ErasableSettings(secret_table=self._secret_table.table_name),
                creator_settings.ErasableSettings(creator_table=self._creator_table.table_name),
            ),
            timeout=Duration.minutes(14),
        )
        for table in (self._telemetry_table, self._data_table, self._secret_table):
            table.grant(function, "dynamodb:Query", "dynamodb:BatchWriteItem")
        self._telemetry_table.grant(function, "dynamodb:UpdateItem")
        self._data_table.grant(function, "dynamodb:GetItem")
        self._creator_table.grant(function, "dynamodb:GetItem", "dynamodb:Query", *_TRANSACTION)
        self._allow_erasing(function)
        events.Rule(
            self,
            "GoOnErasing",
            description="With what was interrupted",
            schedule=events.Schedule.rate(Duration.hours(1)),
            targets=[targets.LambdaFunction(function)],
        )

    def _allow_key(self, function: PythonFunction, action: str) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(actions=[action], resources=[self._key.key_arn])
        )

    def _allow_erasing(self, function: PythonFunction) -> None:
        """By name: the function that erases invokes itself."""
        arn = Stack.of(self).format_arn(
            service="lambda",
            resource=f"function:{names.TELEMETRY_ERASE}",
        )
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[arn])
        )
