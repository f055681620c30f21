"""What goes over the wire and is the same for every capability."""

from typing import Final

LARGEST_INTEGER: Final = 2**53 - 1
"""What JavaScript counts to exactly, and so what a score or a time may be."""

GAME_ID: Final = r"[a-z0-9][a-z0-9-]{0,31}"
USER_ID: Final = r"[A-Za-z0-9_-]{1,64}"
CERTIFIED_USER_ID_LENGTH: Final = 22
"""A self-certifying player's id: this much of the hash of the player's key."""
