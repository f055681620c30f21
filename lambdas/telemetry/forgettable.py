"""What telemetry holds of a person: the sessions that began with one of the person's keys."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lambdas.shared.erasing import Step, Sweep, Walk
from lambdas.shared.forgetting import Forgettable, Person, Told
from lambdas.telemetry.erasable import TABLE, Sessions
from lambdas.telemetry.person_table import PersonTable
from lambdas.telemetry.settings import ForgettableSettings

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_COUNTED_AS: Final = {
    "sessions": "telemetrySessions",
    "events": "telemetryEvents",
    "scores": "telemetryScores",
}
"""Players have sessions of another kind. Pointers are part of a session."""
_SOME: Final = 200


class PersonsSessions(Forgettable):
    order = 3
    name = TABLE

    def of_person(self, person: Person) -> Iterator[Step]:
        sessions = Sessions(self.client, self.table)
        for project_id, player in person.pseudonyms:
            for step in sessions.of_player(project_id, player):
                yield _counted(step)

    def told(self, person: Person, after: str) -> Told:
        """Session by session, until there are enough for a page."""
        rows = PersonTable(self.client, self.table)
        number, session_id, key = _place(after)
        items: list[dict[str, object]] = []
        while number < len(person.pseudonyms) and len(items) < _SOME:
            project_id, player = person.pseudonyms[number]
            if not key:
                session_id = rows.session_after(project_id, player, session_id)
            if not session_id:
                number += 1
                continue
            page = rows.of_session(project_id, session_id, key, _SOME)
            items += page.told
            key = page.next
        more = number < len(person.pseudonyms)
        return Told(items, f"{number} {session_id} {key}" if more else None)


def _place(after: str) -> tuple[int, str, str]:
    """The pseudonym, a session of it, and an item of the session after which more may follow."""
    number, session_id, key, *_ = (*after.split(" "), "", "")
    return (int(number) if number.isdecimal() else 0), session_id, key


def _counted(step: Step) -> Step:
    def counted(walk: Walk) -> Iterator[Sweep | None]:
        for sweep in step(walk):
            yield sweep if sweep is None else replace(sweep, kind=_named(sweep))

    return counted


def _named(sweep: Sweep) -> Callable[[str], str]:
    return lambda key: _COUNTED_AS.get(sweep.kind(key), "")


def forgettable(client: "DynamoDBClient") -> PersonsSessions:
    return PersonsSessions(client, ForgettableSettings.from_environment().telemetry_table)
