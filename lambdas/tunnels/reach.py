"""Whether a domain leads to our gateways, before an authority is asked to look."""

import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Final

_TIMEOUT: Final = 5
_MOST_BYTES: Final = 1_000


class NotReached(Exception):
    """The domain leads elsewhere. The message says what answered."""


def check(domain: str, publish: Callable[[str, str], None]) -> None:
    """Fetches a challenge of our own over the domain, as the authority will."""
    token, answer = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    publish(token, answer)
    address = f"http://{domain}/.well-known/acme-challenge/{token}"
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT) as found:
            body = found.read(_MOST_BYTES)
    except urllib.error.HTTPError as error:
        error.close()
        raise NotReached(
            f"http://{domain} answers {error.code} and not this system's challenge; point its A "
            "record at your gateways"
        ) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise NotReached(
            f"http://{domain} does not answer ({reason}); point its A record at your gateways, and "
            "open their port 80"
        ) from None
    if body.decode(errors="replace") != answer:
        raise NotReached(f"http://{domain} leads to another server; point it at your gateways")
