"""Keys of API users: hg_live_, an id of 8 characters, a secret of 33, and a checksum of 6.

The checksum refuses typos without a read of the table. The table has the SHA-256 of the key:
the secret has 196 bits, so nobody finds it from its hash.
"""

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from typing import Final

from lambdas.shared.api_users.errors import InvalidKey

_START: Final = "hg_live_"
_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID: Final = 8
_SECRET: Final = 33
_CHECKSUM: Final = 6
_FORM: Final = re.compile(f"{_START}[0-9A-Za-z]{{{_ID + _SECRET + _CHECKSUM}}}")


@dataclass(frozen=True, slots=True)
class NewKey:
    text: str
    """Shown once."""

    @property
    def prefix(self) -> str:
        return self.text[: len(_START) + _ID]

    @property
    def hash(self) -> str:
        return hash_of(self.text)


def new_key() -> NewKey:
    body = _START + "".join(secrets.choice(_ALPHABET) for _ in range(_ID + _SECRET))
    return NewKey(body + _checksum(body))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def checked(text: str) -> str:
    """The key, unless it has another form or another checksum."""
    if not _FORM.fullmatch(text) or _checksum(text[:-_CHECKSUM]) != text[-_CHECKSUM:]:
        raise InvalidKey
    return text


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
