"""TelemetryStack: sessions, events and scores, their tables, functions and HTTP API."""

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from aws_cdk.aws_lambda_event_sources import DynamoEventSource
from constructs import Construct

from config import functions, names, paths
from config.environments import Environment
from config.functions import Function
from config.telemetry import Telemetry
from lambdas.analytics import routes as analytics_routes
from lambdas.analytics.settings import AnalyticsSettings
from lambdas.data import routes as data_routes
from lambdas.data.settings import DataSettings
from lambdas.shared.settings import Settings
from lambdas.telemetry import routes as telemetry_routes
from lambdas.telemetry.settings import CountSettings, IngestSettings, KeysSettings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.archive import Archive
from stacks.constructs.creators import Creators
from stacks.constructs.house_stack import HouseStack
from stacks.constructs.house_table import HouseTable
from stacks.constructs.http_api import HttpApi
from stacks.constructs.libraries import Libraries
from stacks.constructs.provider import Provider
from stacks.constructs.python_function import PythonFunction

_IN_A_SESSION = {"Keys": {"PK": {"S": lambda_.FilterRule.begins_with("P#")}}}
_COUNTED = [
    lambda_.FilterCriteria.filter(
        {"eventName": lambda_.FilterRule.is_equal("INSERT"), "dynamodb": _IN_A_SESSION}
    ),
    lambda_.FilterCriteria.filter(
        {
            "eventName": lambda_.FilterRule.is_equal("MODIFY"),
            "dynamodb": {
                **_IN_A_SESSION,
                "NewImage": {"ended": {"N": lambda_.FilterRule.exists()}},
            },
        }
    ),
]
"""What is not counted wakes nobody: counters themselves, expiry, an event that came twice."""


