"""What a game keeps here for a person: the items that the person's keys own."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.data.erasable import TABLE, Collections
from lambdas.data.person_table import PersonTable
from lambdas.data.settings import ForgettableSettings
from lambdas.shared.erasing import Step, Sweep, Walk
from lambdas.shared.forgetting import Forgettable, Person, Told

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class PersonsItems(Forgettable):
    order = 4
    name = TABLE

    def of_person(self, person: Person) -> Iterator[Step]:
        collections = Collections(self.client, self.table)
        for project_id, player in person.pseudonyms:
            for step in collections.of_player(project_id, player):
                yield _counted(step)

    def told(self, person: Person, after: str) -> Told:
        """One query to a page: in a public collection, most items are other players'."""
        rows = PersonTable(self.client, self.table)
        number, shelf, key = _position(after)
        if number >= len(person.pseudonyms):
            return Told([], None)
        project_id, owner = person.pseudonyms[number]
        shelves = rows.shelves(project_id)
        if shelf >= len(shelves):
            following = f"{number + 1} 0 " if number + 1 < len(person.pseudonyms) else None
            return Told([], following)
        page = rows.owned(project_id, owner, shelves[shelf], key)
        return Told(page.told, f"{number} {shelf + (not page.next)} {page.next}")


def _position(after: str) -> tuple[int, int, str]:
    """The numbers of a pseudonym and of a shelf, and the key after which there may be more."""
    number, shelf, key, *_ = (*after.split(" ", 2), "", "")
    return _number(number), _number(shelf), key


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def _counted(step: Step) -> Step:
    def counted(walk: Walk) -> Iterator[Sweep | None]:
        for sweep in step(walk):
            yield sweep if sweep is None else replace(sweep, kind=lambda _: "dataItems")

    return counted


def forgettable(client: "DynamoDBClient") -> PersonsItems:
    return PersonsItems(client, ForgettableSettings.from_environment().data_table)
