"""A Lambda as every Lambda here is: small, logged for a stated time, allowed only what it needs."""

from collections.abc import Sequence

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from config.environments import LAMBDA_MEMORY_MB, LAMBDA_PYTHON, Environment
from config.functions import Function
from config.names import function_log_group, function_role
from lambdas.shared.settings import Settings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.code import code_of
from stacks.constructs.libraries import Libraries
from stacks.constructs.packaging import function_package

_ACCEPTED = {
    "AwsSolutions-L1": f"Python {LAMBDA_PYTHON} is what the layer's bytecode is written for and "
    "the tests run on; a newer one comes by changing config/environments.py.",
}
_ARCHITECTURES = {
    "arm64": lambda_.Architecture.ARM_64,
    "x86_64": lambda_.Architecture.X86_64,
}


class PythonFunction(lambda_.Function):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        function: Function,
        settings: Settings | Sequence[Settings],
        environment: Environment,
        libraries: Libraries,
        timeout: Duration | None = None,
    ) -> None:
        log_group = logs.LogGroup(
            scope,
            f"{id}Logs",
            log_group_name=function_log_group(function.name),
            retention=retention(environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = iam.Role(
            scope,
            f"{id}Role",
            role_name=function_role(function.name, Aws.REGION),
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        log_group.grant_write(role)
        target = environment.target
        super().__init__(
            scope,
            id,
            function_name=function.name,
            handler=f"{function.module}.handler",
            code=code_of(function_package(function, target)),
            runtime=lambda_.Runtime(f"python{LAMBDA_PYTHON}", lambda_.RuntimeFamily.PYTHON),
            architecture=_ARCHITECTURES[target.architecture],
            memory_size=LAMBDA_MEMORY_MB,
            timeout=timeout or Duration.seconds(10),
            layers=libraries.layers_for(function),
            environment={
                **_variables(settings),
                # The host's own zone files may be missing or of another day.
                "PYTHONTZPATH": "/opt/python/tzdata/zoneinfo",
            },
            log_group=log_group,
            role=role,
            # Lambda ends a chain of about 16 invocations of a function by itself.
            recursive_loop=lambda_.RecursiveLoop.ALLOW if function.invokes_itself else None,
        )
        acknowledge(self, _ACCEPTED)

    def allow_parameter(self, parameter: str, *actions: str) -> None:
        self._allow([f"ssm:{each}" for each in actions], parameter)

    def allow_reading_together(self, *parameters: str) -> None:
        """GetParameters asks for a grant on each parameter that it names."""
        self._allow(["ssm:GetParameters"], *parameters)

    def _allow(self, actions: list[str], *parameters: str) -> None:
        arns = [
            Stack.of(self).format_arn(
                service="ssm", resource="parameter", resource_name=each.removeprefix("/")
            )
            for each in parameters
        ]
        self.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=arns))


def _variables(settings: Settings | Sequence[Settings]) -> dict[str, str]:
    several = [settings] if isinstance(settings, Settings) else settings
    return {name: value for each in several for name, value in each.to_environment().items()}


def retention(days: int) -> logs.RetentionDays:
    offered = {
        1: logs.RetentionDays.ONE_DAY,
        7: logs.RetentionDays.ONE_WEEK,
        30: logs.RetentionDays.ONE_MONTH,
        90: logs.RetentionDays.THREE_MONTHS,
        365: logs.RetentionDays.ONE_YEAR,
    }
    if days not in offered:
        raise ValueError(f"log_days {days}: one of {', '.join(map(str, offered))}")
    return offered[days]
