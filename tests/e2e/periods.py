"""Periods in which nobody else plays."""

import time

from lambdas.scores.periods import period_at, period_before


def months_ago(count: int) -> str:
    month = period_at("monthly", "Asia/Tokyo", time.time_ns() // 1_000_000)
    for _ in range(count):
        month = period_before(month, "Asia/Tokyo") or month
    return month.id
