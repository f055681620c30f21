"""Subscribes to the failures in the functions' logs."""

from collections.abc import Iterator
from typing import Any, Final

FILTER: Final = "htmlgame-insights"
PATTERN: Final = '?ERROR ?"Task timed out"'
"""Lines that report failures: our own have a level, and Lambda writes the others."""


class Watch:
    def __init__(self, client: Any, *, groups: str, own_groups: str) -> None:
        self._client = client
        self._groups = groups
        self._own_groups = own_groups

    def start(self, destination: str) -> int:
        """Subscribes to each log group that is not subscribed yet. Returns how many were not."""
        started = 0
        for group in self._watched():
            if not self._is_watched(group):
                self._client.put_subscription_filter(
                    logGroupName=group,
                    filterName=FILTER,
                    filterPattern=PATTERN,
                    destinationArn=destination,
                )
                started += 1
        return started

    def stop(self) -> None:
        for group in self._watched():
            if self._is_watched(group):
                self._client.delete_subscription_filter(logGroupName=group, filterName=FILTER)

    def _watched(self) -> Iterator[str]:
        """Insights' own logs would feed themselves."""
        pages = self._client.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix=self._groups
        )
        for page in pages:
            for each in page["logGroups"]:
                if not each["logGroupName"].startswith(self._own_groups):
                    yield each["logGroupName"]

    def _is_watched(self, group: str) -> bool:
        found = self._client.describe_subscription_filters(
            logGroupName=group, filterNamePrefix=FILTER
        )["subscriptionFilters"]
        return any(
            each["filterName"] == FILTER and each["filterPattern"] == PATTERN for each in found
        )
