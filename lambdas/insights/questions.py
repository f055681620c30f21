"""What the queries of requests ask for."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from lambdas.insights.requests import Wanted, Window
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.clock import day_after, day_of, days_between, from_iso

MOST_DAYS: Final = 92
FN: Final = re.compile(r"[a-z0-9][a-z0-9@._-]{0,159}")
MOST_MINUTES: Final = 24 * 60
_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 3_600_000
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_STATUS: Final = re.compile(r"\d{1,3}|[1-5]xx|failed")
_ID: Final = re.compile(r"[A-Za-z0-9_=-]{1,100}")
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HOUR: Final = re.compile(r"[01]?\d|2[0-3]")
_MINUTES: Final = re.compile(r"[1-9]\d{0,3}")


def day_in(query: Mapping[str, str], field: str, usual: str) -> str:
    text = query.get(field, usual)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise Malformed(field, f"{text[:20]!r} is not a day such as {usual}")


def range_in(query: Mapping[str, str], today: str) -> tuple[str, str]:
    last = day_in(query, "to", today)
    first = day_in(query, "from", day_after(last, -1))
    if first > last:
        raise Malformed("from", f"{first} is after {last}")
    if len(days_between(first, last)) > MOST_DAYS:
        raise Malformed("from", f"more than {MOST_DAYS} days before {last}")
    return first, last


def window_in(query: Mapping[str, str], now_ms: int) -> Window:
    """The last minutes, an hour of a day, or a whole day; today where the query says nothing."""
    minutes, hour = query.get("minutes", ""), query.get("hour", "")
    if minutes:
        if "day" in query or hour:
            raise Malformed("minutes", "counted back from now; leave out day and hour")
        if not _MINUTES.fullmatch(minutes) or int(minutes) > MOST_MINUTES:
            raise Malformed("minutes", f"{minutes[:20]!r} is not a number from 1 to {MOST_MINUTES}")
        # CloudFront's clock may be ahead.
        return Window(now_ms - int(minutes) * _MINUTE_MS, now_ms + _MINUTE_MS)
    day = day_in(query, "day", day_of(now_ms))
    since = from_iso(f"{day}T00:00:00+00:00")
    if not hour:
        # The rest of today is not looked through, but CloudFront's clock may be ahead.
        return Window(since, min(since + 24 * _HOUR_MS, now_ms + _HOUR_MS))
    if not _HOUR.fullmatch(hour):
        raise Malformed("hour", f"{hour[:20]!r} is not a number from 0 to 23, in UTC")
    since += int(hour) * _HOUR_MS
    return Window(since, since + _HOUR_MS)


def flag_in(query: Mapping[str, str], field: str) -> bool:
    text = query.get(field, "false")
    if text not in ("true", "false"):
        raise Malformed(field, f"{text[:20]!r} is not true or false")
    return text == "true"


def fn_in(query: Mapping[str, str]) -> str:
    """Empty where the query names no function."""
    text = query.get("fn", "")
    if text and not FN.fullmatch(text):
        raise Malformed("fn", "not the name of a function, such as python-put-score")
    return text


def wanted_in(query: Mapping[str, str]) -> Wanted:
    """Whether a row has the function, the status, the code and the id that the query names."""
    fn, status = fn_in(query), query.get("status", "")
    request_id, code = query.get("id", ""), query.get("error", "")
    for field, text, form in (
        ("status", status, _STATUS),
        ("id", request_id, _ID),
        ("error", code, _CODE),
    ):
        if text and not form.fullmatch(text):
            raise Malformed(field, f"{text[:20]!r} has another form")

    def wanted(row: dict[str, Any]) -> bool:
        return (
            (not fn or row["fn"] == fn)
            and (not request_id or row["id"] == request_id)
            and (not code or row.get("error") == code)
            and (not status or _has(row["status"], status))
        )

    return wanted


def _has(status: int, wanted: str) -> bool:
    if wanted == "failed":
        return status >= 400 or status == 0
    if wanted.endswith("xx"):
        return status // 100 == int(wanted[0])
    return status == int(wanted)
