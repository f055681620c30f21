"""What every stack has in common: where it goes and how it gets there."""

from aws_cdk import CliCredentialsStackSynthesizer, RemovalPolicy, Stack, Tags
from aws_cdk import Environment as Account
from constructs import Construct

from config.environments import Environment
from config.names import DESCRIPTION, PROJECT


class HouseStack(Stack):
    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        super().__init__(
            scope,
            id,
            description=f"{DESCRIPTION}{(type(self).__doc__ or id).strip()}",
            env=Account(account=environment.account, region=environment.region),
            # Where IAM is enforced, the emulator's bootstrap roles cannot reach the asset bucket.
            synthesizer=CliCredentialsStackSynthesizer() if environment.is_local else None,
        )
        Tags.of(self).add("project", PROJECT)


def outlives_its_stack(environment: Environment) -> RemovalPolicy:
    """Retained, but for a deploy that fails: each one would leave another key or bucket behind.

    Not for tables, whose deletion protection would stop the rollback, nor for a bucket that may
    hold something by then: one that is not empty cannot be deleted.
    """
    if environment.keep_data:
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    return RemovalPolicy.DESTROY
