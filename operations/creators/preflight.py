"""Whether API Gateway will accept the issuer that creators sign in with."""

from typing import Final

from config.capabilities import telemetry as telemetry_manifest
from config.settings import SignIn
from operations.creators.issuer import issuer
from operations.deploy.deployment import Deployment, of_type
from operations.findings import Findings

_AUTHORIZER: Final = "AWS::ApiGatewayV2::Authorizer"


def findings(deployment: Deployment) -> Findings:
    telemetry = deployment.environment.given(SignIn)
    if telemetry is None or deployment.environment.is_local:
        return
    template = deployment.template(telemetry_manifest.CAPABILITY.stack) or {"Resources": {}}
    deployed = any(
        each["Properties"].get("JwtConfiguration", {}).get("Issuer") == telemetry.issuer
        for each in of_type(template, _AUTHORIZER)
    )
    yield from issuer(telemetry.issuer, deployed=deployed)
