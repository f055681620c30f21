"""The ranking by total points: kept at its top by the table's stream, and never scanned."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lambdas.shared.dynamo.items import unpacked

SHOWN: Final = 100
KEPT: Final = 200
"""Those behind the shown ones take the places of players whose points fall."""

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    user_id: str
    player_id: str
    name: str | None
    points: int
    version: int
    """Of the stats that it is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the stream tells of a user; without points they leave the ranking."""

    user_id: str
    points: int
    version: int


@dataclass(frozen=True, slots=True)
class Renamed:
    user_id: str
    name: str | None


def best_first(rows: Iterable[Row]) -> list[Row]:
    """Who has as many points and came first stands first: ids sort by their making."""
    return sorted(rows, key=lambda row: (-row.points, row.user_id))


def changes_in(records: Iterable[Item]) -> Iterator[Change | Renamed]:
    """Claims and other changes of stats that leave the points as they were are passed over."""
    for record in records:
        change = record["dynamodb"]
        keys = unpacked(change["Keys"])
        partition, sort = keys["PK"], keys["SK"]
        if not partition.startswith("U#") or sort not in {"STATS", "USER"}:
            continue
        user_id = partition.removeprefix("U#")
        old, new = (unpacked(change.get(image, {})) for image in ("OldImage", "NewImage"))
        if sort == "STATS":
            if _points(old) != _points(new):
                version = (new or old)["version"]
                yield Change(user_id=user_id, points=_points(new), version=version)
        elif new and old and _name(old) != _name(new):
            yield Renamed(user_id, _name(new))


def enters(row: Row, rows: Iterable[Row]) -> bool:
    """Whether the row is among those that are kept."""
    others = best_first(each for each in rows if each.user_id != row.user_id)
    return len(others) < KEPT or best_first((others[KEPT - 1], row))[0] is row


def surplus(rows: Iterable[Row]) -> list[Row]:
    return best_first(rows)[KEPT:]


def _points(image: Item) -> int:
    """Of stats; who is banned or gone has none."""
    if "totalPoints" not in image or "banned" in image:
        return 0
    return int(image["totalPoints"])


def _name(image: Item) -> str | None:
    return image.get("displayName")
