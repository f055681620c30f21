"""Checks what creators and hosts send, field by field."""

import base64
import binascii
import ipaddress
import re
from typing import Any, Final

from lambdas.shared.http.errors import Malformed

MOST_BODY_BYTES: Final = 8_192
MOST_DESCRIPTION: Final = 500
MOST_METADATA: Final = 12
MOST_METADATA_CHARACTERS: Final = 100
PROTOCOLS: Final = ("http", "tcp", "udp")
FIRST_PUBLIC_PORT: Final = 30_000
"""The port that a tunnel gets if it asks for none, unless another tunnel has it."""
WIREGUARD_PORT: Final = 51_820
_RESERVED_PORTS: Final = {WIREGUARD_PORT}

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REGION: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*")
_TARGET: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\[\]/\s]+)):(?P<port>[0-9]{1,9})"
)
_METADATA_NAMES: Final = {"metadata", "metadata.google.internal", "instance-data"}
_METADATA_ADDRESSES: Final = {
    ipaddress.ip_address(each)
    for each in ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200")
}
_NETWORK: Final = re.compile(r"[0-9a-f]{32}")
_KEY_BYTES: Final = 32
_LONGEST_DOMAIN: Final = 253
_PORTS: Final = range(1, 65_536)
_PUBLIC_PORTS: Final = range(1_024, 65_536)


def name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Malformed("name", "not 1 to 64 letters, digits, hyphens and underscores")
    return value


def region(value: Any) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or not _REGION.fullmatch(value):
        raise Malformed("region", "not 1 to 32 letters, digits, hyphens and underscores")
    return value


def flag(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Malformed(field, "not true or false")
    return value


def description(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_DESCRIPTION:
        raise Malformed("description", f"not a text of at most {MOST_DESCRIPTION} characters")
    if any(ord(each) < 32 and each != "\n" for each in value) or not _encodable(value):
        raise Malformed("description", "has a control character; leave it out")
    return value


def domain(value: Any) -> str:
    """The domain in lower case."""
    if not isinstance(value, str):
        raise Malformed("domain", "missing, or not text such as app.example.com")
    if not value.isascii():
        raise Malformed("domain", "has other characters than ASCII; write its xn-- form")
    lower = value.lower()
    if lower.startswith("*."):
        raise Malformed("domain", "is a wildcard; add one tunnel for each name")
    labels = lower.split(".")
    fits = len(lower) <= _LONGEST_DOMAIN and len(labels) > 1 and not labels[-1].isdigit()
    if not fits or not all(_LABEL.fullmatch(each) for each in labels):
        raise Malformed("domain", f"{value[:80]!r} is no domain such as app.example.com")
    return lower


def target(value: Any) -> str:
    """A host and a port. The agent checks besides that the host is in its own networks."""
    found = _TARGET.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Malformed("target", "not a host and a port, such as localhost:8080")
    if len(found["port"]) > 5 or int(found["port"]) not in _PORTS:
        raise Malformed("target", f"port {found['port'][:9]}: not from 1 to 65535")
    if found["six"] is not None:
        _check_address(found["six"])
    elif re.fullmatch(r"[0-9.]+", found["host"]):
        _check_address(found["host"])
    else:
        _check_host(found["host"])
    return str(value)


def _check_host(host: str) -> None:
    lower = host.lower().rstrip(".")
    if not _HOST.fullmatch(host) or len(host) > _LONGEST_DOMAIN:
        raise Malformed("target", f"{host[:80]!r} is neither an address nor a host name")
    if lower in _METADATA_NAMES:
        raise Malformed("target", f"{host} is the metadata service of a cloud, never a target")


def _check_address(text: str) -> None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Malformed("target", f"{text[:80]!r} is not an IP address") from None
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain in _METADATA_ADDRESSES or plain.is_link_local:
        raise Malformed("target", f"{text} is the metadata service of a cloud, never a target")
    if plain.is_multicast or plain.is_unspecified or str(plain) == "255.255.255.255":
        raise Malformed("target", f"{text} is no host's address")


def network(value: Any) -> str:
    if not isinstance(value, str) or not _NETWORK.fullmatch(value):
        raise Malformed("network", "not 32 hexadecimal digits")
    return value


def public_ip(value: Any) -> str:
    try:
        address = ipaddress.IPv4Address(value if isinstance(value, str) else "")
    except ValueError:
        raise Malformed("publicIp", "not an IPv4 address such as 203.0.113.7") from None
    unfit = (
        address.is_loopback
        or address.is_multicast
        or address.is_unspecified
        or address.is_link_local
        or str(address) == "255.255.255.255"
    )
    if unfit:
        raise Malformed("publicIp", f"{address} is not reachable from the internet")
    return str(address)


def protocol(value: Any) -> str:
    if value not in PROTOCOLS:
        raise Malformed("protocol", f"not one of {', '.join(PROTOCOLS)}")
    return str(value)


def public_port(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in _PUBLIC_PORTS:
        raise Malformed("publicPort", "not a whole number from 1024 to 65535")
    if value in _RESERVED_PORTS:
        raise Malformed("publicPort", f"{value} is WireGuard's own; choose another")
    return value


def public_key(value: Any) -> str:
    try:
        raw = base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES or not any(raw) or base64.b64encode(raw).decode() != value:
        raise Malformed("publicKey", "not a WireGuard public key: 32 bytes in base64")
    return str(value)


def boot_id(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{8,64}", value):
        raise Malformed("bootId", "not 8 to 64 hexadecimal digits")
    return value


def metadata(value: Any) -> dict[str, str]:
    """What a host says about itself, such as its version."""
    if value is None:
        return {}
    fits = (
        isinstance(value, dict)
        and len(value) <= MOST_METADATA
        and all(_NAME.fullmatch(each) for each in value)
        and all(isinstance(each, str) for each in value.values())
    )
    if not fits:
        raise Malformed("metadata", f"not an object of at most {MOST_METADATA} texts")
    return {each: _shown(text)[:MOST_METADATA_CHARACTERS] for each, text in value.items()}


def error_text(value: Any) -> str:
    """A host's sentence about why it did not apply a config, as it may be shown."""
    return _shown(value)[:300] if isinstance(value, str) and value else "no reason given"


def _shown(text: str) -> str:
    return "".join(each for each in text if each.isprintable() and _encodable(each))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
