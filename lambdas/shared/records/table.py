"""How the CreatorTable stores what several capabilities read: projects, creators and the audit."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cachetools import TTLCache

from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.dynamo.transactions import Write
from lambdas.shared.http.errors import Busy, Conflict
from lambdas.shared.records.audit import Record, audit_partition
from lambdas.shared.records.projects import Project, Retention, UnknownProject

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

CACHE_SECONDS: Final = 60
MOST_CACHED: Final = 1000
NOT_BEING_ERASED: Final = "attribute_not_exists(erasing)"
_ONCE: Final = {"ConditionExpression": "attribute_not_exists(PK)"}


class BeingErased(Conflict):
    code = "being_erased"

    def __init__(self) -> None:
        super().__init__("this creator is being erased; try again when the erasure is done")


class Projects(MeteredTable):
    """Reads projects one by one and caches them for a minute, unknown ones too."""

    def __init__(
        self, client: "DynamoDBClient", table: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(client, table)
        self._cached: TTLCache[str, Project | None] = TTLCache(MOST_CACHED, CACHE_SECONDS, clock)

    def named(self, project_id: str) -> Project:
        try:
            project = self._cached[project_id]
        except KeyError:
            project = self._cached[project_id] = self._read(project_id)
        if project is None:
            raise UnknownProject
        return project

    def owned(self, project_id: str, creator_id: str) -> Project:
        """Another creator's project is unknown, like one that does not exist."""
        project = self.named(project_id)
        if project.creator_id != creator_id:
            raise UnknownProject
        return project

    def _read(self, project_id: str) -> Project | None:
        item = self._get(project_key(project_id), consistent=False)
        return None if item is None else project_from(item)


class Creators(MeteredTable):
    """The part of the CreatorTable that several capabilities read and write."""

    def project(self, project_id: str, creator_id: str) -> Project:
        """Another creator's project is unknown, like one that does not exist."""
        project = self.read(project_id)
        if project.creator_id != creator_id:
            raise UnknownProject
        return project

    def read(self, project_id: str) -> Project:
        """Whoever it belongs to."""
        item = self._get(project_key(project_id), consistent=True)
        if item is None:
            raise UnknownProject
        return project_from(item)

    def note(self, record: Record) -> Write:
        """Writes the record, in the transaction that it records."""
        return {"Put": {"TableName": self._name, "Item": audit_item(record), **_ONCE}}

    def record(self, record: Record) -> None:
        """Writes the record by itself."""
        # A write whose answer was lost is sent again, and finds its own record.
        with suppress(ConditionFailed):
            self._put(audit_item(record), **_ONCE)

    def still_here(self, creator_id: str, now: str) -> Write:
        """Fails a transaction whose creator is being erased."""
        return {
            "Update": {
                "TableName": self._name,
                "Key": creator_key(creator_id),
                "UpdateExpression": "SET since = if_not_exists(since, :now)",
                "ConditionExpression": NOT_BEING_ERASED,
                "ExpressionAttributeValues": {":now": now},
            }
        }

    def still_owned(self, project_id: str, creator_id: str) -> Write:
        """Fails a transaction whose project is gone, or is another creator's."""
        return {"ConditionCheck": self.if_owned(project_id, creator_id)}

    def if_owned(self, project_id: str, creator_id: str) -> Item:
        """The project's key, on the condition that it is this creator's."""
        return {
            "TableName": self._name,
            "Key": project_key(project_id),
            "ConditionExpression": "creatorId = :creator",
            "ExpressionAttributeValues": {":creator": creator_id},
        }

    def begin_erasing(self, creator_id: str, job_id: str, *others: Write) -> str:
        """Returns the job that erases the creator: this one, or one that began before."""
        failed = self._together(
            {
                "Update": {
                    "TableName": self._name,
                    "Key": creator_key(creator_id),
                    "UpdateExpression": "SET erasing = :job",
                    "ConditionExpression": NOT_BEING_ERASED,
                    "ExpressionAttributeValues": {":job": job_id},
                }
            },
            *others,
        )
        if failed is None:
            return job_id
        began = self._creator_item(creator_id).get("erasing")
        if began is None:
            raise Busy
        return str(began)

    def known_since(self, creator_id: str) -> str | None:
        """When anything of this creator was first written."""
        since: str | None = self._creator_item(creator_id).get("since")
        return since

    def forgetting(self, creator_id: str) -> Write:
        """Removes the creator, in the transaction that ends the erasure."""
        return {"Delete": {"TableName": self._name, "Key": creator_key(creator_id)}}

    def _creator_item(self, creator_id: str) -> Item:
        return self._get(creator_key(creator_id), consistent=True) or {}


def creator_partition(creator_id: str) -> str:
    return f"CR#{creator_id}"


def creator_key(creator_id: str) -> Item:
    return {"PK": creator_partition(creator_id), "SK": "CREATOR"}


def project_key(project_id: str) -> Item:
    return {"PK": f"PR#{project_id}", "SK": "PROJECT"}


def project_item(project: Project) -> Item:
    return {
        **project_key(project.id),
        "creatorId": project.creator_id,
        "name": project.name,
        "events": project.events,
        "eventDays": project.retention.event_days,
        "sessionDays": project.retention.session_days,
        "scoreDays": project.retention.score_days,
        "injectable": project.injectable,
        "collections": project.collections,
        "collectionDays": project.collection_days,
        "createdAt": project.created_at,
        "updatedAt": project.updated_at,
        "version": project.version,
    }


def project_from(item: Item) -> Project:
    return Project(
        id=item["PK"].removeprefix("PR#"),
        creator_id=item["creatorId"],
        name=item["name"],
        events=tuple(item["events"]),
        retention=Retention(
            event_days=item["eventDays"],
            session_days=item["sessionDays"],
            score_days=item["scoreDays"],
        ),
        injectable=tuple(item["injectable"]),
        collections=item["collections"],
        # Projects from before this field keep everything for ever.
        collection_days=item.get("collectionDays", {}),
        created_at=item["createdAt"],
        updated_at=item["updatedAt"],
        version=item["version"],
    )


def audit_key(record: Record) -> Item:
    return {"PK": audit_partition(record.creator_id, record.month), "SK": record.id}


def audit_item(record: Record) -> Item:
    item = audit_key(record) | {"action": record.action}
    if record.project_id is not None:
        item["projectId"] = record.project_id
    if record.key is not None:
        item["envKey"] = record.key
    return item


def record_from(creator_id: str, item: Item) -> Record:
    return Record(
        id=item["SK"],
        creator_id=creator_id,
        action=item["action"],
        project_id=item.get("projectId"),
        key=item.get("envKey"),
    )
