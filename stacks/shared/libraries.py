"""The third-party packages of a stack's Lambdas, as layers for their platform."""

from collections.abc import Sequence

from aws_cdk import Annotations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from config.environments import Environment
from config.manifest import Function
from stacks.shared.code import code_of
from stacks.shared.packaging import further_requirements, interpreter_for, library_layer


class Libraries(Construct):
    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        super().__init__(scope, id)
        self._target = environment.target
        self._common = lambda_.LayerVersion(
            self, "Common", code=code_of(library_layer(self._target))
        )
        self._others: dict[str, lambda_.LayerVersion] = {}
        version = self._target.python
        if interpreter_for(version) is None:
            Annotations.of(self).add_warning_v2(
                "htmlgame:no-bytecode",
                f"no python{version} on PATH to write bytecode with: every cold start will cost "
                f"two to four times the CPU. Install Python {version} (uv python install "
                f"{version} will do), see that python{version} runs, and deploy again.",
            )

    def _further(self, name: str) -> lambda_.LayerVersion:
        if name not in self._others:
            layer = library_layer(self._target, further_requirements(name))
            self._others[name] = lambda_.LayerVersion(self, name.capitalize(), code=code_of(layer))
        return self._others[name]

    def layers_for(self, function: Function) -> Sequence[lambda_.ILayerVersion]:
        return [self._common, *map(self._further, function.layers)]
