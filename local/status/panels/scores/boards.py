"""The size of each board, the cost of reading it, and the ledger of invalidations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from config.environments import LOCAL
from config.games import load_games
from local.dynamodb.billing import item_bytes, units

Json = dict[str, Any]

_LEDGER: Final = "INVALIDATIONS"


@dataclass(frozen=True, slots=True)
class Boards:
    sizes: dict[str, tuple[int, int]]
    """Rows and bytes of each board, by its key."""
    ledger: list[Json]

    @property
    def units(self) -> dict[str, float]:
        """Read units of one ranking, by DynamoDB's published rules."""
        return {key: units(size) for key, (_, size) in self.sizes.items()}

    def described(self) -> list[Json]:
        return [
            {**_named(key), "rows": rows, "bytes": size, "units": units(size)}
            for key, (rows, size) in sorted(self.sizes.items())
        ]


def boards(dynamodb: Any, table: str) -> Boards:
    sizes: dict[str, tuple[int, int]] = {}
    ledger: list[Json] = []
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    for item in (item for page in pages for item in page["Items"]):
        key = item["PK"]["S"]
        if key == _LEDGER:
            ledger.append(_month(item))
        else:
            rows, size = sizes.get(key, (0, 0))
            sizes[key] = rows + 1, size + item_bytes(item)
    return Boards(sizes, ledger)


def _named(key: str) -> Json:
    """G#snake#P#2026-11 is the board of snake for that month."""
    parts = key.split("#")
    known = len(parts) == 4 and parts[0] == "G" and parts[2] == "P"
    game = load_games().get(parts[1]) if known else None
    return {
        "key": key,
        "game": parts[1] if known else None,
        "period": parts[3] if known else None,
        "topN": game.topN if game else None,
    }


def _month(item: Json) -> Json:
    return {
        "month": item["SK"]["S"],
        "spent": int(item.get("spent", {"N": "0"})["N"]),
        "budget": LOCAL.invalidations_a_month,
        "windowSeconds": LOCAL.invalidation_window_seconds,
    }
