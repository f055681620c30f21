"""TelemetryTable: the only module that knows how sessions, events and scores are stored."""

import random
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError, HTTPClientError

from lambdas.shared.dynamo.units import Spent
from lambdas.shared.values.clock import day_of
from lambdas.shared.values.uuids import made_ms
from lambdas.telemetry.records import Ended, Event, Score, Session

SHARDS: Final = 16
"""Each carries a thousand writes a second, of one project on one day."""
_TRIES: Final = 4
_FIRST_WAIT_SECONDS: Final = 0.05
_THROTTLED: Final = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "InternalServerError",
}

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


class TelemetryTable:
    def __init__(self, client: Any, name: str, wait: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._name = name
        self._wait = wait
        self.spent = Spent()

    def begin(self, session: Session) -> bool:
        """Where a player is named, what leads to the session comes first: none is without it."""
        if session.player is not None and self._write({"pointer": _pointer_item(session)}):
            return False
        self._put(_session_item(session))
        return True

    def put_event(self, event: Event) -> None:
        """An event's id is its place, so the same one again changes nothing."""
        self._put(_event_item(event))

    def put_score(self, score: Score) -> None:
        self._put(_score_item(score))

    def put_events(self, events: Iterable[Event]) -> set[str]:
        """As many as are taken; the ids of those that were not."""
        return self._write({event.id: _event_item(event) for event in events})

    def end(self, ended: Ended) -> bool:
        """Once: the first end counts. False where there was nothing to end."""
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=_key(partition_of(ended.project_id, ended.session_id), ended.session_id, "0"),
                UpdateExpression="SET ended = :at",
                ConditionExpression="attribute_exists(PK) AND attribute_not_exists(ended)",
                ExpressionAttributeValues={":at": _n(ended.at)},
                ReturnConsumedCapacity="TOTAL",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            self.spent.writes += 1
            return False
        self.spent.wrote(answer)
        return True

    def _put(self, item: Item) -> None:
        answer = self._client.put_item(
            TableName=self._name, Item=item, ReturnConsumedCapacity="TOTAL"
        )
        self.spent.wrote(answer)

    def _write(self, items: Mapping[str, Item]) -> set[str]:
        """Names of the items that could not be written, however often it was tried."""
        left = dict(items)
        for attempt in range(_TRIES):
            if not left:
                break
            if attempt:
                self._wait(_FIRST_WAIT_SECONDS * 2**attempt * random.uniform(0.5, 1))
            unwritten = self._try(left.values())
            left = {name: item for name, item in left.items() if _place(item) in unwritten}
        return set(left)

    def _try(self, items: Collection[Item]) -> set[tuple[str, str]]:
        requests = [{"PutRequest": {"Item": item}} for item in items]
        try:
            answer = self._client.batch_write_item(
                RequestItems={self._name: requests}, ReturnConsumedCapacity="TOTAL"
            )
        except HTTPClientError:
            # Whether it was done is not known; to do it again does no harm.
            return {_place(item) for item in items}
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THROTTLED:
                raise
            return {_place(item) for item in items}
        self.spent.wrote(answer)
        unwritten = answer["UnprocessedItems"].get(self._name, [])
        return {_place(request["PutRequest"]["Item"]) for request in unwritten}


def _n(number: int) -> Item:
    return {"N": str(number)}


def _key(pk: str, *sk: str) -> Item:
    return {"PK": {"S": pk}, "SK": {"S": "#".join(sk)}}


def _place(item: Item) -> tuple[str, str]:
    return item["PK"]["S"], item["SK"]["S"]


def _present(**attributes: Item | None) -> Item:
    return {name: value for name, value in attributes.items() if value is not None}


def _expiry(at_ms: int, days: int | None) -> Item | None:
    return None if days is None else _n(at_ms // 1000 + days * 24 * 3600)


def _session_item(session: Session) -> Item:
    return {
        **_key(partition_of(session.project_id, session.id), session.id, "0"),
        "at": _n(session.at),
        "ip": {"S": session.address},
        **_present(
            ua={"S": session.agent} if session.agent is not None else None,
            player={"S": session.player} if session.player is not None else None,
            expires=_expiry(session.at, session.keep_days),
        ),
    }


def _pointer_item(session: Session) -> Item:
    player = session.player or ""
    return {
        **_key(pointers_of(session.project_id, player), player, session.id),
        **_present(expires=_expiry(session.at, session.pointer_days)),
    }


def _event_item(event: Event) -> Item:
    return {
        **_key(partition_of(event.project_id, event.session_id), event.session_id, "E", event.id),
        "at": _n(event.at),
        "name": {"S": event.name},
        "data": {"S": event.data},
        **_present(
            clientAt=_n(event.client_at) if event.client_at is not None else None,
            expires=_expiry(event.at, event.keep_days),
        ),
    }


def _score_item(score: Score) -> Item:
    return {
        **_key(partition_of(score.project_id, score.session_id), score.session_id, "C", score.id),
        "at": _n(score.at),
        "score": _n(score.score),
        "metadata": {"S": score.metadata},
        **_present(
            player={"S": score.player} if score.player is not None else None,
            expires=_expiry(score.at, score.keep_days),
        ),
    }
