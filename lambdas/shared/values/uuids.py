"""UUIDs of version 7 (RFC 9562), which sort by the moment they were made."""

import os
import re
from typing import Final

PATTERN: Final = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_UUID: Final = re.compile(PATTERN)


def is_uuid(text: object) -> bool:
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def uuid7(now_ms: int) -> str:
    chance = int.from_bytes(os.urandom(10), "big")
    high, low = chance >> 62 & 0xFFF, chance & (1 << 62) - 1
    digits = f"{now_ms << 80 | 7 << 76 | high << 64 | 2 << 62 | low:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def made_ms(uuid: str) -> int:
    return int(uuid[:8] + uuid[9:13], 16)
