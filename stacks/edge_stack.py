"""EdgeStack: what stands between players and the origin. So far, the lock on the origin's door."""

from aws_cdk import ArnFormat, CustomResource
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import functions, names
from config.environments import Environment
from lambdas.edge.settings import OriginLockSettings
from stacks.constructs.house_stack import HouseStack
from stacks.constructs.libraries import Libraries
from stacks.constructs.provider import Provider
from stacks.constructs.python_function import PythonFunction


class EdgeStack(HouseStack):
    """What stands between players and the origin."""

    def __init__(self, scope: Construct, *, environment: Environment) -> None:
        super().__init__(scope, names.EDGE_STACK, environment=environment)
        libraries = Libraries(self, "Libraries", environment=environment)
        keeper = PythonFunction(
            self,
            "OriginLockKeeper",
            function=functions.ORIGIN_LOCK_KEEPER,
            settings=OriginLockSettings(origin_lock_parameter=names.ORIGIN_LOCK),
            environment=environment,
            libraries=libraries,
        )
        keeper.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ssm:PutParameter", "ssm:DeleteParameter"],
                resources=[
                    self.format_arn(
                        service="ssm",
                        resource="parameter",
                        resource_name=names.ORIGIN_LOCK.removeprefix("/"),
                        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
                    )
                ],
            )
        )
        provider = Provider(self, "Provider", handler=keeper, environment=environment)
        CustomResource(self, "OriginLock", service_token=provider.service_token)
