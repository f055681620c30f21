"""The key-value stores that the distribution's functions read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from local.edge.redaction import secrets_in
from local.edge.stores import StoreReader, stores_of
from local.status.panels.edge.entries import described as described_entries

Json = dict[str, Any]


class Stores:
    def __init__(self, cloudfront: Any, keys: Any) -> None:
        self._cloudfront = cloudfront
        self._reader = StoreReader(keys)

    def described(self, functions: Iterable[str], now_ms: int) -> list[Json]:
        readers: dict[str, list[str]] = {}
        for function in sorted(functions):
            for arn in self._stores_of(function):
                readers.setdefault(arn, []).append(function)
        return [
            {
                "name": arn.rpartition("/")[2],
                "readers": readers[arn],
                "entries": described_entries(self._reader.read(arn).values, now_ms),
            }
            for arn in sorted(readers)
        ]

    @property
    def secrets(self) -> Iterator[str]:
        for store in self._reader.kept:
            yield from secrets_in(store)

    def _stores_of(self, function: str) -> list[str]:
        try:
            return stores_of(self._cloudfront, function)
        except ClientError:  # not published: requests to its behaviour fail with a message
            return []
