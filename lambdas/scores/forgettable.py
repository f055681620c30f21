"""A person's entries on all boards and in their reserves."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import boto3

from lambdas.scores.boards_since import boards_since
from lambdas.scores.games import Games
from lambdas.scores.person_table import PersonTable
from lambdas.scores.settings import ForgettableSettings
from lambdas.scores.settling import Settling
from lambdas.shared.aws import PATIENT
from lambdas.shared.erasing import Step, Sweep, Walk
from lambdas.shared.forgetting import Forgettable, Person, Told

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE: Final = "scores"
_BOARDS_AT_ONCE: Final = 25


class Entries(Forgettable):
    order = 2
    name = TABLE

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        games: Games | None = None,
        settle: Callable[[Collection[str]], object] | None = None,
    ) -> None:
        super().__init__(client, table)
        self._settle = settle
        self._given = games
        self._rows = PersonTable(client, table)

    @cached_property
    def _games(self) -> Games:
        return self._given or Games.packaged()

    def of_person(self, person: Person) -> Iterator[Step]:
        for boards in self._boards(person):
            yield partial(self._entries, person, boards)

    def _entries(self, person: Person, boards: Sequence[str], _walk: Walk) -> Iterator[Sweep]:
        for board, sort in self._rows.keys(boards, person.player_ids):
            yield Sweep(TABLE, board, lambda _: "entries", sort)

    def gather(self, person: Person) -> Iterator[str]:
        """On each open board the best of the person's rows becomes the one of the shared id.

        Rows of closed boards stay: their rewards are given once to a row, and a moved row would
        be a new one.
        """
        shared, *others = person.player_ids
        for boards in _some(boards_since(self._games, person.at_ms, person.at_ms)):
            for row in self._rows.standing(boards, others):
                if self._rows.move(row, shared):
                    yield row["PK"]

    def follow(self, partitions: Collection[str]) -> None:
        if self._settle is not None:
            self._settle(partitions)

    def told(self, person: Person, after: str) -> Told:
        every = list(self._boards(person))
        place = int(after) if after.isdecimal() else 0
        if place >= len(every):
            return Told([], None)
        items = list(self._rows.rows(every[place], person.player_ids))
        return Told(
            [{"kind": "entry", **each} for each in items],
            str(place + 1) if place + 1 < len(every) else None,
        )

    def _boards(self, person: Person) -> Iterator[tuple[str, ...]]:
        """Boards that ended before the table was made can have no entry."""
        since_ms = self._rows.made_ms()
        return _some(boards_since(self._games, person.at_ms, since_ms))


def _some(boards: Iterator[str]) -> Iterator[tuple[str, ...]]:
    return iter(lambda: tuple(islice(boards, _BOARDS_AT_ONCE)), ())


def forgettable(client: Any) -> Entries:
    settings = ForgettableSettings.from_environment()
    settling = Settling(
        _invoke, trim=settings.trim_top_function, refresh=settings.refresh_ranking_function
    )
    return Entries(client, settings.score_table, settle=settling.settle)


def _invoke(function: str, event: dict[str, Any]) -> None:
    """Does not wait for the function."""
    boto3.client("lambda", config=PATIENT).invoke(
        FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode()
    )
