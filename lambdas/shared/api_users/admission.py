"""Admits the requests of API users: by their key, and within their limit."""

from typing import Final

from lambdas.shared.api_users.access import Principal
from lambdas.shared.api_users.api_keys import checked, hash_of
from lambdas.shared.api_users.errors import ExpiredKey, Inactive, MissingKey, UnknownKey
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.minute_table import MinuteTable
from lambdas.shared.http.requests import Request
from lambdas.shared.values.clock import iso

_BELIEVED_MS: Final = 60_000
"""A key that is revoked works for another minute at most."""
_MOST_BELIEVED: Final = 1000
_SCHEME: Final = "bearer "

_Found = tuple[Principal, bool, int] | None


class Admission:
    def __init__(self, keys: KeyTable, minutes: MinuteTable) -> None:
        self._keys = keys
        self._minutes = minutes
        self._believed: dict[str, tuple[int, _Found]] = {}

    def of(self, request: Request) -> Principal:
        principal, active, expires_ms = self._found(hash_of(_key(request)), request.now_ms)
        if expires_ms and request.now_ms >= expires_ms:
            raise ExpiredKey
        if not active:
            raise Inactive
        self._minutes.take(principal.user_id, principal.limit, request.now_s)
        self._keys.note_activity(principal.user_id, request.now_ms, iso(request.now_ms))
        return principal

    def _found(self, key_hash: str, now_ms: int) -> tuple[Principal, bool, int]:
        read_at, found = self._believed.get(key_hash, (0, None))
        if now_ms - read_at >= _BELIEVED_MS:
            found = self._keys.key(key_hash)
            if len(self._believed) >= _MOST_BELIEVED:
                self._believed.clear()
            self._believed[key_hash] = now_ms, found
        if found is None:
            raise UnknownKey
        return found


def _key(request: Request) -> str:
    given = request.headers.get("authorization", "")
    if not given:
        raise MissingKey
    scheme, key = given[: len(_SCHEME)], given[len(_SCHEME) :]
    return checked(key.strip() if scheme.lower() == _SCHEME else given.strip())
