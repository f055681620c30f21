"""Tokens of signed-in players: short, renewable, and revoked by the user's epoch.

One is used for a quarter of an hour. Until its sign-in is too old it can be renewed, also after
that, as long as the user's epoch has not changed.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lambdas.shared.http.errors import Unauthorized
from lambdas.shared.keys.key_ring import KeyRing
from lambdas.shared.keys.signed import opened, sealed
from lambdas.shared.keys.tokens import TOKEN_SECONDS, BadToken, TokenExpired
from lambdas.shared.values.uuids import is_uuid

SIGN_IN_SECONDS: Final = 30 * 24 * 3600
_KIND: Final = "player1"
_SCHEME: Final = "bearer "


class NoToken(Unauthorized):
    code = "no_token"

    def __init__(self) -> None:
        super().__init__("Authorization: missing; send Bearer and the token of a sign-in")


class SignInOver(Unauthorized):
    code = "sign_in_over"

    def __init__(self, days: int) -> None:
        super().__init__(f"Authorization: a sign-in lasts {days} days at most; sign in again")


class Bearer(NamedTuple):
    """The player whose token came with a request."""

    user_id: str
    epoch: int


class Token(NamedTuple):
    user_id: str
    epoch: int
    signed_in_s: int
    expires_s: int

    @property
    def bearer(self) -> Bearer:
        return Bearer(self.user_id, self.epoch)


class Tokens:
    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def new(self, user_id: str, epoch: int, now_s: int, signed_in_s: int) -> tuple[str, int]:
        """A token, and when it expires."""
        over_s = signed_in_s + SIGN_IN_SECONDS
        if now_s >= over_s:
            raise SignInOver(SIGN_IN_SECONDS // 86_400)
        expires_s = min(now_s + TOKEN_SECONDS, over_s)
        fields = (user_id, str(epoch), str(signed_in_s), str(expires_s))
        kid, secret = self._keys.signing(now_s)
        return sealed((_KIND, kid, *fields), secret), expires_s

    def bearer(self, headers: Mapping[str, str], now_s: int) -> Bearer:
        bearer = self.perhaps(headers, now_s)
        if bearer is None:
            raise NoToken
        return bearer

    def perhaps(self, headers: Mapping[str, str], now_s: int) -> Bearer | None:
        """None where no token came."""
        if "authorization" not in headers:
            return None
        token = self.presented(headers)
        if now_s >= token.expires_s:
            raise TokenExpired
        return token.bearer

    def presented(self, headers: Mapping[str, str]) -> Token:
        """The token of the request, expired or not."""
        header = headers.get("authorization", "")
        if not header:
            raise NoToken
        if header[: len(_SCHEME)].lower() != _SCHEME:
            raise BadToken
        kind, _, *fields = opened(
            header[len(_SCHEME) :].strip(), count=6, secret_of=self._keys.secret
        )
        if kind != _KIND:
            raise BadToken
        user_id, *numbers = fields
        if not is_uuid(user_id) or not all(each.isdecimal() for each in numbers):
            raise BadToken
        epoch, signed_in_s, expires_s = map(int, numbers)
        return Token(user_id=user_id, epoch=epoch, signed_in_s=signed_in_s, expires_s=expires_s)
