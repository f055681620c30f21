"""A custom resource of CloudFormation, which one of our functions provides."""

from aws_cdk import CustomResource

from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.provider import Provider
from stacks.shared.python_function import PythonFunction


def custom_resource(
    stack: CapabilityStack,
    id: str,
    handler: PythonFunction,
    *,
    provider: str = "",
    **properties: str,
) -> CustomResource:
    provided = Provider(
        stack, provider or f"{id}Provider", handler=handler, environment=stack.settings
    )
    return CustomResource(
        stack, id, service_token=provided.service_token, properties=properties or None
    )
