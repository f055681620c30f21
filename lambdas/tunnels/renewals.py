"""When a certificate needs work: orders, renewals, and pauses after failures."""

from dataclasses import replace
from typing import Final

from lambdas.tunnels.records import Certificate
from lambdas.tunnels.x509 import Leaf

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WARN_SECONDS: Final = 14 * DAY
"""A certificate that lasts no longer should have been renewed."""
ASK_AGAIN_SECONDS: Final = 12 * HOUR
"""How often to ask the authority when it wants a certificate renewed."""
_UNREACHED_PAUSES: Final = (5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR)
"""While a domain does not lead to the gateways. The authority notices none of these tries."""
_REFUSED_PAUSES: Final = (HOUR, 3 * HOUR, 6 * HOUR, DAY)
_LIMITED_PAUSE: Final = 6 * HOUR
_ASKED_PAUSE: Final = 15


def renew_at(leaf: Leaf, suggested_s: int | None) -> int:
    """As the authority suggests, or when a third of the lifetime is left."""
    third = leaf.expires_s - (leaf.expires_s - leaf.begins_s) // 3
    return third if suggested_s is None else min(suggested_s, leaf.expires_s)


def pause_after(failures: int, *, refused: bool, limited_s: int | None = None) -> int:
    """Seconds until the next try. `limited_s` is the pause that a rate limit asks for."""
    pauses = _REFUSED_PAUSES if refused else _UNREACHED_PAUSES
    pause = pauses[min(failures, len(pauses)) - 1]
    return pause if limited_s is None else max(limited_s, _LIMITED_PAUSE)


def order_possible_at(certificate: Certificate) -> int:
    """When a person may ask for the next try. A refusal of the authority keeps its pause."""
    if certificate.refused:
        return certificate.retry_s
    pause = pause_after(certificate.failures, refused=False)
    return certificate.retry_s - pause + _ASKED_PAUSE


def failed(
    before: Certificate, problem: str, now_s: int, *, refused: bool, limited_s: int | None = None
) -> Certificate:
    """The certificate after a failure. One that is still valid stays in use."""
    failures = before.failures + 1
    pause = pause_after(failures, refused=refused, limited_s=limited_s)
    return replace(
        before,
        state="issued" if before.chain else "failed",
        problem=problem,
        failures=failures,
        refused=refused,
        retry_s=now_s + pause,
    )
