"""Builds the stacks from config; there is no logic here."""

import sys

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from config.environments import environment_named
from config.games import GameConfigError
from stacks.constructs.packaging import PackagingError
from stacks.edge_stack import EdgeStack
from stacks.front_stack import FrontStack
from stacks.score_api_stack import ScoreApiStack


def build(app: App) -> None:
    environment = environment_named(app.node.get_context("environment"))
    scores = ScoreApiStack(app, environment=environment)
    EdgeStack(app, environment=environment).add_stack_dependency(scores)
    if environment.own_site:
        scores.add_stack_dependency(FrontStack(app, environment=environment))
    if not environment.is_local:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))


app = App()
try:
    build(app)
except (GameConfigError, PackagingError) as error:
    sys.exit(str(error))
app.synth()
