"""ScoreApiStack: the score table, its three functions, their HTTP API and daily trim."""

from aws_cdk import ArnFormat, Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from config import functions, names, paths
from config.environments import Environment
from lambdas.scores.routes import ROUTES
from lambdas.scores.settings import GetRankingSettings, PutScoreSettings, TrimTopSettings
from stacks.constructs.house_stack import HouseStack
from stacks.constructs.http_api import HttpApi
from stacks.constructs.libraries import Libraries
from stacks.constructs.python_function import PythonFunction

_PLAY_HEADERS = (
    "x-token-start",
    "x-token-end",
    "x-score",
    "x-player",
    "x-sig",
    "x-user-key",
    "x-idem-key",
)


class ScoreApiStack(HouseStack):
    """Leaderboards."""

    def __init__(self, scope: Construct, *, environment: Environment) -> None:
        super().__init__(scope, names.SCORE_API_STACK, environment=environment)
        self._environment = environment
        self._libraries = Libraries(self, "Libraries", environment=environment)
        self._table = self._score_table()
        put = self._put_score()
        get = self._get_ranking()
        trim = self._trim_top()
        api = HttpApi(
            self,
            "Api",
            name=names.SCORE_API,
            environment=environment,
            headers=_PLAY_HEADERS,
        )
        put_score, get_ranking = ROUTES.below(paths.API_BASE_PATH)
        api.serve([put_score], put)
        api.serve([get_ranking], get)
        self._export(
            {
                names.SCORE_API_ENDPOINT: api.address,
                names.SCORE_TABLE_NAME: self._table.table_name,
                names.SCORE_PUT_ARN: put.function_arn,
                names.SCORE_GET_ARN: get.function_arn,
                names.SCORE_TRIM_ARN: trim.function_arn,
            }
        )

    def _score_table(self) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            "ScoreTable",
            partition_key=dynamodb.Attribute(name="PK", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="SK", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=self._environment.keep_data,
            removal_policy=(
                RemovalPolicy.RETAIN if self._environment.keep_data else RemovalPolicy.DESTROY
            ),
        )

    def _put_score(self) -> PythonFunction:
        distribution_id = ssm.StringParameter.value_for_string_parameter(
            self, names.DISTRIBUTION_ID
        )
        function = PythonFunction(
            self,
            "PutScore",
            function=functions.PUT_SCORE,
            settings=PutScoreSettings(
                table_name=self._table.table_name,
                origin_lock_parameter=names.ORIGIN_LOCK,
                distribution_id=distribution_id,
                ranking_path=paths.RANKINGS,
                invalidation_window_seconds=self._environment.invalidation_window_seconds,
                invalidations_a_month=self._environment.invalidations_a_month,
            ),
            environment=self._environment,
            libraries=self._libraries,
        )
        self._table.grant(
            function,
            "dynamodb:Query",
            "dynamodb:DeleteItem",
            "dynamodb:UpdateItem",
        )
        self._grant_origin_lock(function)
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["cloudfront:CreateInvalidation"],
                resources=[
                    self.format_arn(
                        service="cloudfront",
                        region="",
                        resource="distribution",
                        resource_name=distribution_id,
                    )
                ],
            )
        )
        return function

    def _get_ranking(self) -> PythonFunction:
        function = PythonFunction(
            self,
            "GetRanking",
            function=functions.GET_RANKING,
            settings=GetRankingSettings(
                table_name=self._table.table_name, origin_lock_parameter=names.ORIGIN_LOCK
            ),
            environment=self._environment,
            libraries=self._libraries,
        )
        self._table.grant(function, "dynamodb:Query")
        self._grant_origin_lock(function)
        return function

    def _trim_top(self) -> PythonFunction:
        function = PythonFunction(
            self,
            "TrimTop",
            function=functions.TRIM_TOP,
            settings=TrimTopSettings(
                table_name=self._table.table_name,
                function_name=names.TRIM_TOP,
                edge_store_parameter=names.EDGE_STORE_ARN,
            ),
            environment=self._environment,
            libraries=self._libraries,
            timeout=Duration.minutes(14),
        )
        self._table.grant(function, "dynamodb:Query", "dynamodb:DeleteItem", "dynamodb:UpdateItem")
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"], resources=[self._function_arn(names.TRIM_TOP)]
            )
        )
        self._allow_reading(function, names.EDGE_STORE_ARN)
        events.Rule(
            self,
            "DailyTrim",
            schedule=events.Schedule.cron(hour="0", minute="10"),
            targets=[targets.LambdaFunction(function)],
        )
        return function

    def _function_arn(self, name: str) -> str:
        return self.format_arn(
            service="lambda",
            resource="function",
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    def _grant_origin_lock(self, function: PythonFunction) -> None:
        self._allow_reading(function, names.ORIGIN_LOCK)

    def _allow_reading(self, function: PythonFunction, parameter: str) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ssm:GetParameter"],
                resources=[
                    self.format_arn(
                        service="ssm",
                        resource="parameter",
                        resource_name=parameter.removeprefix("/"),
                    )
                ],
            )
        )

    def _export(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            ssm.StringParameter(
                self,
                "Export-" + name.rpartition("/")[2],
                parameter_name=name,
                string_value=value,
            )
