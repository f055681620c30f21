"""What the API says of aggregates."""

from collections.abc import Iterable
from typing import Any

from lambdas.insights.aggregates import Aggregate, Runs

Measured = tuple[str, str, Aggregate]
"""A function, the hour or the day, and its aggregate."""


def summary(total: Aggregate) -> dict[str, Any]:
    times, misses = total.times, total.times - total.hits
    return {
        "times": times,
        "succeeded": total.succeeded,
        "failed": total.failed,
        "statuses": {str(status): total.statuses[status] for status in sorted(total.statuses)},
        "bytes": total.bytes,
        "callers": None if total.callers is None else total.callers.estimate(),
        "duration": {
            "meanMs": _ms(total.us / times) if times else None,
            "minMs": _ms(total.least_us),
            "maxMs": _ms(total.most_us),
            "p50Ms": _rounded(total.durations.at(0.5)),
            "p90Ms": _rounded(total.durations.at(0.9)),
            "p95Ms": _rounded(total.durations.at(0.95)),
            "p99Ms": _rounded(total.durations.at(0.99)),
        },
        "cache": {
            "hits": total.hits,
            "misses": misses,
            "ratio": round(total.hits / times, 4) if times else None,
            "meanMs": _ms(total.hit_us / total.hits) if total.hits else None,
            # CloudFront reports neither.
            "evictions": None,
            "memoryUsageMb": None,
        },
        "runtime": _runtime(total.runs),
    }


def _runtime(runs: Runs) -> dict[str, Any] | None:
    """Only creators' functions say what they use."""
    if not runs.times:
        return None
    return {
        "memoryUsageMb": round(runs.kb / runs.times / 1024, 3),
        "mostMemoryMb": round(runs.most_kb / 1024, 3),
        "cpuMs": _ms(runs.cpu_us / runs.times),
        "cpuUsagePercent": round(100 * runs.cpu_us / runs.us, 2) if runs.us else None,
    }


def refusals(total: Aggregate) -> list[dict[str, Any]]:
    """By code, the commonest first."""
    return [
        {
            "code": code,
            "times": each.times,
            "firstMs": each.first_ms,
            "lastMs": each.last_ms,
            "status": each.status,
            "sample": each.sample,
        }
        for code, each in sorted(total.refused.items(), key=lambda item: (-item[1].times, item[0]))
    ]


def by_function(measured: Iterable[Measured]) -> dict[str, Aggregate]:
    totals: dict[str, Aggregate] = {}
    for fn, _, each in measured:
        totals.setdefault(fn, Aggregate()).merge(each)
    return totals


def over_time(measured: Iterable[Measured]) -> list[dict[str, Any]]:
    """The sum of the given functions at each hour or day, in order."""
    totals: dict[str, Aggregate] = {}
    for _, at, each in measured:
        totals.setdefault(at, Aggregate()).merge(each)
    return [
        {
            "at": at,
            "times": total.times,
            "failed": total.failed,
            "hits": total.hits,
            "p50Ms": _rounded(total.durations.at(0.5)),
            "p95Ms": _rounded(total.durations.at(0.95)),
        }
        for at, total in sorted(totals.items())
    ]


def _ms(us: float | None) -> float | None:
    return None if us is None else round(us / 1000, 3)


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 3)
