"""CDK's provider framework around one of our functions, logged and acknowledged as ours are."""

from aws_cdk import RemovalPolicy, Stack, custom_resources
from aws_cdk import aws_logs as logs
from aws_cdk.aws_lambda import CfnFunction
from constructs import Construct

from config.environments import Environment
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.python_function import PythonFunction, retention


class Provider(custom_resources.Provider):
    def __init__(
        self, scope: Construct, id: str, *, handler: PythonFunction, environment: Environment
    ) -> None:
        super().__init__(
            scope,
            id,
            on_event_handler=handler,
            log_group=logs.LogGroup(
                scope,
                f"{id}Logs",
                retention=retention(environment.log_days),
                removal_policy=RemovalPolicy.DESTROY,
            ),
        )
        acknowledge(self, dict.fromkeys(_findings(handler), _NOT_OURS))


_NOT_OURS = "Made by CDK's provider framework, which does not let us choose."


def _findings(handler: PythonFunction) -> list[str]:
    function = handler.node.default_child
    assert isinstance(function, CfnFunction)
    logical_id = Stack.of(handler).get_logical_id(function)
    basic_execution = (
        "arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    return [
        f"AwsSolutions-IAM4[Policy::{basic_execution}]",
        f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>:*]",
        "AwsSolutions-L1",
    ]
