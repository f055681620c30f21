"""The few parts of DER (X.690) that certificate requests and certificates need."""

from collections.abc import Iterator
from typing import Final, NamedTuple

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OBJECT_ID: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31


class Element(NamedTuple):
    tag: int
    content: bytes


def encoded(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value: int) -> bytes:
    """Positive, with a zero in front where the first bit would be a sign."""
    return encoded(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def object_id(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    return encoded(OBJECT_ID, bytes([first * 40 + second]), *map(_base128, rest))


def bit_string(content: bytes) -> bytes:
    return encoded(BIT_STRING, b"\0", content)


def _base128(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def elements(data: bytes) -> Iterator[Element]:
    """The elements that follow each other. Raises ValueError where one is cut."""
    start = 0
    while start < len(data):
        if start + 2 > len(data):
            raise ValueError("an element of DER is cut")
        tag, size, begins = data[start], data[start + 1], start + 2
        if size & 0x80:
            begins += size & 0x7F
            size = int.from_bytes(data[start + 2 : begins], "big")
        if begins + size > len(data):
            raise ValueError("an element of DER is cut")
        yield Element(tag, data[begins : begins + size])
        start = begins + size


def inside(data: bytes) -> list[Element]:
    """The elements of the one element that this is."""
    return list(elements(next(elements(data)).content))
