"""Keyed hashes of addresses, browsers and players. Nothing else of them is stored."""

import base64
import hashlib
import hmac
import ipaddress
from typing import Any, Final

from lambdas.shared.http.errors import Malformed

LONGEST_PLAYER_KEY: Final = 128
_IPV6_PREFIX: Final = 48
_LENGTH: Final = 22
"""Characters of base64: 132 bits."""


def player_key(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_PLAYER_KEY:
        raise Malformed("playerKey", f"not a text of 1 to {LONGEST_PLAYER_KEY} characters")
    return value


def player_hash(key: str, project_id: str, player_key: str) -> str:
    """Stays the same while the project exists, so that its players can be counted and erased."""
    return _hash(key, "player", project_id, player_key)


def address_hash(key: str, day: str, address: str) -> str:
    """Differs from day to day, so that nobody can be followed."""
    return _hash(key, "address", day, household(address))


def agent_hash(key: str, day: str, agent: str) -> str:
    return _hash(key, "agent", day, agent)


def viewer_address(forwarded: str, gateway: str, hops: int) -> str:
    """CloudFront appends the viewer's address to whatever the viewer sent.

    The HTTP API may append CloudFront's, which is the caller's address.
    """
    entries = [entry.strip() for entry in forwarded.split(",")]
    for _ in range(hops):
        if len(entries) > 1 and entries[-1] == gateway:
            entries.pop()
    return entries[-1] or gateway


def household(address: str) -> str:
    """Counts an IPv6 subscriber as one: providers give a subscriber up to a /48."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, _IPV6_PREFIX), strict=False))


def _hash(key: str, *parts: str) -> str:
    message = "\0".join(parts).encode("utf-8", "surrogatepass")
    digest = hmac.digest(key.encode(), message, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode()[:_LENGTH]
