"""The SSM parameters of an environment, and the stack that writes each."""

from config import names
from config.environments import Environment
from config.manifests import enabled


def written_by(environment: Environment) -> dict[str, str]:
    """Without own_site, you write the distribution's id yourself."""
    written = {names.DISTRIBUTION_ID: names.FRONT_STACK}
    if environment.own_site:
        written[names.SITE_BUCKET] = names.FRONT_STACK
        written[names.SITE_ADDRESS] = names.FRONT_STACK
    return written | {
        parameter: capability.stack
        for capability in enabled(environment)
        for parameter in capability.all_parameters
    }
