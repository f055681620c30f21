"""How the functions of an account share its concurrency, so that scores keep a part of it.

Lambda runs a limited number of requests at once in an account and region: 1,000, or 10 in many
new accounts. A function can be limited to a part of that only where Lambda keeps another 100 for
functions without a limit of their own. Smaller accounts have the throttles of the APIs instead.
"""

from typing import TYPE_CHECKING, Final

from config.manifests import FUNCTIONS
from config.settings import Throttle

if TYPE_CHECKING:
    from config.environments import Environment
    from config.manifest import Function

UNRESERVED: Final = 100
"""PutFunctionConcurrency leaves at least as many to functions without a limit of their own."""
SECONDS: Final = 0.06
"""Lambda time of a request, as make cost estimates it."""


def limit_of(function: "Function", environment: "Environment") -> int | None:
    """How many requests the function may run at once; None where Lambda cannot limit it."""
    if not function.share or environment.is_local or not _can_limit(environment.concurrency):
        return None
    return _part(function.share, environment.concurrency)


def within(throttle: Throttle, share: float, environment: "Environment") -> Throttle:
    """The throttle, lowered where it would let more run at once than this share."""
    if not share or environment.is_local:
        return throttle
    most = _part(share, environment.concurrency)
    return Throttle(
        requests_per_second=min(throttle.requests_per_second, float(int(most / SECONDS))),
        burst=min(throttle.burst, most),
    )


def _can_limit(concurrency: int) -> bool:
    limited = sum(_part(each.share, concurrency) for each in FUNCTIONS if each.share)
    return concurrency - limited >= UNRESERVED


def _part(share: float, concurrency: int) -> int:
    return max(1, int(share * concurrency))
