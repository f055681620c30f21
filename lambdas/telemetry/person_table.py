"""The TelemetryTable's items of one player of a project, for an export."""

from typing import Final, NamedTuple

from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import MeteredTable
from lambdas.telemetry.table import kind_of, partition_of, pointers_of

_KINDS: Final = {
    "sessions": "telemetrySession",
    "events": "telemetryEvent",
    "scores": "telemetryScore",
}


class Page(NamedTuple):
    told: list[Item]
    next: str
    """The key after which the session goes on; empty at its end."""


class PersonTable(MeteredTable):
    def session_after(self, project_id: str, player: str, session_id: str) -> str:
        """The player's session that follows this one; empty where none does."""
        partition = pointers_of(project_id, player)
        query: Item = {
            "KeyConditionExpression": "PK = :pk AND begins_with(SK, :player)",
            "ExpressionAttributeValues": {":pk": partition, ":player": f"{player}#"},
            "ProjectionExpression": "SK",
            "Limit": 1,
        }
        if session_id:
            query["ExclusiveStartKey"] = {"PK": partition, "SK": f"{player}#{session_id}"}
        found = self._query(query).items
        return str(found[0]["SK"]).rpartition("#")[2] if found else ""

    def of_session(self, project_id: str, session_id: str, after: str, limit: int) -> Page:
        partition = partition_of(project_id, session_id)
        query: Item = {
            "KeyConditionExpression": "PK = :pk AND begins_with(SK, :session)",
            "ExpressionAttributeValues": {":pk": partition, ":session": f"{session_id}#"},
            "Limit": limit,
        }
        if after:
            query["ExclusiveStartKey"] = {"PK": partition, "SK": f"{session_id}#{after}"}
        found = self._query(query)
        told = [_told(project_id, session_id, item) for item in found.items]
        last = found.last_key
        return Page(told, "" if last is None else str(last["SK"]).partition("#")[2])


def _told(project_id: str, session_id: str, item: Item) -> Item:
    kind = _KINDS[kind_of(item["SK"])]
    held = {name: value for name, value in item.items() if name not in {"PK", "SK"}}
    return {"kind": kind, "projectId": project_id, "sessionId": session_id, **held}
