"""Times as the page reads them."""

from datetime import datetime


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
