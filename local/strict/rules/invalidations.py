"""Invalidations."""

import time
from collections import defaultdict, deque
from typing import Final

from local.strict.distribution_config import GUIDE, tag
from local.strict.registry import Call, Refusal, refuses

_MOST_WILDCARDS: Final = 15
_MOST_PATHS: Final = 3000
_in_progress: dict[str, deque[tuple[float, int, int]]] = defaultdict(deque)


@refuses(
    "cloudfront:CreateInvalidation",
    what="more than 15 wildcard paths or 3,000 other paths in progress at once",
    source=f"{GUIDE}/InvalidationLimits.html",
)
def invalidations_in_progress(call: Call) -> Refusal | None:
    root = call.xml
    if root is None:
        return None
    paths = [(each.text or "").strip() for each in root.iter(tag("Path"))]
    if any(not path.startswith("/") or "*" in path[:-1] for path in paths):
        return Refusal(
            400,
            "InvalidArgument",
            "Your request contains one or more invalid invalidation paths.",
        )
    wildcards = sum(path.endswith("*") for path in paths)
    running = _in_progress[call.path.split("/")[3]]
    now = time.monotonic()
    while running and running[0][0] <= now:
        running.popleft()
    kinds = (
        (wildcards, sum(each[1] for each in running), _MOST_WILDCARDS, "wildcard invalidations"),
        (len(paths) - wildcards, sum(each[2] for each in running), _MOST_PATHS, "invalidations"),
    )
    for asked, already, most, name in kinds:
        if asked and asked + already > most:
            return Refusal(
                400,
                "TooManyInvalidationsInProgress",
                "Processing your request will cause you to exceed the maximum number of "
                f"in-progress {name}.",
            )
    until = now + call.strictness.invalidation_seconds
    running.append((until, wildcards, len(paths) - wildcards))
    return None
