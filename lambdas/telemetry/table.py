"""How the TelemetryTable stores sessions, their events and scores, and pointers to sessions."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, HTTPClientError

from lambdas.shared.dynamo.batches import sent_again
from lambdas.shared.dynamo.items import Item, packed, unpacked
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.dynamo.units import THROTTLED
from lambdas.shared.values.clock import day_of
from lambdas.shared.values.uuids import made_ms
from lambdas.telemetry.records import Ended, Event, Score, Session

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SHARDS: Final = 16
"""Each carries a thousand writes a second, of one project on one day."""
_TRIES: Final = 4
_FIRST_WAIT_SECONDS: Final = 0.05
_TRANSIENT: Final = THROTTLED | {"InternalServerError"}
_DAY_SECONDS: Final = 24 * 3600


class TelemetryTable(MeteredTable):
    def __init__(
        self, client: "DynamoDBClient", name: str, wait: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(client, name)
        self._wait = wait

    def begin(self, session: Session) -> bool:
        """Writes a player's pointer before the session, so that no session lacks its pointer."""
        if session.player is not None and self._write_all({"pointer": pointer_item(session)}):
            return False
        self._put(session_item(session))
        return True

    def put_event(self, event: Event) -> None:
        """The event's id is part of its key, so the same event again changes nothing."""
        self._put(event_item(event))

    def put_score(self, score: Score) -> None:
        self._put(score_item(score))

    def put_events(self, events: Iterable[Event]) -> set[str]:
        """Returns the ids of the events that could not be written."""
        return self._write_all({event.id: event_item(event) for event in events})

    def end(self, ended: Ended) -> bool:
        """Only the first end counts. False where the session has ended or is gone."""
        try:
            self._update(
                _session_key(ended.project_id, ended.session_id),
                UpdateExpression="SET ended = :at",
                ConditionExpression="attribute_exists(PK) AND attribute_not_exists(ended)",
                ExpressionAttributeValues={":at": ended.at},
            )
        except ConditionFailed:
            return False
        return True

    def _write_all(self, items: Mapping[str, Item]) -> set[str]:
        """Returns the names of the items that could not be written, after several tries."""
        left = sent_again(
            items,
            self._try,
            tries=_TRIES,
            first_pause_s=_FIRST_WAIT_SECONDS,
            wait=self._wait,
        )
        return set(left)

    def _try(self, items: Mapping[str, Item]) -> Mapping[str, Item]:
        """Returns the items that were not written."""
        requests: list[Any] = [{"PutRequest": {"Item": packed(item)}} for item in items.values()]
        try:
            answer = self._client.batch_write_item(
                RequestItems={self._name: requests}, ReturnConsumedCapacity="TOTAL"
            )
        except HTTPClientError:
            # DynamoDB may have written them; writing them again does no harm.
            return items
        except ClientError as error:
            if error.response["Error"]["Code"] not in _TRANSIENT:
                raise
            return items
        self.spent.wrote(answer)
        unwritten: list[Any] = list(answer["UnprocessedItems"].get(self._name, []))
        left = {place_of(unpacked(request["PutRequest"]["Item"])) for request in unwritten}
        return {name: item for name, item in items.items() if place_of(item) in left}


def partition(project_id: str, day: str, shard: int) -> str:
    return f"P#{project_id}#D#{day}#{shard:x}"


def partition_of(project_id: str, session_id: str) -> str:
    """A session's id holds its day at the front and its shard at the random end."""
    return partition(project_id, day_of(made_ms(session_id)), int(session_id[-1], 16))


def home_of(partition: str) -> tuple[str, str] | None:
    """The project, and the day and shard, of a session's partition; None for any other."""
    if not partition.startswith("P#"):
        return None
    project_id, _, day_and_shard = partition.removeprefix("P#").partition("#D#")
    return project_id, day_and_shard


def pointers(project_id: str, shard: int) -> str:
    """One of a project's few partitions of pointers, so that all of them can be listed."""
    return f"PL#{project_id}#{shard:x}"


def pointers_of(project_id: str, player: str) -> str:
    return pointers(project_id, ord(player[-1]) % SHARDS)


def kind_of(key: str) -> str:
    """What a session's item is, by its sort key."""
    _, mark, *_ = key.split("#")
    return {"0": "sessions", "E": "events", "C": "scores"}[mark]


def session_item(session: Session) -> Item:
    return {
        **_session_key(session.project_id, session.id),
        "at": session.at,
        "ip": session.address,
        **_present(
            ua=session.agent,
            player=session.player,
            expires=_expiry(session.at, session.keep_days),
        ),
    }


def pointer_item(session: Session) -> Item:
    player = session.player or ""
    return {
        "PK": pointers_of(session.project_id, player),
        "SK": f"{player}#{session.id}",
        **_present(expires=_expiry(session.at, session.pointer_days)),
    }


def event_item(event: Event) -> Item:
    return {
        "PK": partition_of(event.project_id, event.session_id),
        "SK": f"{event.session_id}#E#{event.id}",
        "at": event.at,
        "name": event.name,
        "data": event.data,
        **_present(clientAt=event.client_at, expires=_expiry(event.at, event.keep_days)),
    }


def score_item(score: Score) -> Item:
    return {
        "PK": partition_of(score.project_id, score.session_id),
        "SK": f"{score.session_id}#C#{score.id}",
        "at": score.at,
        "score": score.score,
        "metadata": score.metadata,
        **_present(player=score.player, expires=_expiry(score.at, score.keep_days)),
    }


def _session_key(project_id: str, session_id: str) -> Item:
    return {"PK": partition_of(project_id, session_id), "SK": f"{session_id}#0"}


def place_of(item: Item) -> tuple[str, str]:
    return item["PK"], item["SK"]


def _present(**attributes: str | int | None) -> Item:
    return {name: value for name, value in attributes.items() if value is not None}


def _expiry(at_ms: int, days: int | None) -> int | None:
    return None if days is None else at_ms // 1000 + days * _DAY_SECONDS
