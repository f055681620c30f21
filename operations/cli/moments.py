"""Days and times as operators write them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from lambdas.shared.values.clock import from_iso
from operations.errors import WrongArgument


def moment_ms(option: str, text: str, timezone: str) -> int:
    """Milliseconds of a day or time; without an offset, in that time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongArgument(
            option, f"{text!r} is no day such as 2026-11-21 and no time such as 2026-11-21T12:00Z"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    return from_iso(moment.isoformat())


def last_ms(option: str, text: str, timezone: str) -> int:
    """The same, but the last moment of a day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return moment_ms(option, text, timezone)
    end = datetime.combine(day, time.max, ZoneInfo(timezone)).replace(fold=1)
    return from_iso(end.isoformat())
