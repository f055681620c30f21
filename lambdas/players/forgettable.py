"""A player's data: sessions with their messages, the ledger, receipts, and the ranking."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from lambdas.players import items_table as items
from lambdas.players.settings import ForgettableSettings
from lambdas.shared.erasing import Step, Sweep, Walk, step_of
from lambdas.shared.forgetting import Forgettable, Person

TABLE: Final = "players"
_BOARD: Final = "board#"


class Persons(Forgettable):
    order = 1
    name = TABLE

    def of_person(self, person: Person) -> Iterator[Step]:
        """Of the accounts that were merged into this one too."""
        for each in person.user_ids:
            yield partial(_talks, each)
            yield partial(_claimed, person, each)
            yield step_of(Sweep(TABLE, items.receipts_partition(each), lambda _: "receipts"))
            yield step_of(Sweep(TABLE, items.ledger_partition(each), lambda _: "pointEvents"))

    def at_last(self, person: Person) -> Iterator[Step]:
        account, *merged = person.user_ids
        for each in (*merged, account):
            row = items.user_partition(each)
            yield step_of(
                Sweep(TABLE, items.RANKS, lambda _: "", row),
                Sweep(TABLE, row, _kind_of_user),
            )


def _kind_of_user(sort: str) -> str:
    return "accounts" if sort == items.USER else ""


def _kind_of_message(sort: str) -> str:
    return "sessions" if sort == items.SESSION else "messages"


def _talks(user_id: str, walk: Walk) -> Iterator[Sweep]:
    """Deletes a session's messages before its row in the list, so a cut leaves none behind."""
    listed = items.sessions_partition(user_id)
    for page in walk.pages(TABLE, listed, ""):
        for session_id in page.keys:
            yield Sweep(TABLE, items.session_partition(session_id), _kind_of_message)
            yield Sweep(TABLE, listed, lambda _: "", session_id)


def _claimed(person: Person, user_id: str, walk: Walk) -> Iterator[Sweep]:
    """Rows of closed boards whose rewards were given to this person."""
    receipts = items.receipts_partition(user_id)
    for page in walk.pages(TABLE, receipts, _BOARD):
        for reference in page.keys:
            _, game, period = reference.split("#")
            for player_id in person.player_ids:
                yield Sweep(TABLE, items.board_partition(game, period), lambda _: "", player_id)


def forgettable(client: Any) -> Persons:
    return Persons(client, ForgettableSettings.from_environment().player_table)
