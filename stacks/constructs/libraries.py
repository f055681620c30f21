"""The third-party packages of a stack's Lambdas, as one layer built for where they run."""

from aws_cdk import Annotations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from config.environments import Environment
from stacks.constructs.packaging import interpreter_for, library_layer
from stacks.constructs.python_function import code_of


class Libraries(lambda_.LayerVersion):
    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        super().__init__(scope, id, code=code_of(library_layer(environment.target)))
        version = environment.target.python
        if interpreter_for(version) is None:
            Annotations.of(self).add_warning_v2(
                "htmlgame:no-bytecode",
                f"no python{version} on PATH to write bytecode with: every cold start will cost "
                f"two to four times the CPU. Install Python {version} (uv python install "
                f"{version} will do), see that python{version} runs, and deploy again.",
            )
