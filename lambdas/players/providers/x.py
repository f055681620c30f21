"""X: OAuth 2 with PKCE. The code is exchanged here, and X's token is thrown away.

Options: clientId, redirectUri, secretParameter, and api where it is not X's own address.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from lambdas.players.errors import ProofRefused, ProviderUnavailable
from lambdas.players.fetching import Fetched, Unreachable
from lambdas.players.names import given_name
from lambdas.players.providers.port import Ports, Prove, text_in
from lambdas.players.users import Identity, Proof
from lambdas.shared.http.errors import Malformed

NAME: Final = "x"
FIELDS: Final = ("code", "codeVerifier")
API: Final = "https://api.x.com"
_LONGEST_CODE: Final = 512
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636 §4.1."""
_USER_ID: Final = re.compile(r"[0-9]{1,20}")
_REFUSED: Final = {400, 401, 403}


def provider(options: Mapping[str, Any], ports: Ports) -> Prove:
    client, redirect = str(options["clientId"]), str(options["redirectUri"])
    api, secret = str(options.get("api") or API), str(options["secretParameter"])

    def prove(sent: Mapping[str, Any], _now_s: int) -> Proof:
        form = {
            "grant_type": "authorization_code",
            "code": text_in(sent, "code", _LONGEST_CODE),
            "redirect_uri": redirect,
            "client_id": client,
            "code_verifier": _verifier(sent),
        }
        basic = _basic(client, ports.parameter(secret))
        try:
            granted = ports.http.post(
                f"{api}/2/oauth2/token", form, {"authorization": f"Basic {basic}"}
            )
            token = _granted(granted)
            who = ports.http.get(f"{api}/2/users/me", {"authorization": f"Bearer {token}"})
        except Unreachable:
            raise ProviderUnavailable(NAME) from None
        return _proof(who)

    return prove


def _verifier(sent: Mapping[str, Any]) -> str:
    value = sent.get("codeVerifier")
    if not isinstance(value, str) or not _VERIFIER.fullmatch(value):
        raise Malformed("codeVerifier", "not 43 to 128 letters, digits or ._~-")
    return value


def _basic(client: str, secret: str) -> str:
    pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
    return base64.b64encode(pair.encode()).decode()


def _granted(answer: Fetched) -> str:
    """The token for one call. A client that is not X's own is ours to repair, not the player's."""
    body = answer.body if isinstance(answer.body, dict) else {}
    token = body.get("access_token")
    if answer.status == 200 and isinstance(token, str):
        return token
    if answer.status in _REFUSED and body.get("error") in {"invalid_grant", "invalid_request"}:
        raise ProofRefused("code")
    raise ProviderUnavailable(NAME)


def _proof(answer: Fetched) -> Proof:
    data = answer.body.get("data") if isinstance(answer.body, dict) else None
    if answer.status in _REFUSED:
        raise ProofRefused("code")
    if answer.status != 200 or not isinstance(data, dict):
        raise ProviderUnavailable(NAME)
    user_id = data.get("id")
    if not isinstance(user_id, str) or not _USER_ID.fullmatch(user_id):
        raise ProviderUnavailable(NAME)
    return Proof(
        identity=Identity(NAME, user_id),
        name=given_name(data.get("name")) or given_name(data.get("username")),
    )
