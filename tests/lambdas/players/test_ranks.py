"""The ranking against the truth: the best users by their stats, whatever the stream does."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.players import ranks
from lambdas.players.items_table import user_item
from lambdas.players.rank_table import RankTable, changes_in
from lambdas.players.ranks import Change, Renamed
from lambdas.players.table import PlayerTable
from lambdas.players.users import User
from local.dynamodb.tables import table_named


@pytest.fixture
def table(dynamodb: Any) -> Iterator[RankTable]:
    with table_named(dynamodb, "ranks") as name:
        yield RankTable(dynamodb, name)


def user(number: int) -> User:
    return User(id=f"{number:04}", player_id=f"p{number}", created_at="", updated_at="")


def store(table: RankTable, count: int) -> None:
    players = PlayerTable(table._client, table._name)
    for number in range(count):
        players._put(user_item(user(number)))


def change(number: int, points: int, version: int) -> Change:
    return Change(user_id=f"{number:04}", points=points, version=version)


def shown(table: RankTable) -> list[tuple[str, int]]:
    return [(row.user_id, row.points) for row in table.rows(consistent=True)]


def test_the_best_are_kept_whatever_comes_when(
    table: RankTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranks, "KEPT", 8)
    chance = random.Random(7)
    store(table, 20)
    points = dict.fromkeys(range(20), 0)
    versions = dict.fromkeys(range(20), 0)
    for _ in range(30):
        batch = []
        for _ in range(chance.randrange(1, 6)):
            number = chance.randrange(20)
            points[number] += chance.randrange(1, 9)
            versions[number] += 1
            batch.append(change(number, points[number], versions[number]))
        table.apply(batch)
        if chance.random() < 0.5:
            table.apply(batch)
    best = sorted(points, key=lambda number: (-points[number], number))[:8]
    assert shown(table) == [(f"{number:04}", points[number]) for number in best]


def test_an_older_change_that_comes_again_changes_nothing(table: RankTable) -> None:
    store(table, 1)
    table.apply([change(0, 5, 1), change(0, 9, 2)])
    table.apply([change(0, 5, 1)])
    assert shown(table) == [("0000", 9)]


def test_a_player_without_points_leaves(table: RankTable) -> None:
    store(table, 2)
    table.apply([change(0, 5, 1), change(1, 6, 1)])
    table.apply([change(1, 0, 2)])
    assert shown(table) == [("0000", 5)]


def test_an_erased_player_does_not_come_back(table: RankTable) -> None:
    table.apply([change(0, 5, 1)])
    assert shown(table) == []


def test_a_new_name_is_shown(table: RankTable) -> None:
    store(table, 1)
    table.apply([change(0, 5, 1), Renamed("0000", "Ann"), Renamed("0001", "Bob")])
    assert [row.name for row in table.rows(consistent=True)] == ["Ann"]


def record(old: Any, new: Any, sort: str = "STATS", partition: str = "U#a") -> dict[str, Any]:
    images = {"OldImage": old, "NewImage": new}
    keys = {"PK": {"S": partition}, "SK": {"S": sort}}
    return {
        "dynamodb": {
            "Keys": keys,
            **{name: image for name, image in images.items() if image is not None},
        }
    }


def stats(points: int, **more: Any) -> dict[str, Any]:
    return {"totalPoints": {"N": str(points)}, "version": {"N": "3"}, **more}


@pytest.mark.parametrize(
    ("sent", "change"),
    [
        (record(None, stats(0)), None),
        (record(stats(5), stats(5, lease={"N": "1"})), None),
        (record(stats(5), stats(7)), Change(user_id="a", points=7, version=3)),
        (record(stats(5), None), Change(user_id="a", points=0, version=3)),
        (record(stats(5), stats(5, banned={"S": ""})), Change(user_id="a", points=0, version=3)),
        (record(stats(5, banned={"S": ""}), stats(5)), Change(user_id="a", points=5, version=3)),
        (record({}, {"displayName": {"S": "A"}}, "USER"), None),
        (
            record({"PK": {"S": "U#a"}}, {"displayName": {"S": "A"}}, "USER"),
            Renamed("a", "A"),
        ),
        (record(None, {"displayName": {"S": "A"}}, "USER"), None),
        (record(stats(5), stats(7), partition="S#a"), None),
        (record(stats(5), stats(7), sort="U#b", partition="RANK"), None),
        (record(stats(5), stats(7), sort="000000000001", partition="U#a#P"), None),
    ],
)
def test_the_stream_is_read_for_points_and_names_alone(sent: Any, change: Any) -> None:
    assert list(changes_in([sent])) == ([] if change is None else [change])
