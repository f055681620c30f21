"""Limits and forms of values that all capabilities share."""

from datetime import date
from typing import Final

LARGEST_INTEGER: Final = 2**53 - 1
"""The largest integer that JavaScript represents exactly. Scores and times stay within it."""

GAME_ID: Final = r"[a-z0-9][a-z0-9-]{0,31}"
USER_ID: Final = r"[A-Za-z0-9_-]{1,64}"
CERTIFIED_USER_ID_LENGTH: Final = 22
"""How many characters of the hash of a player's key make the player's id."""

NO_BOARD_BEFORE: Final = date(2026, 1, 1)
"""The first day of a game that names none."""
