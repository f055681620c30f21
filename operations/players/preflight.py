"""Whether the secret of the client at X is where the sign-in reads it."""

from config.capabilities import players
from config.capabilities.players import Players
from operations.account.parameters import read_parameter
from operations.deploy.deployment import Deployment
from operations.findings import Finding, Findings


def findings(deployment: Deployment) -> Findings:
    settings = deployment.environment.given(Players)
    if settings is None or settings.x is None or deployment.environment.is_local:
        return
    if read_parameter(players.X_SECRET, deployment.client) is None:
        yield Finding(
            "broken",
            f"players.x: there is no SSM parameter {players.X_SECRET}, so nobody can sign in "
            "with X",
            f"aws ssm put-parameter --name {players.X_SECRET} --type SecureString --value …, with "
            "the client secret from X's developer portal",
        )
    else:
        yield Finding("ok", f"the client secret of X is in {players.X_SECRET}")
