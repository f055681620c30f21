"""Whether the identity provider of GitHub exists, as config says."""

from typing import Final

from config import names
from operations.deploy.deployment import Deployment
from operations.findings import Finding, Findings

_GITHUB: Final = "oidc-provider/token.actions.githubusercontent.com"


def findings(deployment: Deployment) -> Findings:
    ci = deployment.environment.ci
    if ci is None or deployment.status(names.CI_STACK) is not None:
        return
    listed = deployment.client("iam").list_open_id_connect_providers()
    exists = any(each["Arn"].endswith(_GITHUB) for each in listed["OpenIDConnectProviderList"])
    if exists != ci.provider_exists:
        has = "has an" if exists else "has no"
        yield Finding(
            "broken",
            f"this account {has} identity provider for GitHub, and ci says "
            f"provider_exists={ci.provider_exists}",
            f"provider_exists={exists} in config/environments.py",
        )
