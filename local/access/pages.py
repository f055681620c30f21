"""Recognizes requests that a page of another site makes.

Every local program listens on loopback, where each page open in the developer's browser can send
requests too. Browsers say who asks: in Host (a foreign name that resolves to this machine is DNS
rebinding), in Origin, in Sec-Fetch-Site, and in Referer where they know none of these.

Only the standard library is imported, because the emulator's process reads this module too.
"""

from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_OUR_SITE: Final = frozenset({"none", "same-origin"})

Pairs = Iterable[tuple[str, str]]
"""Headers, with names in lower case."""


def host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()


def is_loopback_host(host: str) -> bool:
    """RFC 6761 keeps every name under localhost for this machine, so none can be rebound."""
    name = host_name(host)
    return name in _LOOPBACK or name.endswith(".localhost")


def is_loopback_origin(origin: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and is_loopback_host(parts.netloc)


def foreign_host(headers: Pairs) -> str | None:
    """The problem with the request's Host; None if it names this machine."""
    hosts = [value for name, value in headers if name == "host"]
    if hosts and all(is_loopback_host(host) for host in hosts):
        return None
    return f"Host {', '.join(hosts) or '(none)'} does not name this machine"


def foreign_page(headers: Pairs, is_ours: Callable[[str], bool]) -> str | None:
    """The header that shows that another site's page made the request; None if there is none."""
    given = list(headers)
    origins = [value for name, value in given if name == "origin"]
    if origins:
        foreign = [origin for origin in origins if not is_ours(origin)]
        return f"Origin {foreign[0]}" if foreign else None
    sites = [value for name, value in given if name == "sec-fetch-site"]
    if sites:
        foreign = [site for site in sites if site not in _OUR_SITE]
        return f"Sec-Fetch-Site {foreign[0]}" if foreign else None
    referers = [value for name, value in given if name == "referer"]
    foreign = [each for each in referers if not is_ours(_origin_of(each))]
    return f"Referer {_origin_of(foreign[0])}" if foreign else None


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
