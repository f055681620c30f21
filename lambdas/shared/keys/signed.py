"""Texts that one of our keys has signed: fields, the second of which is the key's id."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Final

from lambdas.shared.http.errors import Unauthorized

LONGEST_TOKEN: Final = 600
_SEPARATOR: Final = "|"


class BadToken(Unauthorized):
    code = "bad_token"

    def __init__(self) -> None:
        super().__init__("token: not valid for this session; begin a new session")


def sealed(fields: Sequence[str], secret: str) -> str:
    payload = _SEPARATOR.join(fields).encode()
    return f"{_base64(payload)}.{_signature(payload, secret)}"


def opened(token: str, *, count: int, secret_of: Callable[[str], str | None]) -> list[str]:
    """The fields, if there are so many and the key that they name has signed them."""
    payload = _payload(token)
    fields = payload.decode("ascii", "replace").split(_SEPARATOR)
    if len(fields) != count:
        raise BadToken
    secret = secret_of(fields[1])
    signature = token.partition(".")[2]
    if secret is None or not hmac.compare_digest(signature, _signature(payload, secret)):
        raise BadToken
    return fields


def _payload(token: str) -> bytes:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise BadToken
    encoded = token.partition(".")[0]
    try:
        payload = base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken from None
    # Another spelling of the same bytes would be another token with the same signature.
    if _base64(payload) != encoded:
        raise BadToken
    return payload


def _signature(payload: bytes, secret: str) -> str:
    return _base64(hmac.digest(secret.encode(), payload, hashlib.sha256))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
