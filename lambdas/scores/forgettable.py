"""A person's entries on all boards and in their reserves."""

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from lambdas.scores.boards_since import boards_since
from lambdas.scores.games import Games
from lambdas.scores.person_table import PersonTable
from lambdas.scores.settings import ForgettableSettings
from lambdas.shared.erasing import Step, Sweep, Walk
from lambdas.shared.forgetting import Forgettable, Person, Told

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE: Final = "scores"
_BOARDS_AT_ONCE: Final = 25


class Entries(Forgettable):
    order = 2
    name = TABLE

    def __init__(self, client: "DynamoDBClient", table: str, games: Games | None = None) -> None:
        super().__init__(client, table)
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

    def gather(self, person: Person) -> int:
        """On each board the best of the person's rows becomes the one of the shared id."""
        shared, *others = person.player_ids
        return sum(
            self._rows.move(row, shared)
            for boards in self._boards(person)
            for row in self._rows.standing(boards, others)
        )

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
        found = boards_since(self._games, person.at_ms, since_ms)
        return iter(lambda: tuple(islice(found, _BOARDS_AT_ONCE)), ())


def forgettable(client: Any) -> Entries:
    return Entries(client, ForgettableSettings.from_environment().score_table)
