"""The stack of a capability, with the capabilities that it hosts.

It makes what their manifests list: tables, the HTTP API, and the SSM parameters that hold their
names. The rest comes from stacks/<name>/resources.py: its `build(stack)` gives each function its
settings and its permissions, and serves the routes.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module

from aws_cdk import ArnFormat, Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from aws_cdk.aws_lambda_event_sources import DynamoEventSource
from constructs import Construct

from config import paths
from config.environments import Environment
from config.manifest import Capability, Endpoint, Function, Rule, Table
from config.manifests import enabled, erasables, forgettables, host_of, hosted_by
from config.model import CapabilitySettings
from config.settings import SignIn, Throttle
from lambdas.shared.http.routes import Route, Routes
from lambdas.shared.settings import Settings
from stacks.shared.acknowledge import acknowledge
from stacks.shared.http_api import HttpApi
from stacks.shared.libraries import Libraries
from stacks.shared.python_function import PythonFunction
from stacks.shared.stack import ProjectStack
from stacks.shared.table import ProjectTable
from stacks.shared.web_socket_api import WebSocketApi


class CapabilityStack(ProjectStack):
    def __init__(self, scope: Construct, *, host: Capability, environment: Environment) -> None:
        super().__init__(scope, host.stack, description=host.summary, environment=environment)
        self.settings = environment
        self.enabled = enabled(environment)
        self._host = host
        self._libraries = Libraries(self, "Libraries", environment=environment)
        capabilities = [each for each in hosted_by(host) if each in self.enabled]
        self._tables = {
            table.parameter: ProjectTable(self, table=table, environment=environment)
            for capability in capabilities
            for table in capability.tables
        }
        self._others_tables: dict[str, dynamodb.ITable] = {}
        self.served: list[tuple[Route, Function]] = []
        """Every route of its API, and the function behind it."""
        self._apis = [self._api(endpoint) for endpoint in host.apis]
        self.sockets = [self._socket(each) for each in host.endpoints if each.kind == "WebSocket"]
        for capability in capabilities:
            import_module(f"stacks.{capability.name}.resources").build(self)
        self.export({name: table.table_name for name, table in self._tables.items()})

    def _api(self, endpoint: Endpoint) -> HttpApi:
        api = HttpApi(self, endpoint=endpoint, environment=self.settings, throttle=self._throttle)
        self.export({endpoint.parameter: api.address})
        return api

    def _socket(self, endpoint: Endpoint) -> WebSocketApi:
        api = WebSocketApi(self, endpoint=endpoint, throttle=self._throttle)
        self.export({endpoint.parameter: api.address})
        return api

    def export(self, values: Mapping[str, str]) -> None:
        """Writes SSM parameters, for other stacks and the operator's commands."""
        for name, value in values.items():
            ssm.StringParameter(
                self,
                "Export-" + name.rpartition("/")[2],
                parameter_name=name,
                string_value=value,
            )

    def scope(self, id: str) -> Construct:
        """The stack itself, or the construct of this id in it."""
        if not id:
            return self
        found = self.node.try_find_child(id)
        return found if isinstance(found, Construct) else Construct(self, id)

    def function(
        self, function: Function, settings: Settings | Sequence[Settings]
    ) -> PythonFunction:
        """The function, with the rules that invoke it."""
        scope = self.scope(function.scope)
        made = PythonFunction(
            scope,
            function=function,
            settings=settings,
            environment=self.settings,
            libraries=self._libraries,
        )
        for rule in function.rules:
            _add_rule(scope, rule, made)
        return made

    def function_arn(self, function: Function) -> str:
        """By name, for a function that invokes itself or is made elsewhere."""
        return self.format_arn(
            service="lambda",
            resource="function",
            resource_name=function.name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    @property
    def player_tokens(self) -> str:
        """The parameter with the keys of players' tokens; empty where nobody signs in."""
        return next((each.player_tokens for each in self.enabled if each.player_tokens), "")

    @property
    def player_hashes(self) -> str:
        """The parameter with the key of players' hashes; empty where nothing is kept by them."""
        return next((each.player_hashes for each in self.enabled if each.player_hashes), "")

    def table(self, records: str) -> dynamodb.ITable:
        """The table that holds these records of lambdas/shared."""
        return self.table_of(*self._holder(records))

    def _holder(self, records: str) -> tuple[Capability, Table]:
        return next(
            (capability, table)
            for capability in self.enabled
            for table in capability.tables
            if records in table.holds
        )

    def table_of(self, capability: Capability, table: Table) -> dynamodb.ITable:
        """The capability's table, which may be in another stack."""
        if table.parameter in self._tables:
            return self._tables[table.parameter]
        if table.parameter not in self._others_tables:
            self._others_tables[table.parameter] = dynamodb.Table.from_table_name(
                self, f"{capability.name}-{table.id}", self.parameter_value(table.parameter)
            )
        return self._others_tables[table.parameter]

    def erasable_tables(self) -> list[tuple[Capability, Table, dynamodb.ITable]]:
        """Every table in which erasure deletes."""
        return [
            (capability, table, self.table_of(capability, table))
            for capability in erasables(self.enabled)
            for table in capability.tables
            if table.eraser_may
        ]

    def forgettable_tables(self) -> list[tuple[Capability, Table, dynamodb.ITable]]:
        """Every table with data of signed-in persons."""
        return [
            (capability, table, self.table_of(capability, table))
            for capability in forgettables(self.enabled)
            for table in capability.tables
            if table.forgetter_may
        ]

    def followers_of_forgetting(self) -> list[tuple[Capability, Function]]:
        """Functions that are invoked once data of a person has changed in those tables."""
        return [
            (capability, function)
            for capability in forgettables(self.enabled)
            for function in capability.functions
            if function.follows_forgetting
        ]

    def address_of(self, path: str) -> str:
        """The address of the API that the distribution sends this path to, read at deploy."""
        host = next(
            host_of(each)
            for each in self.enabled
            if path in {pattern.path for pattern in each.patterns}
        )
        return self.parameter_value(host.apis[0].parameter)

    def serve(
        self,
        routes: Routes,
        function: PythonFunction,
        *names: str,
        signed_in: bool = False,
        throttle: Throttle | None = None,
        base: str = paths.API_BASE_PATH,
    ) -> None:
        """Sends the named routes to the function, or all routes where none is named."""
        authorizer = self._authorizer if signed_in else None
        if signed_in and throttle is None:
            throttle = self._sign_in.creators
        below = list(routes.below(base, *names))
        self.served += [(each, function.described) for each in below]
        self._apis[0].serve(below, function, authorizer, throttle)

    @property
    def _sign_in(self) -> SignIn:
        """The host's own, or that of another capability."""
        own = self._own_settings
        return own if isinstance(own, SignIn) else self.settings.settings(SignIn)

    @property
    def _throttle(self) -> Throttle | None:
        own = self._own_settings
        return own if isinstance(own, Throttle) else None

    @property
    def _own_settings(self) -> CapabilitySettings | None:
        kind = self._host.settings
        return None if kind is None else self.settings.given(kind)

    @cached_property
    def _authorizer(self) -> HttpJwtAuthorizer:
        """Admits creators who have signed in."""
        sign_in = self._sign_in
        return HttpJwtAuthorizer(
            self._host.apis[0].authorizer, sign_in.issuer, jwt_audience=[sign_in.audience]
        )

    def read_stream(
        self, function: PythonFunction, records: str, *, batch_size: int, window_seconds: int
    ) -> None:
        """Invokes the function with the changes of the table that holds these records."""
        _, table = self._holder(records)
        function.add_event_source(
            DynamoEventSource(
                self.table(records),
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=batch_size,
                max_batching_window=Duration.seconds(window_seconds),
                bisect_batch_on_error=True,
                filters=[lambda_.FilterCriteria.filter(each) for each in table.stream_filters],
            )
        )
        acknowledge(
            function.own_role,
            {"AwsSolutions-IAM5[Resource::*]": "Streams cannot be listed one by one."},
        )


def _add_rule(scope: Construct, rule: Rule, function: PythonFunction) -> None:
    pattern = rule.pattern
    events.Rule(
        scope,
        rule.id,
        description=rule.description,
        schedule=events.Schedule.expression(rule.schedule) if rule.schedule else None,
        event_pattern=None
        if pattern is None
        else events.EventPattern(
            source=pattern["source"],
            detail_type=pattern["detail-type"],
            detail=pattern["detail"],
        ),
        targets=[targets.LambdaFunction(function)],
    )
