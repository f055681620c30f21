"""Where a domain leads, as this function's resolver sees it."""

import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from typing import Final

_SECONDS: Final = 4.0


def addresses_of(domain: str) -> list[str] | None:
    """All its addresses, of both versions; None where the resolver does not answer in time."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(_resolved, domain).result(_SECONDS)
    except TooSlow:
        return None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _resolved(domain: str) -> list[str] | None:
    try:
        found = socket.getaddrinfo(f"{domain}.", 80, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return None if error.errno == socket.EAI_AGAIN else []
    return sorted({str(address[0]) for *_, address in found})
