"""What is held of a player: sessions with their messages, the ledger, receipts, and the ranking."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from lambdas.players import items_table as items
from lambdas.players.settings import ErasableSettings
from lambdas.players.table import PlayerTable
from lambdas.players.users import User
from lambdas.shared.erasing import Erasable, Step, Sweep, Walk, step_of

TABLE: Final = "players"
_BOARD: Final = "board#"


class Persons(Erasable):
    order = 5
    name = TABLE

    def of_person(self, user_id: str) -> Iterator[Step]:
        """Of the accounts that were merged into this one too; what names them goes last."""
        user = PlayerTable(self.client, self.table).erased(user_id)
        if user is None:
            return
        for each in user.ids:
            yield partial(_talks, each)
            yield partial(_claimed, user, each)
            yield step_of(Sweep(TABLE, items.receipts_partition(each), lambda _: "receipts"))
            yield step_of(Sweep(TABLE, items.ledger_partition(each), lambda _: "pointEvents"))
        for each in (*user.merged_from, user_id):
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
    """A session's messages go before its place in the list: a cut never leaves them without."""
    listed = items.sessions_partition(user_id)
    for page in walk.pages(TABLE, listed, ""):
        for session_id in page.keys:
            yield Sweep(TABLE, items.session_partition(session_id), _kind_of_message)
            yield Sweep(TABLE, listed, lambda _: "", session_id)


def _claimed(user: User, user_id: str, walk: Walk) -> Iterator[Sweep]:
    """Rows of closed boards whose rewards were given to this person."""
    receipts = items.receipts_partition(user_id)
    for page in walk.pages(TABLE, receipts, _BOARD):
        for reference in page.keys:
            _, game, period = reference.split("#")
            for player_id in user.player_ids:
                yield Sweep(TABLE, items.board_partition(game, period), lambda _: "", player_id)


def erasable(client: Any) -> Persons:
    settings = ErasableSettings.from_environment()
    return Persons(client, settings.player_table)
