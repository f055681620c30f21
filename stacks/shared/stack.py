"""What every stack has in common: its account, its description and its tag."""

from aws_cdk import CliCredentialsStackSynthesizer, RemovalPolicy, Stack, Tags
from aws_cdk import Environment as Account
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from config.environments import Environment
from config.names import DESCRIPTION, PROJECT


class ProjectStack(Stack):
    def __init__(
        self, scope: Construct, id: str, *, description: str, environment: Environment
    ) -> None:
        super().__init__(
            scope,
            id,
            description=f"{DESCRIPTION}{description}",
            env=Account(account=environment.account, region=environment.region),
            # Where IAM is enforced, the emulator's bootstrap roles cannot reach the asset bucket.
            synthesizer=CliCredentialsStackSynthesizer() if environment.is_local else None,
        )
        Tags.of(self).add("project", PROJECT)
        self.reads: set[str] = set()
        """SSM parameters that are read at deploy."""
        self.after: set[str] = set()
        """Other stacks that must exist before this one."""

    def parameter_value(self, parameter: str) -> str:
        """Read at deploy, from a parameter that another stack writes."""
        self.reads.add(parameter)
        return ssm.StringParameter.value_for_string_parameter(self, parameter)

    def parameter_arn(self, parameter: str) -> str:
        return self.format_arn(
            service="ssm", resource="parameter", resource_name=parameter.removeprefix("/")
        )

    def distribution_arn(self, distribution_id: str) -> str:
        return self.format_arn(
            service="cloudfront", region="", resource="distribution", resource_name=distribution_id
        )


def outlives_its_stack(environment: Environment) -> RemovalPolicy:
    """Retained, except by a failed deploy, which would otherwise leave another key or bucket.

    Not for tables: their deletion protection would stop the rollback. Not for a bucket that may
    already hold objects: CloudFormation cannot delete it.
    """
    if environment.keep_data:
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    return RemovalPolicy.DESTROY
