"""X's OAuth 2 with PKCE: codes for whoever names a user, and what the tokens of codes show."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit

from local.access.pages import is_loopback_host

CLIENT: Final = "local"
SECRET: Final = "local-x-client-secret"
CODE_SECONDS: Final = 30
TOKEN_SECONDS: Final = 7200

Json = dict[str, Any]


class Refused(Exception):
    """A refusal in the form of OAuth 2: a status and an error."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error


@dataclass(frozen=True, slots=True)
class _Granted:
    handle: str
    challenge: str
    redirect: str
    until: float


class X:
    def __init__(self) -> None:
        self._codes: dict[str, _Granted] = {}
        self._tokens: dict[str, str] = {}

    def authorized(self, asked: dict[str, str], handle: str) -> str:
        """Where the person is sent back to, with a code."""
        check_request(asked)
        code = secrets.token_urlsafe(32)
        self._codes[code] = _Granted(
            handle, asked["code_challenge"], asked["redirect_uri"], time.monotonic() + CODE_SECONDS
        )
        separator = "&" if urlsplit(asked["redirect_uri"]).query else "?"
        query = urlencode({"state": asked.get("state", ""), "code": code})
        return f"{asked['redirect_uri']}{separator}{query}"

    def exchanged(self, form: dict[str, str], authorization: str) -> Json:
        if authorization != _basic(CLIENT, SECRET):
            raise Refused(401, "unauthorized_client", "Missing valid authorization header")
        granted = self._codes.pop(form.get("code", ""), None)
        if granted is None or time.monotonic() > granted.until:
            raise Refused(
                400, "invalid_grant", "Value passed for the authorization code was invalid."
            )
        verifier = form.get("code_verifier", "")
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        if digest.rstrip(b"=").decode() != granted.challenge:
            raise Refused(400, "invalid_request", "Value passed for the code verifier was invalid.")
        if not _same_page(form.get("redirect_uri", ""), granted.redirect):
            raise Refused(
                400, "invalid_request", "Value passed for the redirect uri did not match."
            )
        token = secrets.token_urlsafe(32)
        self._tokens[token] = granted.handle
        return {
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
            "access_token": token,
            "scope": "users.read tweet.read",
        }

    def me(self, authorization: str) -> Json:
        handle = self._tokens.get(authorization.removeprefix("Bearer "))
        if handle is None:
            raise Refused(401, "unauthorized", "Unauthorized")
        return {"data": {"id": user_id(handle), "name": handle, "username": handle}}


def check_request(asked: dict[str, str]) -> None:
    redirect = urlsplit(asked.get("redirect_uri", ""))
    if redirect.scheme != "http" or not is_loopback_host(redirect.netloc):
        raise Refused(400, "invalid_request", "redirect_uri: not a page of this machine")
    wanted = {
        "client_id": CLIENT,
        "response_type": "code",
        "code_challenge_method": "S256",
    }
    for name, value in wanted.items():
        if asked.get(name) != value:
            raise Refused(400, "invalid_request", f"{name}: must be {value}")
    if not asked.get("code_challenge") or "users.read" not in asked.get("scope", ""):
        raise Refused(400, "invalid_request", "code_challenge, scope: missing")


def user_id(handle: str) -> str:
    """A number like X's, the same for the same handle."""
    return str(int(hashlib.sha256(handle.lower().encode()).hexdigest()[:15], 16))


def _same_page(one: str, other: str) -> bool:
    """Whatever port the site has on this machine."""
    return urlsplit(one).path == urlsplit(other).path


def _basic(client: str, secret: str) -> str:
    pair = f"{unquote(client)}:{unquote(secret)}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"
