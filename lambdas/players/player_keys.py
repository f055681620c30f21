"""A signed-in player's key for the leaderboards: the same on every device."""

import base64
import hashlib
import hmac
import re
from typing import Final, NamedTuple

from lambdas.shared.values.wire import CERTIFIED_USER_ID_LENGTH

PREFIX: Final = "hgp_"
KEY: Final = re.compile(r"[\w-]{16,128}", re.ASCII)


class BoardPlayer(NamedTuple):
    """The row on the boards, and the key that proves it."""

    id: str
    key: str


def player_id(key: str) -> str:
    """The id that the boards derive from a player's key."""
    return _base64(hashlib.sha256(key.encode()).digest())[:CERTIFIED_USER_ID_LENGTH]


def board_player(secret: str, user_id: str) -> BoardPlayer:
    digest = hmac.digest(secret.encode(), f"player\0{user_id}".encode(), hashlib.sha256)
    key = PREFIX + _base64(digest)
    return BoardPlayer(player_id(key), key)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
