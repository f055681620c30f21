"""Privy: an access token, or the identity token, from which alone the wallet is taken.

Options: appId, and jwks where it is not Privy's own address.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from lambdas.players.errors import ProofMalformed, ProviderUnavailable
from lambdas.players.fetching import Unreachable
from lambdas.players.jwt import PublishedKeys, Verifier
from lambdas.players.providers.port import Ports, Prove
from lambdas.players.users import Identity, Proof

NAME: Final = "privy"
FIELDS: Final = ("token", "identityToken")
ISSUER: Final = "privy.io"
_LONGEST_SUBJECT: Final = 128
_LONGEST_ADDRESS: Final = 128


def provider(options: Mapping[str, Any], ports: Ports) -> Prove:
    app = str(options["appId"])
    jwks = str(options.get("jwks") or f"https://auth.privy.io/api/v1/apps/{app}/jwks.json")

    def published() -> Any:
        try:
            answer = ports.http.get(jwks, {})
        except Unreachable:
            raise ProviderUnavailable(NAME) from None
        if answer.status != 200:
            raise ProviderUnavailable(NAME)
        return answer.body

    verifier = Verifier(PublishedKeys(published), issuer=ISSUER, audience=app)

    def prove(sent: Mapping[str, Any], now_s: int) -> Proof:
        claims = verifier.claims(sent.get("token"), now_s)
        subject = _subject(claims, "token")
        if "identityToken" in sent:
            claims = verifier.claims(sent["identityToken"], now_s, "identityToken")
            if _subject(claims, "identityToken") != subject:
                raise ProofMalformed("identityToken")
        return Proof(identity=Identity(NAME, subject), wallet=wallet_in(claims))

    return prove


def _subject(claims: Mapping[str, Any], field: str) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= _LONGEST_SUBJECT:
        raise ProofMalformed(field)
    return subject


def wallet_in(claims: Mapping[str, Any]) -> str | None:
    """The first wallet of the linked accounts, which the token holds as a JSON text."""
    listed = claims.get("linked_accounts")
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except (ValueError, RecursionError):
            return None
    for account in listed if isinstance(listed, list) else []:
        if isinstance(account, dict) and account.get("type") == "wallet":
            address = account.get("address")
            if isinstance(address, str) and 1 <= len(address) <= _LONGEST_ADDRESS:
                return address
    return None
