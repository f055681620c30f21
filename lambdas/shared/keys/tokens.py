"""Session tokens, which say who may write what until when, without a database."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lambdas.shared.http.errors import Unauthorized
from lambdas.shared.values.uuids import made_ms

TOKEN_SECONDS: Final = 900
SESSION_SECONDS: Final = 24 * 3600
LONGEST_TOKEN: Final = 600
_VERSION: Final = "1"


class BadToken(Unauthorized):
    code = "bad_token"

    def __init__(self) -> None:
        super().__init__("token: not valid for this session; begin a new session")


class NoToken(BadToken):
    def __init__(self) -> None:
        Unauthorized.__init__(self, "Authorization: missing; send Bearer and the session's token")


class TokenExpired(Unauthorized):
    code = "token_expired"

    def __init__(self) -> None:
        super().__init__("token: expired; renew it before its expiresAt, or begin a new session")


class SessionOver(Unauthorized):
    code = "session_over"

    def __init__(self, hours: int) -> None:
        super().__init__(f"sessionId: a session lasts {hours} hours at most; begin a new one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token grants: a session of a project, counted at an address."""

    project_id: str
    session_id: str
    home: str
    player: str | None
    expires: int

    @property
    def owner(self) -> str:
        """The owner of data written with this token."""
        return self.player or self.session_id


def expiry(session_id: str, now_s: int) -> int:
    """Renewals end with the session, since its items are stored under the day it began."""
    over = made_ms(session_id) // 1000 + SESSION_SECONDS
    if now_s >= over:
        raise SessionOver(SESSION_SECONDS // 3600)
    return min(now_s + TOKEN_SECONDS, over)


def sign(grant: Grant, kid: str, secret: str) -> str:
    payload = "|".join(
        (
            _VERSION,
            kid,
            grant.project_id,
            grant.session_id,
            grant.home,
            grant.player or "",
            str(grant.expires),
        )
    )
    return f"{_base64(payload.encode())}.{_signature(payload.encode(), secret)}"


def verify(token: str, secret_of: Callable[[str], str | None], now_s: int) -> Grant:
    """Returns the grant, if the key that the token names has signed it and it has not expired."""
    payload = _payload(token)
    _, kid, project_id, session_id, home, player, expires = _fields(payload)
    secret = secret_of(kid)
    signature = token.partition(".")[2]
    if secret is None or not hmac.compare_digest(signature, _signature(payload, secret)):
        raise BadToken
    if now_s >= int(expires):
        raise TokenExpired
    return Grant(
        project_id=project_id,
        session_id=session_id,
        home=home,
        player=player or None,
        expires=int(expires),
    )


def _payload(token: str) -> bytes:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise BadToken
    encoded = token.partition(".")[0]
    try:
        payload = base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken from None
    # Refuses other spellings of the same bytes, which would have the same signature.
    if _base64(payload) != encoded:
        raise BadToken
    return payload


def _fields(payload: bytes) -> list[str]:
    fields = payload.decode("ascii", "replace").split("|")
    if len(fields) != 7 or fields[0] != _VERSION:
        raise BadToken
    return fields


def _signature(payload: bytes, secret: str) -> str:
    return _base64(hmac.digest(secret.encode(), payload, hashlib.sha256))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
