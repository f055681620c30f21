"""Certificate requests, and what we need to know of a certificate."""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lambdas.tunnels import der
from lambdas.tunnels.p256 import PrivateKey

_SIGNED_WITH_SHA256: Final = "1.2.840.10045.4.3.2"
_EXTENSION_REQUEST: Final = "1.2.840.113549.1.9.14"
_ALTERNATIVE_NAMES: Final = "2.5.29.17"
_AUTHORITY_KEY: Final = der.object_id("2.5.29.35")
_DNS_NAME: Final = 0x82
_EXTENSIONS: Final = 0xA3
_VERSION: Final = 0xA0
_KEY_ID: Final = 0x80
_PEM: Final = re.compile(
    "-----BEGIN CERTIFICATE-----\\s+([A-Za-z0-9+/=\\s]+?)-----END CERTIFICATE-----"
)


@dataclass(frozen=True, slots=True)
class Leaf:
    serial: int
    serial_bytes: bytes
    begins_s: int
    expires_s: int
    authority_key: bytes

    @property
    def renewal_id(self) -> str:
        """By which the authority names it in renewal information (RFC 9773)."""
        parts = (self.authority_key, self.serial_bytes)
        return ".".join(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts)


def request(domain: str, key: PrivateKey) -> bytes:
    """A certificate request for this name alone."""
    names = der.encoded(der.SEQUENCE, der.encoded(_DNS_NAME, domain.encode()))
    extension = der.encoded(
        der.SEQUENCE,
        der.object_id(_ALTERNATIVE_NAMES),
        der.encoded(der.OCTET_STRING, names),
    )
    attribute = der.encoded(
        der.SEQUENCE,
        der.object_id(_EXTENSION_REQUEST),
        der.encoded(der.SET, der.encoded(der.SEQUENCE, extension)),
    )
    content = der.encoded(
        der.SEQUENCE,
        der.encoded(der.INTEGER, b"\0"),
        der.encoded(der.SEQUENCE),
        key.public_info,
        der.encoded(0xA0, attribute),
    )
    algorithm = der.encoded(der.SEQUENCE, der.object_id(_SIGNED_WITH_SHA256))
    signature = der.bit_string(key.sign(content).der)
    return der.encoded(der.SEQUENCE, content, algorithm, signature)


def private_key_pem(key: PrivateKey) -> str:
    lines = base64.encodebytes(key.der).decode().replace("\n", "")
    wrapped = "\n".join(lines[start : start + 64] for start in range(0, len(lines), 64))
    return f"-----BEGIN EC PRIVATE KEY-----\n{wrapped}\n-----END EC PRIVATE KEY-----\n"


def leaf_of(chain: str) -> Leaf:
    """The chain's first certificate. Raises ValueError where there is none."""
    found = _PEM.search(chain)
    if found is None:
        raise ValueError("no certificate in PEM")
    signed = der.inside(base64.b64decode(found[1]))[0]
    fields = list(der.elements(signed.content))
    if fields[0].tag == _VERSION:
        fields = fields[1:]
    serial, _, _, validity = fields[:4]
    begins, expires = (_moment(each) for each in der.elements(validity.content))
    return Leaf(
        int.from_bytes(serial.content, "big"),
        serial.content,
        begins,
        expires,
        _authority_key(fields),
    )


def _moment(element: der.Element) -> int:
    text = element.content.decode()
    if element.tag == der.UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return int(datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp())


def _authority_key(fields: list[der.Element]) -> bytes:
    for field in fields:
        if field.tag != _EXTENSIONS:
            continue
        for extension in der.inside(field.content):
            parts = list(der.elements(extension.content))
            if der.encoded(parts[0].tag, parts[0].content) == _AUTHORITY_KEY:
                named = der.inside(parts[-1].content)
                return next((each.content for each in named if each.tag == _KEY_ID), b"")
    return b""
