"""Session tokens, which say who may write what until when, without a database."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lambdas.shared.http.errors import Unauthorized
from lambdas.shared.keys.signed import LONGEST_TOKEN as LONGEST_TOKEN
from lambdas.shared.keys.signed import BadToken as BadToken
from lambdas.shared.keys.signed import opened, sealed
from lambdas.shared.values.uuids import made_ms

TOKEN_SECONDS: Final = 900
SESSION_SECONDS: Final = 24 * 3600
_VERSION: Final = "1"


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
    fields = (
        _VERSION,
        kid,
        grant.project_id,
        grant.session_id,
        grant.home,
        grant.player or "",
        str(grant.expires),
    )
    return sealed(fields, secret)


def verify(token: str, secret_of: Callable[[str], str | None], now_s: int) -> Grant:
    """What the token grants; refuses it if its key did not sign it, or its time is over."""
    version, _, project_id, session_id, home, player, expires = opened(
        token, count=7, secret_of=secret_of
    )
    if version != _VERSION:
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
