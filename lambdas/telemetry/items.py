"""How sessions, their events and scores, and the pointers to them are spelled as items."""

from typing import Any, Final

from lambdas.shared.values.clock import day_of
from lambdas.shared.values.uuids import made_ms
from lambdas.telemetry.records import Event, Score, Session

SHARDS: Final = 16
"""Each carries a thousand writes a second, of one project on one day."""

Item = dict[str, Any]


def partition(project_id: str, day: str, shard: int) -> str:
    return f"P#{project_id}#D#{day}#{shard:x}"


def partition_of(project_id: str, session_id: str) -> str:
    """Told by the session's id alone: the day from its front, the shard from its random end."""
    return partition(project_id, day_of(made_ms(session_id)), int(session_id[-1], 16))


def pointers(project_id: str, shard: int) -> str:
    """Sharded, not one partition a player: whatever is kept of a project can be listed."""
    return f"PL#{project_id}#{shard:x}"


def pointers_of(project_id: str, player: str) -> str:
    return pointers(project_id, ord(player[-1]) % SHARDS)


def kind_of(key: str) -> str:
    """Of an item of a session, by its sort key."""
    return {"0": "sessions", "E": "events", "C": "scores"}[key.split("#")[1]]


def _n(number: int) -> Item:
    return {"N": str(number)}


def item_key(pk: str, *sk: str) -> Item:
    return {"PK": {"S": pk}, "SK": {"S": "#".join(sk)}}


def place_of(item: Item) -> tuple[str, str]:
    return item["PK"]["S"], item["SK"]["S"]


def _present(**attributes: Item | None) -> Item:
    return {name: value for name, value in attributes.items() if value is not None}


def _expiry(at_ms: int, days: int | None) -> Item | None:
    return None if days is None else _n(at_ms // 1000 + days * 24 * 3600)


def session_item(session: Session) -> Item:
    return {
        **item_key(partition_of(session.project_id, session.id), session.id, "0"),
        "at": _n(session.at),
        "ip": {"S": session.address},
        **_present(
            ua={"S": session.agent} if session.agent is not None else None,
            player={"S": session.player} if session.player is not None else None,
            expires=_expiry(session.at, session.keep_days),
        ),
    }


def pointer_item(session: Session) -> Item:
    player = session.player or ""
    return {
        **item_key(pointers_of(session.project_id, player), player, session.id),
        **_present(expires=_expiry(session.at, session.pointer_days)),
    }


def event_item(event: Event) -> Item:
    return {
        **item_key(
            partition_of(event.project_id, event.session_id), event.session_id, "E", event.id
        ),
        "at": _n(event.at),
        "name": {"S": event.name},
        "data": {"S": event.data},
        **_present(
            clientAt=_n(event.client_at) if event.client_at is not None else None,
            expires=_expiry(event.at, event.keep_days),
        ),
    }


def score_item(score: Score) -> Item:
    return {
        **item_key(
            partition_of(score.project_id, score.session_id), score.session_id, "C", score.id
        ),
        "at": _n(score.at),
        "score": _n(score.score),
        "metadata": {"S": score.metadata},
        **_present(
            player={"S": score.player} if score.player is not None else None,
            expires=_expiry(score.at, score.keep_days),
        ),
    }
