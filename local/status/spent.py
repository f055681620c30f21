"""The lines that Lambdas log for each request, with the request units they spent."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

from cf_functions.runtime import words
from config import names

Json = dict[str, Any]
ByRules = Callable[[Json], float | None]
"""Read units of a line by DynamoDB's published rules, if known."""

_OVERLAP_MS: Final = 5_000
"""Lines of several workers may arrive out of order."""
_REMEMBERED: Final = 1_000
_GROUPS: Final = names.function_log_group(names.PROJECT)
_FIELDS: Final = words(
    "status ms request_id game period periods accepted invalidated refused cause rru wru"
)


class Spent:
    """Reads only lines that are new since the last time."""

    def __init__(self, since_ms: int) -> None:
        self._since_ms = since_ms
        self._read_until: dict[str, int] = {}
        self._seen: dict[str, dict[tuple[str, str], int]] = {}
        self._totals: dict[str, Json] = {}
        self._lines: deque[Json] = deque(maxlen=_REMEMBERED)

    def read(self, logs: Any, by_rules: ByRules) -> None:
        for group in _groups(logs):
            for line in self._new_lines(logs, group):
                self._count(group.removeprefix("/aws/lambda/"), line, by_rules)

    def totals(self) -> list[Json]:
        return [self._totals[function] for function in sorted(self._totals)]

    def by_request(self) -> dict[str, list[Json]]:
        """Lines by the id that CloudFront gave to the viewer's request."""
        found: dict[str, list[Json]] = {}
        for line in self._lines:
            found.setdefault(line["edgeId"], []).append(line)
        return found

    def _new_lines(self, logs: Any, group: str) -> Iterator[Json]:
        start = self._read_until.get(group, self._since_ms)
        seen = self._seen.setdefault(group, {})
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=max(self._since_ms, start - _OVERLAP_MS)
        )
        for page in pages:
            for event in page["events"]:
                key = event["logStreamName"], event["message"]
                if key not in seen:
                    yield from _parsed(event["message"], event["timestamp"])
                seen[key] = event["timestamp"]
                start = max(start, event["timestamp"])
        self._read_until[group] = start
        self._seen[group] = {k: at for k, at in seen.items() if at >= start - _OVERLAP_MS}

    def _count(self, function: str, line: Json, by_rules: ByRules) -> None:
        total = self._totals.setdefault(function, _nothing(function))
        line["function"] = function
        line["rruByRules"] = by_rules(line)
        total["failures" if line["failed"] else "requests"] += 1
        total["lastAt"] = line["at"]
        for name in ("rru", "wru", "ms", "rruByRules"):
            total[name] = round(total[name] + (line.get(name) or 0), 2)
        if line["edgeId"]:
            self._lines.append(line)


def _groups(logs: Any) -> list[str]:
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=_GROUPS)
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]


def _nothing(function: str) -> Json:
    numbers = ("requests", "failures", "rru", "rruByRules", "wru", "ms")
    return {"function": function, "lastAt": None, **dict.fromkeys(numbers, 0)}


def _parsed(message: str, at_ms: int) -> Iterator[Json]:
    """Lines about a request or a failure; all others are skipped."""
    try:
        line = json.loads(message)
    except ValueError:
        return
    if not isinstance(line, dict):
        return
    failed = line.get("level") == "ERROR"
    if failed or "status" in line or "rru" in line:
        known = {name: value for name, value in line.items() if name in _FIELDS}
        edge_id = line.get("edge_id")
        yield {
            **known,
            "at": at_ms,
            "what": str(line.get("message", "")),
            "failed": failed,
            "edgeId": edge_id if isinstance(edge_id, str) else None,
        }
