"""CDK's provider framework around one of our functions, with a log group of our own."""

from typing import cast

from aws_cdk import RemovalPolicy, Stack, custom_resources
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from config.environments import Environment
from stacks.shared.acknowledge import acknowledge
from stacks.shared.python_function import PythonFunction, retention


class Provider(custom_resources.Provider):
    def __init__(
        self, scope: Construct, id: str, *, handler: PythonFunction, environment: Environment
    ) -> None:
        log_group = logs.LogGroup(
            scope,
            f"{id}Logs",
            retention=retention(environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        super().__init__(scope, id, on_event_handler=handler, log_group=log_group)
        self._log_nowhere_else(log_group)
        acknowledge(self, dict.fromkeys(_findings(handler), _NOT_OURS))

    def _log_nowhere_else(self, log_group: logs.LogGroup) -> None:
        """Removes the permission to create log groups from the framework's own function.

        Its last lines arrive after the stack has deleted its log group. With CDK's default policy
        Lambda creates that group again, without a tag, and keeps it for ever.
        """
        framework = cast("lambda_.Function", self.node.find_child("framework-onEvent"))
        role = cast("iam.Role", framework.role)
        cast("iam.CfnRole", role.node.default_child).managed_policy_arns = None
        log_group.grant_write(role)


_NOT_OURS = "Made by CDK's provider framework, which does not let us choose."


def _findings(handler: PythonFunction) -> list[str]:
    function = handler.node.default_child
    assert isinstance(function, lambda_.CfnFunction)
    logical_id = Stack.of(handler).get_logical_id(function)
    return [f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>:*]", "AwsSolutions-L1"]