class TelemetryStack(HouseStack):
    """Telemetry, and what creators keep here."""

    def __init__(self, scope: Construct, *, environment: Environment, telemetry: Telemetry) -> None:
        super().__init__(scope, names.TELEMETRY_STACK, environment=environment)
        telemetry.check()
        self._environment = environment
        self._telemetry = telemetry
        self._libraries = Libraries(self, "Libraries", environment=environment)
        self._tables()
        self._api = HttpApi(
            self,
            "Api",
            name=names.TELEMETRY_API,
            environment=environment,
            requests_per_second=telemetry.requests_per_second,
            burst=telemetry.burst,
            same_origin_only=True,
        )
        self._creators = HttpJwtAuthorizer(
            "Creators", telemetry.issuer, jwt_audience=[telemetry.audience]
        )
        keys = self._keys()
        for function in (self._ingest(), self._data()):
            function.node.add_dependency(keys)
        self._count()
        self._analytics()
        if telemetry.archive:
            Archive(
                self,
                "Archive",
                environment=environment,
                telemetry=telemetry,
                libraries=self._libraries,
                telemetry_table=self._telemetry_table,
                creator_table=self._creator_table,
                filters=_COUNTED,
            )
        Creators(
            self,
            "Creators",
            environment=environment,
            telemetry=telemetry,
            libraries=self._libraries,
            api=self._api,
            authorizer=self._creators,
            telemetry_table=self._telemetry_table,
            data_table=self._data_table,
            creator_table=self._creator_table,
            secret_table=self._secret_table,
        )
        self._export(
            {
                names.TELEMETRY_API_ENDPOINT: self._api.address,
                names.TELEMETRY_TABLE_NAME: self._telemetry_table.table_name,
                names.RATE_TABLE_NAME: self._rate_table.table_name,
                names.DATA_TABLE_NAME: self._data_table.table_name,
                names.CREATOR_TABLE_NAME: self._creator_table.table_name,
                names.SECRET_TABLE_NAME: self._secret_table.table_name,
            }
        )

    def _tables(self) -> None:
        environment = self._environment
        self._telemetry_table = HouseTable(
            self, "TelemetryTable", environment=environment, streams=True
        )
        self._rate_table = HouseTable(
            self, "RateTable", environment=environment, precious=False, sorted_by=None
        )
        self._data_table = HouseTable(self, "DataTable", environment=environment)
        self._creator_table = HouseTable(self, "CreatorTable", environment=environment)
        self._secret_table = HouseTable(self, "SecretTable", environment=environment)

    def _function(
        self,
        id: str,
        function: Function,
        settings: Settings,
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

    def _keys(self) -> CustomResource:
        keeper = self._function(
            "Keys",
            functions.TELEMETRY_KEYS,
            KeysSettings(
                token_keys_parameter=names.TELEMETRY_TOKEN_KEYS,
                hash_key_parameter=names.TELEMETRY_HASH_KEY,
                keep_hash_key=int(self._environment.keep_data),
            ),
            timeout=Duration.minutes(1),
        )
        keeper.allow_parameter(
            names.TELEMETRY_TOKEN_KEYS, "GetParameter", "PutParameter", "DeleteParameter"
        )
        keeper.allow_parameter(names.TELEMETRY_HASH_KEY, "PutParameter", "DeleteParameter")
        events.Rule(
            self,
            "Monthly",
            schedule=events.Schedule.rate(Duration.days(30)),
            targets=[targets.LambdaFunction(keeper)],
        )
        provider = Provider(self, "KeysProvider", handler=keeper, environment=self._environment)
        return CustomResource(self, "TokenKeys", service_token=provider.service_token)

    def _ingest(self) -> PythonFunction:
        ingest = self._function(
            "Ingest",
            functions.TELEMETRY_INGEST,
            IngestSettings(
                telemetry_table=self._telemetry_table.table_name,
                rate_table=self._rate_table.table_name,
                creator_table=self._creator_table.table_name,
                origin_lock_parameter=names.ORIGIN_LOCK,
                token_keys_parameter=names.TELEMETRY_TOKEN_KEYS,
                hash_key_parameter=names.TELEMETRY_HASH_KEY,
                telemetry_path=paths.TELEMETRY,
                address_requests_a_minute=self._telemetry.address_requests_a_minute,
                session_requests_a_minute=self._telemetry.session_requests_a_minute,
                gateway_hops=0 if self._environment.is_local else 1,
            ),
        )
        self._telemetry_table.grant(
            ingest, "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"
        )
        self._rate_table.grant(ingest, "dynamodb:UpdateItem")
        self._creator_table.grant(ingest, "dynamodb:GetItem")
        ingest.allow_reading_together(
            names.ORIGIN_LOCK, names.TELEMETRY_TOKEN_KEYS, names.TELEMETRY_HASH_KEY
        )
        self._api.serve(telemetry_routes.ROUTES.below(paths.API_BASE_PATH), ingest)
        return ingest

    def _data(self) -> PythonFunction:
        data = self._function(
            "Data",
            functions.TELEMETRY_DATA,
            DataSettings(
                data_table=self._data_table.table_name,
                rate_table=self._rate_table.table_name,
                creator_table=self._creator_table.table_name,
                origin_lock_parameter=names.ORIGIN_LOCK,
                token_keys_parameter=names.TELEMETRY_TOKEN_KEYS,
                data_path=paths.DATA,
                address_requests_a_minute=self._telemetry.address_requests_a_minute,
                session_requests_a_minute=self._telemetry.session_requests_a_minute,
            ),
        )
        self._data_table.grant(
            data,
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        )
        self._rate_table.grant(data, "dynamodb:UpdateItem")
        self._creator_table.grant(data, "dynamodb:GetItem")
        data.allow_reading_together(names.ORIGIN_LOCK, names.TELEMETRY_TOKEN_KEYS)
        self._api.serve(data_routes.ROUTES.below(paths.API_BASE_PATH), data)
        return data

    def _count(self) -> None:
        count = self._function(
            "Count",
            functions.TELEMETRY_COUNT,
            CountSettings(telemetry_table=self._telemetry_table.table_name),
            timeout=Duration.minutes(1),
        )
        self._telemetry_table.grant(count, "dynamodb:GetItem", "dynamodb:PutItem")
        count.add_event_source(
            DynamoEventSource(
                self._telemetry_table,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=1000,
                max_batching_window=Duration.seconds(self._telemetry.count_window_seconds),
                bisect_batch_on_error=True,
                filters=_COUNTED,
            )
        )
        acknowledge(
            self.node.find_child("CountRole"),
            {"AwsSolutions-IAM5[Resource::*]": "Streams cannot be listed one by one."},
        )

    def _analytics(self) -> None:
        analytics = self._function(
            "Analytics",
            functions.TELEMETRY_ANALYTICS,
            AnalyticsSettings(
                telemetry_table=self._telemetry_table.table_name,
                creator_table=self._creator_table.table_name,
                origin_lock_parameter=names.ORIGIN_LOCK,
            ),
        )
        self._telemetry_table.grant(analytics, "dynamodb:Query")
        self._creator_table.grant(analytics, "dynamodb:GetItem")
        analytics.allow_parameter(names.ORIGIN_LOCK, "GetParameter")
        routes = analytics_routes.ROUTES.below(paths.API_BASE_PATH)
        self._api.serve(routes, analytics, self._creators)

    def _export(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            ssm.StringParameter(
                self,
                "Export-" + name.rpartition("/")[2],
                parameter_name=name,
                string_value=value,
            )
