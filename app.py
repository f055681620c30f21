"""Builds the stacks from config; there is no logic here."""

import sys

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from config.ci import CiConfigError
from config.domain import DomainConfigError
from config.environments import environment_named
from config.games import GameConfigError
from config.ops import OpsConfigError
from config.telemetry import TelemetryConfigError
from lambdas.edge.distribution_grants import GrantsConfigError
from stacks.ci_stack import CiStack
from stacks.constructs.packaging import PackagingError
from stacks.edge_stack import EdgeStack
from stacks.front_stack import FrontStack
from stacks.ops_stack import OpsStack
from stacks.score_api_stack import ScoreApiStack
from stacks.telemetry_stack import TelemetryStack


def build(app: App) -> None:
    environment = environment_named(app.node.get_context("environment"))
    scores = ScoreApiStack(app, environment=environment)
    edge = EdgeStack(app, environment=environment)
    edge.add_stack_dependency(scores)
    if environment.telemetry is not None:
        telemetry = TelemetryStack(app, environment=environment, telemetry=environment.telemetry)
        edge.add_stack_dependency(telemetry)
    if environment.own_site:
        scores.add_stack_dependency(FrontStack(app, environment=environment))
    if environment.ops is not None:
        OpsStack(app, environment=environment, ops=environment.ops).add_stack_dependency(edge)
    if environment.ci is not None:
        CiStack(app, environment=environment, ci=environment.ci).add_stack_dependency(scores)
    if not environment.is_local:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def main(app: App) -> None:
    try:
        build(app)
    except (
        CiConfigError,
        DomainConfigError,
        GameConfigError,
        GrantsConfigError,
        OpsConfigError,
        PackagingError,
        TelemetryConfigError,
    ) as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main(App())
