"""Whether API Gateway can verify an issuer's tokens. It reads the keys when it creates a route."""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from botocore.httpsession import get_cert_path

from operations.findings import Finding, Findings, State

_DISCOVERY: Final = "/.well-known/openid-configuration"
_TIMEOUT: Final = urllib3.Timeout(connect=3, read=5)
_MOST_BYTES: Final = 200_000
_LEAST_RSA_BITS: Final = 2048
"""RFC 7518 requires 2048 bits for RS256."""
_ALGORITHMS: Final = {"RS256", "RS384", "RS512"}


class IssuerUnfit(Exception):
    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.fix = fix


def issuer(address: str, *, deployed: bool) -> Findings:
    """An existing authorizer keeps working while the issuer is down, so that is only a note."""
    try:
        keys = _usable_keys(address)
    except IssuerUnfit as unfit:
        state: State = "note" if deployed else "broken"
        yield Finding(state, f"telemetry.issuer {address}: {unfit}", unfit.fix)
        return
    yield Finding("ok", f"creators sign in with {address}, RS256 keys: {keys}")


def _usable_keys(address: str) -> int:
    if urlsplit(address).scheme != "https":
        raise IssuerUnfit("is not https", "API Gateway accepts only https issuers")
    document = _fetched(address.rstrip("/") + _DISCOVERY)
    if document.get("issuer") != address:
        raise IssuerUnfit(
            f"its discovery document says it is {document.get('issuer')!r}",
            "write exactly that text into telemetry.issuer in config/environments.py: it is "
            "compared with the tokens, including a slash at the end",
        )
    jwks_uri = document.get("jwks_uri")
    if not isinstance(jwks_uri, str) or urlsplit(jwks_uri).scheme != "https":
        raise IssuerUnfit(
            f"the jwks_uri of its discovery document is {jwks_uri!r}, which is no https address",
            "let the issuer publish its public keys over https",
        )
    keys = _fetched(jwks_uri).get("keys")
    usable = [each for each in keys if _is_usable(each)] if isinstance(keys, list) else []
    if not usable:
        raise IssuerUnfit(
            f"{jwks_uri} has no RSA key of {_LEAST_RSA_BITS} bits or more for RS256",
            "sign with RS256 (Supabase: Authentication, JWT signing keys): API Gateway verifies no "
            "ES256 or HS256 signature for an HTTP API",
        )
    return len(usable)


def _fetched(url: str) -> Mapping[str, Any]:
    with _pool(urlsplit(url).hostname or "") as pool:
        try:
            answer = pool.request("GET", url, redirect=False, preload_content=False)
            content = answer.read(_MOST_BYTES)
            answer.release_conn()
        except (urllib3.exceptions.HTTPError, UnicodeError) as error:
            raise IssuerUnfit(
                f"{url} does not answer: {type(error).__name__}: {error}",
                "check that the issuer is up, spelled correctly and reachable from the internet",
            ) from error
    if answer.status != 200:
        raise IssuerUnfit(
            f"{url} answers {answer.status}, not 200",
            "check that telemetry.issuer is the iss of its tokens",
        )
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise IssuerUnfit(f"{url} returns no JSON object", "check that it is an issuer's address")
    return document


def _pool(host: str) -> urllib3.PoolManager:
    """Uses the certificates and the proxy that the AWS SDK uses."""
    certificates = os.environ.get("AWS_CA_BUNDLE") or get_cert_path(verify=True)
    proxy = None if proxy_bypass(host) else getproxies().get("https")
    if proxy is None:
        return urllib3.PoolManager(ca_certs=certificates, retries=False, timeout=_TIMEOUT)
    return urllib3.ProxyManager(proxy, ca_certs=certificates, retries=False, timeout=_TIMEOUT)


def _is_usable(key: Any) -> bool:
    return (
        isinstance(key, dict)
        and key.get("kty") == "RSA"
        and bool(key.get("kid"))
        and key.get("use", "sig") == "sig"
        and key.get("alg", "RS256") in _ALGORITHMS
        and _bits(key.get("n")) >= _LEAST_RSA_BITS
    )


def _bits(modulus: Any) -> int:
    try:
        text = str(modulus)
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))).bit_length()
    except (binascii.Error, ValueError):
        return 0
