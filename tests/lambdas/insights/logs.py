"""Log files as CloudFront writes them."""

import gzip
import json
from collections.abc import Iterable
from typing import Any

from lambdas.insights.catalogue import AtEdge, Catalogue, Served

NOON = 1_795_262_400_000
"""2026-11-21, in the middle of the day."""
HOUR_MS = 3_600_000
CATALOGUE = Catalogue(
    served=(
        Served("PUT", "/api/scores/{gameId}/{period}/{userId}", "python-put-score"),
        Served("GET", "/api/ranking/{gameId}/{period}", "python-get-ranking"),
        Served("GET", "/api/project/{projectId}", "python-projects"),
        Served("POST", "/api/functions/{project}/{function}", "python-functions-api"),
        Served("POST", "/api/functions/{project}/{function}/activate", "python-functions-api"),
    ),
    at_edge=(
        AtEdge("/api/get-start", "javascript-get-start"),
        AtEdge("/api/scores/*", "javascript-validate"),
        AtEdge("/api/ranking/*"),
        AtEdge("/api/project*"),
        AtEdge("/api/functions/*"),
    ),
)


def line(number: int = 0, **changed: Any) -> dict[str, Any]:
    usual = {
        "timestamp(ms)": str(NOON + number),
        "x-edge-request-id": f"request-{number}==",
        "cs-method": "GET",
        "cs-uri-stem": "/api/ranking/snake/all",
        "sc-status": "200",
        "sc-bytes": "1200",
        "time-taken": "0.012",
        "x-edge-result-type": "Miss",
        "sc-content-type": "application/json;%20charset=utf-8",
        "origin-fbl": "0.010",
    }
    return usual | {name.replace("_", "-"): value for name, value in changed.items()}


def packed(lines: Iterable[Any]) -> bytes:
    texts = (each if isinstance(each, str) else json.dumps(each) for each in lines)
    return gzip.compress("\n".join(texts).encode())
