"""How the PlayerTable spells its items. Nothing else knows."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from lambdas.players.messages import Exchange, Reply, Said, Session
from lambdas.players.points import Event
from lambdas.players.users import Day, Identity, Stats, User
from lambdas.shared.dynamo.items import Item

USER: Final = "USER"
STATS: Final = "STATS"
SESSION: Final = "SESSION"
MESSAGE: Final = "M#"
RANKS: Final = "RANK"
_MESSAGE_KEY: Final = re.compile(r"M#(?P<id>[0-9a-f-]{36})#(?P<side>[01])")


def key(partition: str, sort: str) -> Item:
    return {"PK": partition, "SK": sort}


def user_partition(user_id: str) -> str:
    return f"U#{user_id}"


def sessions_partition(user_id: str) -> str:
    return f"U#{user_id}#S"


def ledger_partition(user_id: str) -> str:
    return f"U#{user_id}#P"


def receipts_partition(user_id: str) -> str:
    return f"U#{user_id}#R"


def session_partition(session_id: str) -> str:
    return f"S#{session_id}"


def identity_partition(identity: Identity) -> str:
    return f"I#{identity.provider}#{identity.subject}"


def board_partition(game: str, period: str) -> str:
    """The rows of a closed board whose reward was given."""
    return f"B#{game}#{period}"


def identity_key(identity: Identity) -> Item:
    return key(identity_partition(identity), "IDENTITY")


def user_key(user_id: str) -> Item:
    return key(user_partition(user_id), USER)


def stats_key(user_id: str) -> Item:
    return key(user_partition(user_id), STATS)


def event_key(user_id: str, version: int) -> Item:
    return key(ledger_partition(user_id), event_sort(version))


def event_sort(version: int) -> str:
    return f"{version:012}"


def receipt_key(user_id: str, reference: str) -> Item:
    return key(receipts_partition(user_id), reference)


def message_key(session_id: str, message_id: str, side: int) -> Item:
    return key(session_partition(session_id), f"{MESSAGE}{message_id}#{side}")


def rank_key(user_id: str) -> Item:
    return key(RANKS, user_partition(user_id))


def identity_item(identity: Identity, user_id: str) -> Item:
    return {**identity_key(identity), "userId": user_id}


def identities_value(identities: Iterable[Identity]) -> list[list[str]]:
    return [[each.provider, each.subject] for each in identities]


def user_item(user: User) -> Item:
    item = {
        **user_key(user.id),
        "playerId": user.player_id,
        "identities": identities_value(user.identities),
        "mergedFrom": user.merged_from,
        "createdAt": user.created_at,
        "updatedAt": user.updated_at,
        "revision": user.revision,
    }
    given = {
        "displayName": user.display_name,
        "walletAddress": user.wallet,
        "mergedInto": user.merged_into,
        "formerPlayers": user.former_players or None,
    }
    return item | {name: value for name, value in given.items() if value is not None}


def user_from(item: Item) -> User:
    return User(
        id=_user_id(item),
        player_id=item["playerId"],
        display_name=item.get("displayName"),
        wallet=item.get("walletAddress"),
        identities=tuple(Identity(provider, subject) for provider, subject in item["identities"]),
        merged_into=item.get("mergedInto"),
        merged_from=tuple(item["mergedFrom"]),
        former_players=tuple(item.get("formerPlayers", ())),
        created_at=item["createdAt"],
        updated_at=item["updatedAt"],
        revision=item["revision"],
    )


def is_user(item: Item) -> bool:
    """Whether the item is a whole user, and not one that is being erased."""
    return "erasing" not in item


def stats_item(stats: Stats, level: int) -> Item:
    """Of a new user."""
    guest = {"guest": True} if stats.guest else {}
    return {
        **stats_key(stats.user_id),
        "totalPoints": stats.total_points,
        "intimacyLevel": level,
        "version": stats.version,
        "epoch": stats.epoch,
        **guest,
    }


def stats_from(item: Item) -> Stats:
    return Stats(
        user_id=_user_id(item),
        total_points=item["totalPoints"],
        version=item["version"],
        epoch=item["epoch"],
        banned="banned" in item,
        guest="guest" in item,
        lease_s=item.get("lease", 0),
        claim=item.get("claimId"),
        days=_days_in(item),
        last_message_at=item.get("lastMessageAt"),
        last_message=item.get("lastMessage"),
    )


def used_on(day: str) -> str:
    """The attribute that counts a day's messages. It has the day in its name, so that the claim
    that begins a day is one write like any other."""
    return f"used#{day}"


def gained_on(day: str) -> str:
    return f"gained#{day}"


def _days_in(item: Item) -> tuple[Day, ...]:
    counts = (name.partition("#") for name in item)
    days = sorted({day for count, _, day in counts if day and count in {"used", "gained"}})
    return tuple(Day(day, item.get(used_on(day), 0), item.get(gained_on(day), 0)) for day in days)


def event_item(user_id: str, event: Event) -> Item:
    item = {
        **event_key(user_id, event.version),
        "delta": event.delta,
        "balance": event.balance,
        "reason": event.reason,
        "createdAt": event.at,
    }
    given = {
        "sessionId": event.session_id,
        "messageId": event.message_id,
        "metadata": event.metadata,
    }
    return item | {name: value for name, value in given.items() if value is not None}


def event_from(item: Item) -> Event:
    return Event(
        version=int(item["SK"]),
        delta=item["delta"],
        balance=item["balance"],
        reason=item["reason"],
        at=item["createdAt"],
        session_id=item.get("sessionId"),
        message_id=item.get("messageId"),
        metadata=item.get("metadata"),
    )


def session_item(session: Session) -> Item:
    item = {
        **key(session_partition(session.id), SESSION),
        "userId": session.user_id,
        "character": session.character,
        "createdAt": session.created_at,
    }
    if session.username is not None:
        item["username"] = session.username
    if session.guest:
        item["guest"] = True
    return item


def session_from(item: Item) -> Session:
    return Session(
        id=item["PK"].removeprefix("S#"),
        user_id=item["userId"],
        character=item["character"],
        username=item.get("username"),
        guest="guest" in item,
        created_at=item["createdAt"],
    )


def listed_session_item(session: Session) -> Item:
    return {
        **key(sessions_partition(session.user_id), session.id),
        "character": session.character,
        "createdAt": session.created_at,
    }


def exchange_item(session_id: str, exchange: Exchange, *, expires_s: int | None) -> Item:
    """A message and its answer are one item: nothing has one without the other."""
    said, reply = exchange.said, exchange.reply
    item = {
        **message_key(session_id, said.id, 1),
        "asked": {"content": said.text, "locale": said.locale, "createdAt": said.at},
        "role": "agent",
        "content": reply.text,
        "scoreAdjusted": reply.score,
        "emotion": reply.emotion,
        "balance": reply.balance,
        "number": reply.number,
        "createdAt": reply.at,
    }
    given = {
        "scoreRaw": reply.score_raw,
        "over": True if reply.over else None,
        "expires": expires_s,
    }
    return item | {name: value for name, value in given.items() if value is not None}


def exchanges_in(items: Sequence[Item]) -> list[Exchange]:
    """Of messages sorted newest first; the oldest exchange comes first, and halves are left out."""
    sides: dict[str, dict[str, Item]] = {}
    for each in reversed([half for item in items for half in messages_in(item)]):
        match = _MESSAGE_KEY.fullmatch(each["SK"])
        if match is not None:
            sides.setdefault(match["id"], {})[match["side"]] = each
    return [
        _exchange(message_id, pair["0"], pair["1"])
        for message_id, pair in sides.items()
        if len(pair) == 2
    ]


def messages_in(item: Item) -> tuple[Item, ...]:
    """The answer and the message, each as an item of its own, which they were at first."""
    if "asked" not in item:
        return (item,)
    answer = {name: value for name, value in item.items() if name != "asked"}
    message = {"PK": item["PK"], "SK": item["SK"][:-1] + "0", "role": "user", **item["asked"]}
    return answer, message


def whole_of(message: str) -> str:
    """The key behind which the items of this message begin, newest first."""
    return f"{message[:-1]}2" if message.endswith("#1") else message


def _exchange(message_id: str, asked: Item, answered: Item) -> Exchange:
    said = Said(
        id=message_id,
        text=asked["content"],
        locale=asked["locale"],
        at=asked["createdAt"],
    )
    return Exchange(said, reply_from(answered))


def reply_from(item: Item) -> Reply:
    return Reply(
        text=item["content"],
        score_raw=item.get("scoreRaw"),
        score=item["scoreAdjusted"],
        emotion=item["emotion"],
        over="over" in item,
        balance=item["balance"],
        number=item["number"],
        at=item["createdAt"],
    )


def board_row_item(game: str, period: str, player_id: str, at: str) -> Item:
    """A row of a closed board, once its reward is given."""
    return {**key(board_partition(game, period), player_id), "createdAt": at}


def sort_key(item: Item) -> str:
    return str(item["SK"])


def message_json(item: Item) -> dict[str, Any]:
    """A message as players read it, with the names of the spec's columns."""
    told: dict[str, Any] = {
        "id": item["SK"].removeprefix(MESSAGE)[:36],
        "role": item["role"],
        "content": item["content"],
        "createdAt": item["createdAt"],
    }
    if item["role"] == "agent":
        told |= {
            "scoreRaw": item.get("scoreRaw"),
            "scoreAdjusted": item["scoreAdjusted"],
            "emotion": item["emotion"],
        }
    return told


def plain(item: Item) -> dict[str, Any]:
    """An item without its key, for an export."""
    return {name: value for name, value in item.items() if name not in {"PK", "SK"}}


def _user_id(item: Item) -> str:
    return str(item["PK"]).removeprefix("U#")
