"""Keys with which hosts sign in. Only their hashes are stored."""

import hashlib
import re
import secrets
from typing import Final, Literal

Kind = Literal["agent", "gateway"]

_PREFIXES: Final[dict[Kind, str]] = {"agent": "agt_", "gateway": "gtw_"}
_CHARACTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_RANDOM_CHARACTERS: Final = 32
"""165 bits, so a plain hash is safe."""
_KEY: Final = re.compile(r"(?:agt|gtw)_[a-z0-9]{32}")


def new_key(kind: Kind) -> str:
    random = "".join(secrets.choice(_CHARACTERS) for _ in range(_RANDOM_CHARACTERS))
    return _PREFIXES[kind] + random


def is_key(text: object) -> bool:
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
