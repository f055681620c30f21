"""Reads key-value stores through the AWS API."""

from __future__ import annotations

from typing import Any

from cf_functions.harness import Store


class StoreReader:
    """Lists a store again only when its ETag has changed."""

    def __init__(self, keys: Any) -> None:
        self._keys = keys
        self._kept: dict[str, tuple[str, Store]] = {}

    @property
    def kept(self) -> list[Store]:
        return [store for _, store in self._kept.values()]

    def read(self, arn: str) -> Store:
        etag = self._keys.describe_key_value_store(KvsARN=arn)["ETag"]
        kept = self._kept.get(arn)
        if kept is None or kept[0] != etag:
            pages = self._keys.get_paginator("list_keys").paginate(KvsARN=arn)
            values = {item["Key"]: item["Value"] for page in pages for item in page["Items"]}
            kept = self._kept[arn] = etag, Store(values)
        return kept[1]


def stores_of(cloudfront: Any, function: str) -> list[str]:
    """The ARNs of the stores that a published function reads."""
    summary = cloudfront.describe_function(Name=function, Stage="LIVE")
    config = summary["FunctionSummary"]["FunctionConfig"]
    stores = config.get("KeyValueStoreAssociations", {}).get("Items", ())
    return [item["KeyValueStoreARN"] for item in stores]
