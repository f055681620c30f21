"""Builds the stacks of one environment, from config and the manifests of its capabilities."""

import sys

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from config.model import ConfigError

try:
    from config.environments import environment_named
    from config.games import load_games
    from config.limit_advice import advice
    from config.manifests import enabled
    from config.parameters import written_by
except ConfigError as error:
    sys.exit(str(error))
from stacks.ci.stack import CiStack
from stacks.front.stack import FrontStack
from stacks.ops.stack import OpsStack
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.order import put_in_order
from stacks.shared.packaging import PackagingError
from stacks.shared.stack import ProjectStack


def build(app: App) -> None:
    environment = environment_named(app.node.get_context("environment"))
    hosts = [each for each in enabled(environment) if not each.host]
    stacks: list[ProjectStack] = [
        CapabilityStack(app, host=host, environment=environment) for host in hosts
    ]
    if environment.ops is not None:
        watched = [each.stack for each in hosts]
        stacks.append(OpsStack(app, environment=environment, ops=environment.ops, after=watched))
    if environment.own_site:
        stacks.append(FrontStack(app, environment=environment))
    if environment.ci is not None:
        stacks.append(CiStack(app, environment=environment, ci=environment.ci))
    for line in advice(load_games()):
        print(f"warning: {line}", file=sys.stderr)
    put_in_order(stacks, written_by(environment))
    if not environment.is_local:
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def main(app: App) -> None:
    try:
        build(app)
    except (ConfigError, PackagingError) as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main(App())
