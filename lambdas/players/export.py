"""All that is held of a player, page by page, in the order in which an erasure removes it."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from lambdas.players import items_table as items
from lambdas.players.items_table import plain, sort_key
from lambdas.players.table import PlayerTable
from lambdas.players.users import User

_PAGE: Final = 200
_SESSIONS_A_PAGE: Final = 5

Json = dict[str, Any]


class Position(NamedTuple):
    """Which of the user's partitions, and the key after which it goes on."""

    partition: int = 0
    after: str = ""
    session: str = ""
    """The session whose messages are being read; `after` is then a message's key."""


class Part(NamedTuple):
    items: list[Json]
    next: Position | None


def part(table: PlayerTable, user: User, position: Position) -> Part:
    if position.session:
        return _messages(table, position)
    partitions = list(_partitions(user))
    if position.partition >= len(partitions):
        return Part([], None)
    kind, partition = partitions[position.partition]
    if kind == "session":
        return _next_session(table, partition, position)
    page = table.page(partition, position.after or None, _PAGE)
    told = [_told(kind, sort_key(item), plain(item)) for item in page.items]
    if page.next is not None:
        return Part(told, Position(position.partition, page.next))
    is_last = position.partition + 1 == len(partitions)
    return Part(told, None if is_last else Position(position.partition + 1))


def _partitions(user: User) -> Iterator[tuple[str, str]]:
    for each in user.ids:
        yield "session", items.sessions_partition(each)
    for each in user.ids:
        yield "account", items.user_partition(each)
        yield "reward", items.receipts_partition(each)
        yield "pointEvent", items.ledger_partition(each)


def _next_session(table: PlayerTable, partition: str, position: Position) -> Part:
    """A session, and its messages from its first one on."""
    page = table.page(partition, position.after or None, 1)
    if not page.items:
        return Part([], Position(position.partition + 1))
    session_id = sort_key(page.items[0])
    told = _told("session", session_id, plain(page.items[0]))
    return Part([told], Position(position.partition, items.MESSAGE, session_id))


def _messages(table: PlayerTable, position: Position) -> Part:
    page = table.page(items.session_partition(position.session), position.after, _PAGE)
    messages = [
        message
        for item in page.items
        if sort_key(item).startswith(items.MESSAGE)
        for message in items.messages_in(item)
    ]
    told = [
        {"kind": "message", "sessionId": position.session, **items.message_json(item)}
        for item in messages
    ]
    if page.next is not None:
        return Part(told, Position(position.partition, page.next, position.session))
    return Part(told, Position(position.partition, position.session))


def _told(kind: str, id: str, fields: Json) -> Json:
    return {"kind": kind, "id": id, **fields}
