"""TelemetryTable: the calls that write sessions, events and scores."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError, HTTPClientError

from lambdas.shared.dynamo.batches import sent_again
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.dynamo.units import THROTTLED
from lambdas.telemetry.items import (
    Item,
    event_item,
    item_key,
    partition_of,
    place_of,
    pointer_item,
    score_item,
    session_item,
)
from lambdas.telemetry.records import Ended, Event, Score, Session

_TRIES: Final = 4
_FIRST_WAIT_SECONDS: Final = 0.05
_PASSING: Final = THROTTLED | {"InternalServerError"}


class TelemetryTable(MeteredTable):
    def __init__(self, client: Any, name: str, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__(client, name)
        self._wait = wait

    def begin(self, session: Session) -> bool:
        """Where a player is named, what leads to the session comes first: none is without it."""
        if session.player is not None and self._write_all({"pointer": pointer_item(session)}):
            return False
        self._put(session_item(session))
        return True

    def put_event(self, event: Event) -> None:
        """An event's id is its place, so the same one again changes nothing."""
        self._put(event_item(event))

    def put_score(self, score: Score) -> None:
        self._put(score_item(score))

    def put_events(self, events: Iterable[Event]) -> set[str]:
        """As many as are taken; the ids of those that were not."""
        return self._write_all({event.id: event_item(event) for event in events})

    def end(self, ended: Ended) -> bool:
        """Once: the first end counts. False where there was nothing to end."""
        try:
            self._update(
                item_key(partition_of(ended.project_id, ended.session_id), ended.session_id, "0"),
                UpdateExpression="SET ended = :at",
                ConditionExpression="attribute_exists(PK) AND attribute_not_exists(ended)",
                ExpressionAttributeValues={":at": {"N": str(ended.at)}},
            )
        except ConditionFailed:
            return False
        return True

    def _write_all(self, items: Mapping[str, Item]) -> set[str]:
        """Names of the items that could not be written, however often it was tried."""
        left = sent_again(
            items,
            self._try,
            tries=_TRIES,
            first_pause_s=_FIRST_WAIT_SECONDS,
            wait=self._wait,
        )
        return set(left)

    def _try(self, items: Mapping[str, Item]) -> Mapping[str, Item]:
        """Those that were not written."""
        requests = [{"PutRequest": {"Item": item}} for item in items.values()]
        try:
            answer = self._client.batch_write_item(
                RequestItems={self._name: requests}, ReturnConsumedCapacity="TOTAL"
            )
        except HTTPClientError:
            # Whether it was done is not known; to do it again does no harm.
            return items
        except ClientError as error:
            if error.response["Error"]["Code"] not in _PASSING:
                raise
            return items
        self.spent.wrote(answer)
        unwritten = answer["UnprocessedItems"].get(self._name, [])
        left = {place_of(request["PutRequest"]["Item"]) for request in unwritten}
        return {name: item for name, item in items.items() if place_of(item) in left}
