"""The third-party packages of a stack's Lambdas, as layers for their platform."""

from collections.abc import Sequence
from functools import cached_property

from aws_cdk import Annotations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from config.environments import Environment
from config.manifest import Function
from stacks.shared.code import code_of
from stacks.shared.packaging import (
    SIGNING_REQUIREMENTS,
    interpreter_for,
    library_layer,
    requirements_of,
)


class Libraries(Construct):
    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        super().__init__(scope, id)
        self._target = environment.target
        self._made: dict[str, lambda_.LayerVersion] = {}
        self._common = lambda_.LayerVersion(
            self, "Common", code=code_of(library_layer(self._target))
        )
        version = self._target.python
        if interpreter_for(version) is None:
            Annotations.of(self).add_warning_v2(
                "htmlgame:no-bytecode",
                f"no python{version} on PATH to write bytecode with: every cold start will cost "
                f"two to four times the CPU. Install Python {version} (uv python install "
                f"{version} will do), see that python{version} runs, and deploy again.",
            )

    @cached_property
    def _signing(self) -> lambda_.LayerVersion:
        layer = library_layer(self._target, SIGNING_REQUIREMENTS)
        return lambda_.LayerVersion(self, "Signing", code=code_of(layer))

    def _further(self, name: str) -> lambda_.LayerVersion:
        if name not in self._made:
            layer = library_layer(self._target, requirements_of(name))
            self._made[name] = lambda_.LayerVersion(self, name.capitalize(), code=code_of(layer))
        return self._made[name]

    def layers_for(self, function: Function) -> Sequence[lambda_.ILayerVersion]:
        signing = [self._signing] if function.writes_edge_store else []
        return [self._common, *signing, *map(self._further, function.libraries)]
