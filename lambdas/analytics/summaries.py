"""Counters as creators read them, and the days that a request asks for."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from lambdas.shared.counters.counters import Counters, Numbers
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.histogram import as_rows

MOST_DAYS: Final = 92
_DAYS_UNASKED: Final = 30

Json = dict[str, Any]


def days_asked(query: Mapping[str, str], now_s: float) -> tuple[str, str]:
    """Defaults to the last thirty days."""
    today = datetime.fromtimestamp(now_s, UTC).date()
    last = _day("to", query["to"]) if "to" in query else today
    if "from" in query:
        first = _day("from", query["from"])
    else:
        first = max(last, date.min + timedelta(_DAYS_UNASKED)) - timedelta(_DAYS_UNASKED - 1)
    if first > last:
        raise Malformed("from", f"{first} is after {last}")
    if (last - first).days >= MOST_DAYS:
        raise Malformed("from", f"more than {MOST_DAYS} days before {last}; ask for fewer at once")
    return first.isoformat(), last.isoformat()


def _day(field: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # ISO also allows weeks, and days without hyphens; this API does not.
    if day is None or day.isoformat() != text:
        raise Malformed(field, "not a day such as 2026-11-21")
    return day


def summary(project_id: str, first: str, last: str, days: Mapping[str, Counters]) -> Json:
    return {
        "projectId": project_id,
        "from": first,
        "to": last,
        "total": _shown(Counters.merged(days.values())),
        "days": [{"day": day, **_shown(days[day])} for day in sorted(days)],
    }


def _shown(counters: Counters) -> Json:
    return {
        "sessions": counters.sessions,
        "players": counters.players.estimate(),
        "events": dict(sorted(counters.events.items())),
        "scores": _shown_numbers(counters.scores),
        "sessionSeconds": _shown_numbers(counters.lengths),
    }


def _shown_numbers(numbers: Numbers) -> Json:
    return {
        "count": numbers.count,
        "min": numbers.least,
        "max": numbers.most,
        "mean": round(numbers.total / numbers.count, 3) if numbers.count else None,
        "histogram": as_rows(numbers.buckets),
    }
