"""The latest invalidations of the distribution."""

from __future__ import annotations

from typing import Any, Final

from local.status.times import milliseconds

Json = dict[str, Any]

_SHOWN: Final = 30


class Invalidations:
    def __init__(self, cloudfront: Any) -> None:
        self._cloudfront = cloudfront
        self._paths: dict[str, list[str]] = {}

    def latest(self, distribution_id: str) -> list[Json]:
        pages = self._cloudfront.get_paginator("list_invalidations").paginate(
            DistributionId=distribution_id
        )
        found = [item for page in pages for item in page["InvalidationList"].get("Items", ())]
        found.sort(key=lambda item: item["CreateTime"], reverse=True)
        return [
            {
                "id": item["Id"],
                "at": milliseconds(item["CreateTime"]),
                "status": item["Status"],
                "paths": self._paths_of(distribution_id, item["Id"]),
            }
            for item in found[:_SHOWN]
        ]

    def _paths_of(self, distribution_id: str, name: str) -> list[str]:
        """Paths of an invalidation never change, so they are read once."""
        if name not in self._paths:
            answer = self._cloudfront.get_invalidation(DistributionId=distribution_id, Id=name)
            paths = answer["Invalidation"]["InvalidationBatch"]["Paths"]
            self._paths[name] = list(paths.get("Items", ()))
        return self._paths[name]
