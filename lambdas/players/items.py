"""How the PlayerTable spells its items. Nothing else knows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from lambdas.players.messages import Exchange, Reply, Said, Session
from lambdas.players.points import Event
from lambdas.players.users import Identity, Stats, User
from lambdas.shared.dynamo.table import Item

USER: Final = "USER"
STATS: Final = "STATS"
SESSION: Final = "SESSION"
MESSAGE: Final = "M#"
RANKS: Final = "RANK"
_MESSAGE_KEY: Final = re.compile(r"M#(?P<id>[0-9a-f-]{36})#(?P<side>[01])")


def text(value: str) -> Item:
    return {"S": value}


def number(value: int) -> Item:
    return {"N": str(value)}


def key(partition: str, sort: str) -> Item:
    return {"PK": text(partition), "SK": text(sort)}


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
    return {**identity_key(identity), "userId": text(user_id)}


def identities_value(identities: Iterable[Identity]) -> Item:
    return {"L": [{"L": [text(each.provider), text(each.subject)]} for each in identities]}


def texts_value(values: Iterable[str]) -> Item:
    return {"L": [text(each) for each in values]}


def user_item(user: User) -> Item:
    item = {
        **user_key(user.id),
        "playerId": text(user.player_id),
        "identities": identities_value(user.identities),
        "mergedFrom": texts_value(user.merged_from),
        "createdAt": text(user.created_at),
        "updatedAt": text(user.updated_at),
        "revision": number(user.revision),
    }
    given = {
        "displayName": user.display_name,
        "walletAddress": user.wallet,
        "mergedInto": user.merged_into,
    }
    return item | {name: text(value) for name, value in given.items() if value is not None}


def user_from(item: Item) -> User:
    return User(
        id=_user_id(item),
        player_id=item["playerId"]["S"],
        display_name=_text(item, "displayName"),
        wallet=_text(item, "walletAddress"),
        identities=tuple(
            Identity(each["L"][0]["S"], each["L"][1]["S"]) for each in item["identities"]["L"]
        ),
        merged_into=_text(item, "mergedInto"),
        merged_from=tuple(each["S"] for each in item["mergedFrom"]["L"]),
        created_at=item["createdAt"]["S"],
        updated_at=item["updatedAt"]["S"],
        revision=int(item["revision"]["N"]),
    )


def is_user(item: Item) -> bool:
    """Whether the item is a whole user, and not one that is being erased."""
    return "erasing" not in item


def stats_item(stats: Stats, level: int) -> Item:
    """Of a new user."""
    guest = {"guest": {"BOOL": True}} if stats.guest else {}
    return {
        **stats_key(stats.user_id),
        "totalPoints": number(stats.total_points),
        "intimacyLevel": number(level),
        "version": number(stats.version),
        "epoch": number(stats.epoch),
        **guest,
    }


def stats_from(item: Item) -> Stats:
    return Stats(
        user_id=_user_id(item),
        total_points=int(item["totalPoints"]["N"]),
        version=int(item["version"]["N"]),
        epoch=int(item["epoch"]["N"]),
        banned="banned" in item,
        guest="guest" in item,
        lease_s=int(item.get("lease", number(0))["N"]),
        claim=_text(item, "claimId"),
        day=_text(item, "day") or "",
        used=int(item.get("used", number(0))["N"]),
        gained=int(item.get("gained", number(0))["N"]),
        last_message_at=_text(item, "lastMessageAt"),
        last_message=_text(item, "lastMessage"),
    )


def event_item(user_id: str, event: Event) -> Item:
    item = {
        **event_key(user_id, event.version),
        "delta": number(event.delta),
        "balance": number(event.balance),
        "reason": text(event.reason),
        "createdAt": text(event.at),
    }
    given = {
        "sessionId": event.session_id,
        "messageId": event.message_id,
        "metadata": event.metadata,
    }
    return item | {name: text(value) for name, value in given.items() if value is not None}


def event_from(item: Item) -> Event:
    return Event(
        version=int(item["SK"]["S"]),
        delta=int(item["delta"]["N"]),
        balance=int(item["balance"]["N"]),
        reason=item["reason"]["S"],
        at=item["createdAt"]["S"],
        session_id=_text(item, "sessionId"),
        message_id=_text(item, "messageId"),
        metadata=_text(item, "metadata"),
    )


def session_item(session: Session) -> Item:
    item = {
        **key(session_partition(session.id), SESSION),
        "userId": text(session.user_id),
        "character": text(session.character),
        "createdAt": text(session.created_at),
    }
    if session.username is not None:
        item["username"] = text(session.username)
    if session.guest:
        item["guest"] = {"BOOL": True}
    return item


def session_from(item: Item) -> Session:
    return Session(
        id=item["PK"]["S"].removeprefix("S#"),
        user_id=item["userId"]["S"],
        character=item["character"]["S"],
        username=_text(item, "username"),
        guest="guest" in item,
        created_at=item["createdAt"]["S"],
    )


def listed_session_item(session: Session) -> Item:
    return {
        **key(sessions_partition(session.user_id), session.id),
        "character": text(session.character),
        "createdAt": text(session.created_at),
    }


def exchange_items(
    session_id: str, exchange: Exchange, *, expires_s: int | None
) -> tuple[Item, Item]:
    said, reply = exchange.said, exchange.reply
    asked = {
        **message_key(session_id, said.id, 0),
        "role": text("user"),
        "content": text(said.text),
        "locale": text(said.locale),
        "createdAt": text(said.at),
    }
    answered = {
        **message_key(session_id, said.id, 1),
        "role": text("agent"),
        "content": text(reply.text),
        "scoreAdjusted": number(reply.score),
        "emotion": text(reply.emotion),
        "balance": number(reply.balance),
        "number": number(reply.number),
        "createdAt": text(reply.at),
    }
    if reply.score_raw is not None:
        answered["scoreRaw"] = number(reply.score_raw)
    if reply.over:
        answered["over"] = {"BOOL": True}
    if expires_s is not None:
        expires = {"expires": number(expires_s)}
        return asked | expires, answered | expires
    return asked, answered


def exchanges_in(items: Sequence[Item]) -> list[Exchange]:
    """Of messages sorted newest first; the oldest exchange comes first, and halves are left out."""
    sides: dict[str, dict[str, Item]] = {}
    for item in reversed(items):
        match = _MESSAGE_KEY.fullmatch(item["SK"]["S"])
        if match is not None:
            sides.setdefault(match["id"], {})[match["side"]] = item
    return [
        _exchange(message_id, pair["0"], pair["1"])
        for message_id, pair in sides.items()
        if len(pair) == 2
    ]


def _exchange(message_id: str, asked: Item, answered: Item) -> Exchange:
    said = Said(
        id=message_id,
        text=asked["content"]["S"],
        locale=asked["locale"]["S"],
        at=asked["createdAt"]["S"],
    )
    return Exchange(said, reply_from(answered))


def reply_from(item: Item) -> Reply:
    return Reply(
        text=item["content"]["S"],
        score_raw=int(item["scoreRaw"]["N"]) if "scoreRaw" in item else None,
        score=int(item["scoreAdjusted"]["N"]),
        emotion=item["emotion"]["S"],
        over="over" in item,
        balance=int(item["balance"]["N"]),
        number=int(item["number"]["N"]),
        at=item["createdAt"]["S"],
    )


def board_row_item(game: str, period: str, player_id: str, at: str) -> Item:
    """A row of a closed board, once its reward is given."""
    return {**key(board_partition(game, period), player_id), "createdAt": text(at)}


def message_json(item: Item) -> dict[str, Any]:
    """A message as players read it, with the names of the spec's columns."""
    told: dict[str, Any] = {
        "id": item["SK"]["S"].removeprefix(MESSAGE)[:36],
        "role": item["role"]["S"],
        "content": item["content"]["S"],
        "createdAt": item["createdAt"]["S"],
    }
    if item["role"]["S"] == "agent":
        told |= {
            "scoreRaw": int(item["scoreRaw"]["N"]) if "scoreRaw" in item else None,
            "scoreAdjusted": int(item["scoreAdjusted"]["N"]),
            "emotion": item["emotion"]["S"],
        }
    return told


def plain(item: Item) -> dict[str, Any]:
    """An item without DynamoDB's types, for an export."""
    return {name: _plain(value) for name, value in item.items() if name not in {"PK", "SK"}}


def _plain(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    if kind == "N":
        return int(content)
    if kind == "L":
        return [_plain(each) for each in content]
    return content


def _text(item: Item, name: str) -> str | None:
    return str(item[name]["S"]) if name in item else None


def _user_id(item: Item) -> str:
    return cast("str", item["PK"]["S"]).removeprefix("U#")
