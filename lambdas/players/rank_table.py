"""How the PlayerTable stores the ranking: a row for each player at its top."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lambdas.players import items_table as items
from lambdas.players.ranks import Change, Renamed, Row, best_first, enters, surplus
from lambdas.players.table import PlayerTable
from lambdas.shared.dynamo.items import Item, unpacked
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class RankTable(MeteredTable):
    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        super().__init__(client, name)
        self._players = PlayerTable(client, name)

    def rows(self, *, consistent: bool = False) -> list[Row]:
        query = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": items.RANKS},
            "ConsistentRead": consistent,
        }
        return best_first(_row(item) for page in self._pages(query) for item in page.items)

    def apply(self, changes: Iterable[Change | Renamed]) -> int:
        """The changes of a batch; how many rows they wrote. Doing it again does no harm."""
        listed = list(changes)
        if not listed:
            return 0
        self._players.spent = self.spent
        rows = {row.user_id: row for row in self.rows(consistent=True)}
        written = 0
        for change in listed:
            written += (
                self._rename(change, rows)
                if isinstance(change, Renamed)
                else self._place(change, rows)
            )
        for row in surplus(rows.values()):
            self._remove(row)
            written += 1
        return written

    def _place(self, change: Change, rows: dict[str, Row]) -> int:
        standing = rows.get(change.user_id)
        if standing is not None and standing.version > change.version:
            return 0
        if change.points <= 0:
            if standing is None:
                return 0
            self._remove(standing)
            del rows[change.user_id]
            return 1
        row = self._row_of(change, standing)
        if row is None or (standing is None and not enters(row, rows.values())):
            return 0
        self._put({**_item(row)})
        rows[row.user_id] = row
        return 1

    def _row_of(self, change: Change, standing: Row | None) -> Row | None:
        """Nobody's who was erased meanwhile."""
        if standing is not None:
            return Row(
                user_id=change.user_id,
                player_id=standing.player_id,
                name=standing.name,
                points=change.points,
                version=change.version,
            )
        user = self._players.user(change.user_id)
        if user is None or user.merged_into is not None:
            return None
        return Row(
            user_id=user.id,
            player_id=user.player_id,
            name=user.display_name,
            points=change.points,
            version=change.version,
        )

    def _rename(self, change: Renamed, rows: dict[str, Row]) -> int:
        standing = rows.get(change.user_id)
        if standing is None or standing.name == change.name:
            return 0
        row = Row(
            user_id=standing.user_id,
            player_id=standing.player_id,
            name=change.name,
            points=standing.points,
            version=standing.version,
        )
        self._put({**_item(row)})
        rows[row.user_id] = row
        return 1

    def _remove(self, row: Row) -> None:
        try:
            self._delete(
                items.rank_key(row.user_id),
                ConditionExpression="version = :version",
                ExpressionAttributeValues={":version": row.version},
            )
        except ConditionFailed:
            return


def changes_in(records: Iterable[Mapping[str, Any]]) -> Iterator[Change | Renamed]:
    """Claims and other changes of stats that leave the points as they were are passed over."""
    for record in records:
        change = record["dynamodb"]
        keys = unpacked(change["Keys"])
        partition, sort = keys["PK"], keys["SK"]
        if not partition.startswith("U#") or sort not in {items.STATS, items.USER}:
            continue
        user_id = partition.removeprefix("U#")
        old, new = (unpacked(change.get(image, {})) for image in ("OldImage", "NewImage"))
        if sort == items.STATS:
            if _points(old) != _points(new):
                version = (new or old)["version"]
                yield Change(user_id=user_id, points=_points(new), version=version)
        elif new and old and _name(old) != _name(new):
            yield Renamed(user_id, _name(new))


def _item(row: Row) -> Item:
    item = {
        **items.rank_key(row.user_id),
        "playerId": row.player_id,
        "points": row.points,
        "version": row.version,
    }
    return item if row.name is None else item | {"displayName": row.name}


def _row(item: Item) -> Row:
    return Row(
        user_id=item["SK"].removeprefix("U#"),
        player_id=item["playerId"],
        name=item.get("displayName"),
        points=item["points"],
        version=item["version"],
    )


def _points(image: Item) -> int:
    """Of stats; who is banned or gone has none."""
    if "totalPoints" not in image or "banned" in image:
        return 0
    return int(image["totalPoints"])


def _name(image: Item) -> str | None:
    return image.get("displayName")
