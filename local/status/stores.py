"""The stores that the distribution's functions read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from cf_functions.harness import Store
from local.edge.redaction import secrets_in
from local.status.entries import described

Json = dict[str, Any]


class Stores:
    """Listed again only where a store's ETag has moved."""

    def __init__(self, cloudfront: Any, keys: Any) -> None:
        self._cloudfront = cloudfront
        self._keys = keys
        self._kept: dict[str, tuple[str, Store]] = {}

    def told(self, functions: Iterable[str], now_ms: int) -> list[Json]:
        readers: dict[str, list[str]] = {}
        for function in sorted(functions):
            for arn in self._stores_of(function):
                readers.setdefault(arn, []).append(function)
        return [
            {
                "name": arn.rpartition("/")[2],
                "readers": readers[arn],
                "entries": described(self._values(arn), now_ms),
            }
            for arn in sorted(readers)
        ]

    @property
    def secrets(self) -> Iterator[str]:
        for _, store in self._kept.values():
            yield from secrets_in(store)

    def _stores_of(self, function: str) -> list[str]:
        try:
            summary = self._cloudfront.describe_function(Name=function, Stage="LIVE")
        except ClientError:  # not published: a request to its behaviour says so
            return []
        config = summary["FunctionSummary"]["FunctionConfig"]
        stores = config.get("KeyValueStoreAssociations", {}).get("Items", ())
        return [item["KeyValueStoreARN"] for item in stores]

    def _values(self, arn: str) -> dict[str, str]:
        etag = self._keys.describe_key_value_store(KvsARN=arn)["ETag"]
        kept = self._kept.get(arn)
        if kept is None or kept[0] != etag:
            pages = self._keys.get_paginator("list_keys").paginate(KvsARN=arn)
            values = {item["Key"]: item["Value"] for page in pages for item in page["Items"]}
            kept = self._kept[arn] = etag, Store(values)
        return kept[1].values
