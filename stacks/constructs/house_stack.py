"""What every stack has in common: where it goes and how it gets there."""

from aws_cdk import CliCredentialsStackSynthesizer, Stack, Tags
from aws_cdk import Environment as Account
from constructs import Construct

from config.environments import Environment
from config.names import PROJECT


class HouseStack(Stack):
    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        super().__init__(
            scope,
            id,
            description=f"{PROJECT}: {(type(self).__doc__ or id).strip()}",
            env=Account(account=environment.account, region=environment.region),
            # Where IAM is enforced, the emulator's bootstrap roles cannot reach the asset bucket.
            synthesizer=CliCredentialsStackSynthesizer() if environment.is_local else None,
        )
        Tags.of(self).add("project", PROJECT)
