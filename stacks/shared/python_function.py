"""A Lambda: small, with logs for a set time, and allowed only what it needs."""

from collections.abc import Sequence
from typing import Final, cast

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from config.concurrency import limit_of
from config.environments import LAMBDA_MEMORY_MB, LAMBDA_PYTHON, Environment
from config.manifest import Function
from config.manifests import enabled
from config.names import ORIGIN_LOCK, ORIGIN_LOCK_HASHES, function_log_group, function_role
from lambdas.shared.settings import Settings
from stacks.shared.acknowledge import acknowledge
from stacks.shared.code import code_of
from stacks.shared.libraries import Libraries
from stacks.shared.packaging import carried_by, function_package
from stacks.shared.stack import ProjectStack

_ACCEPTED = {
    "AwsSolutions-L1": f"The layer's bytecode is written for Python {LAMBDA_PYTHON}, and the tests "
    "run on it; a newer one comes by changing config/environments.py.",
}
_ARCHITECTURES = {
    "arm64": lambda_.Architecture.ARM_64,
    "x86_64": lambda_.Architecture.X86_64,
}


class PythonFunction(lambda_.Function):
    def __init__(
        self,
        scope: Construct,
        *,
        function: Function,
        settings: Settings | Sequence[Settings],
        environment: Environment,
        libraries: Libraries,
    ) -> None:
        name = function.id
        log_group = _log_group(scope, f"{name}Logs", function, environment)
        self.own_role = iam.Role(
            scope,
            f"{name}Role",
            role_name=function_role(function.name, Aws.REGION),
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        log_group.grant_write(self.own_role)
        target = environment.target
        carried = carried_by(function, enabled(environment))
        super().__init__(
            scope,
            name,
            function_name=function.name,
            handler=f"{function.module}.handler",
            code=code_of(function_package(function, target, carried)),
            runtime=lambda_.Runtime(f"python{LAMBDA_PYTHON}", lambda_.RuntimeFamily.PYTHON),
            architecture=_ARCHITECTURES[target.architecture],
            memory_size=LAMBDA_MEMORY_MB,
            timeout=Duration.seconds(function.timeout_seconds),
            layers=libraries.layers_for(function),
            environment={
                **_variables(settings),
                # The host's own zone files may be missing or older than the package's.
                "PYTHONTZPATH": "/opt/python/tzdata/zoneinfo",
            },
            log_group=log_group,
            role=self.own_role,
            reserved_concurrent_executions=limit_of(function, environment),
            # Otherwise Lambda ends a chain of about 16 invocations of a function by itself.
            recursive_loop=lambda_.RecursiveLoop.ALLOW if function.invokes_itself else None,
        )
        acknowledge(self, _ACCEPTED)

    def allow(self, actions: Sequence[str], *arns: str) -> None:
        self.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=list(arns)))

    def allow_items(
        self, table: dynamodb.ITable, actions: Sequence[str], partitions: Sequence[str]
    ) -> None:
        """Calls that name partitions of these patterns alone. Not for calls in transactions: see
        AppendOnly."""
        self.add_to_role_policy(
            iam.PolicyStatement(
                actions=[f"dynamodb:{each}" for each in actions],
                resources=[table.table_arn],
                conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(partitions)}},
            )
        )

    def allow_parameter(self, parameter: str, *actions: str) -> None:
        self.allow([f"ssm:{each}" for each in actions], self._parameter_arn(parameter))

    def allow_reading_together(self, *parameters: str) -> None:
        """GetParameters asks for a grant on each parameter that it names."""
        self.allow(["ssm:GetParameters"], *map(self._parameter_arn, parameters))

    def allow_origin_lock(self) -> None:
        """The hashes, and the lock itself while an older EdgeStack publishes no hashes."""
        parameters = (ORIGIN_LOCK_HASHES, ORIGIN_LOCK)
        self.allow(["ssm:GetParameter"], *map(self._parameter_arn, parameters))

    def _parameter_arn(self, parameter: str) -> str:
        return cast("ProjectStack", Stack.of(self)).parameter_arn(parameter)


def _log_group(
    scope: Construct, id: str, function: Function, environment: Environment
) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        id,
        log_group_name=function_log_group(function.name),
        retention=retention(environment.log_days),
        removal_policy=RemovalPolicy.DESTROY,
    )


def _variables(settings: Settings | Sequence[Settings]) -> dict[str, str]:
    several = [settings] if isinstance(settings, Settings) else settings
    return {name: value for each in several for name, value in each.to_environment().items()}


def retention(days: int) -> logs.RetentionDays:
    return _RETENTION[days]


_RETENTION: Final = {
    1: logs.RetentionDays.ONE_DAY,
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}
"""By the days that Environment.log_days takes."""
