"""Hashes of callers. They change every day. Without the salt of a day nobody can undo them."""

import base64
import hashlib
import hmac
from typing import Final

_LENGTH: Final = 16
"""Characters of base64: 96 bits."""


def hashed(salt: bytes, caller: str) -> str:
    digest = hmac.digest(salt, caller.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode()[:_LENGTH]
