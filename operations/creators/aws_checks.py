"""Where creators sign in, and the archive."""

from typing import Any

import urllib3

from config import names
from config.capabilities import telemetry as telemetry_manifest
from config.settings import SignIn
from operations.docs.pages import CREATORS
from operations.findings import Broken
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import capability

_DISCOVERY = "/.well-known/openid-configuration"


@check(
    "sign-in",
    claim="API Gateway can read the issuer's discovery document and verify its RS256 tokens.",
    laptop="The local issuer stands in for yours, and always signs with RS256.",
    good="The issuer names itself, and publishes an RSA key.",
    needs=(capability("creators"),),
)
def sign_in(account: Account) -> str:
    issuer, audience = _authorizer(account)
    document = _fetched(_reachable(account, issuer) + _DISCOVERY)
    if document.get("issuer") != issuer:
        raise Broken(
            f"{issuer} names itself {document.get('issuer')!r}",
            "write that very address into telemetry.issuer of config/environments.py and deploy",
        )
    keys = _fetched(_reachable(account, document["jwks_uri"]))["keys"]
    kinds = sorted({str(key.get("alg", key.get("kty"))) for key in keys})
    if not any(key.get("kty") == "RSA" for key in keys):
        raise Broken(
            f"its keys are {', '.join(kinds) or 'none'}; API Gateway verifies RSA alone",
            f"let the issuer sign with RS256: {CREATORS}",
        )
    return f"{issuer} for {audience}, keys {', '.join(kinds)}"


def _authorizer(account: Account) -> tuple[str, str]:
    """As it is deployed."""
    client = account.client("apigatewayv2")
    for api in account.resources("AWS::ApiGatewayV2::Api"):
        for each in client.get_authorizers(ApiId=api.physical_id)["Items"]:
            if each["AuthorizerType"] == "JWT":
                deployed = each["JwtConfiguration"]
                return deployed["Issuer"], ", ".join(deployed["Audience"])
    raise Broken("no API has a JWT authorizer", "make deploy")


def _reachable(account: Account, url: str) -> str:
    """The local issuer's name is known to the emulator alone; it says where it listens."""
    telemetry = account.environment.given(SignIn)
    if not account.is_local or telemetry is None:
        return url.removesuffix("/")
    address = account.parameter(names.LOCAL_SIGN_IN, telemetry_manifest.CAPABILITY.stack)
    return url.replace(telemetry.issuer, address).removesuffix("/")


def _fetched(url: str) -> Any:
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        try:
            answer = pool.request("GET", url)
            if answer.status == 200:
                return answer.json()
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Broken(f"{url} cannot be read: {error}", _SEE_ISSUER) from error
    raise Broken(f"{url} answers {answer.status}", _SEE_ISSUER)


_SEE_ISSUER = "see that telemetry.issuer of config/environments.py is your provider's address"
