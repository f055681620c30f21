"""How the CreatorTable stores what several capabilities read: projects, creators and the audit."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from lambdas.shared.dynamo.table import Item, MeteredTable
from lambdas.shared.http.errors import Busy, Conflict
from lambdas.shared.records.audit import Record
from lambdas.shared.records.projects import Project, Retention, UnknownProject

_BELIEVED_SECONDS: Final = 60
_MOST_REMEMBERED: Final = 1000
NOT_BEING_ERASED: Final = "attribute_not_exists(erasing)"


class BeingErased(Conflict):
    code = "being_erased"

    def __init__(self) -> None:
        super().__init__("this creator is being erased; begin again when that is done")


def creator_partition(creator_id: str) -> Item:
    return {"S": f"CR#{creator_id}"}


def creator_key(creator_id: str) -> Item:
    return {"PK": creator_partition(creator_id), "SK": {"S": "CREATOR"}}


class Creators(MeteredTable):
    """The part of the CreatorTable that several capabilities read and write."""

    def project(self, project_id: str, creator_id: str) -> Project:
        """Another creator's project is unknown, like one that does not exist."""
        item = self._get(project_key(project_id), consistent=True)
        if item is None or item["creatorId"]["S"] != creator_id:
            raise UnknownProject
        return project_from(item)

    def note(self, record: Record) -> Item:
        """To be written in the transaction that it records."""
        return {"Put": {"TableName": self._name, "Item": audit_item(record)}}

    def still_here(self, creator_id: str, now: str) -> Item:
        """To be written with whatever must not come after the creator's erasure."""
        return {
            "Update": {
                "TableName": self._name,
                "Key": creator_key(creator_id),
                "UpdateExpression": "SET since = if_not_exists(since, :now)",
                "ConditionExpression": NOT_BEING_ERASED,
                "ExpressionAttributeValues": {":now": {"S": now}},
            }
        }

    def still_owned(self, project_id: str, creator_id: str) -> Item:
        """To be written with whatever must not come after the project's deletion."""
        return {
            "ConditionCheck": {
                "TableName": self._name,
                "Key": project_key(project_id),
                "ConditionExpression": "creatorId = :creator",
                "ExpressionAttributeValues": {":creator": {"S": creator_id}},
            }
        }

    def begin_erasing(self, creator_id: str, job_id: str, *others: Item) -> str:
        """Which job does it: this one, or the one that began before."""
        failed = self._together(
            {
                "Update": {
                    "TableName": self._name,
                    "Key": creator_key(creator_id),
                    "UpdateExpression": "SET erasing = :job",
                    "ConditionExpression": NOT_BEING_ERASED,
                    "ExpressionAttributeValues": {":job": {"S": job_id}},
                }
            },
            *others,
        )
        if failed is None:
            return job_id
        began = self._creator_item(creator_id).get("erasing")
        if began is None:
            raise Busy
        return str(began["S"])

    def known_since(self, creator_id: str) -> str | None:
        """When anything of this creator was first written."""
        since = self._creator_item(creator_id).get("since")
        return None if since is None else str(since["S"])

    def forgetting(self, creator_id: str) -> Item:
        """To be written with the end of the creator's erasure."""
        return {"Delete": {"TableName": self._name, "Key": creator_key(creator_id)}}

    def _creator_item(self, creator_id: str) -> Item:
        answer = self._client.get_item(
            TableName=self._name, Key=creator_key(creator_id), ConsistentRead=True
        )
        item: Item = answer.get("Item", {})
        return item


class Projects(MeteredTable):
    """Read one by one, and believed for a minute; also of those there are not."""

    def __init__(
        self, client: Any, table: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(client, table)
        self._clock = clock
        self._believed: OrderedDict[str, tuple[float, Project | None]] = OrderedDict()

    def named(self, project_id: str) -> Project:
        now = self._clock()
        at, project = self._believed.get(project_id, (float("-inf"), None))
        if now - at >= _BELIEVED_SECONDS:
            project = self._read(project_id)
            self._remember(project_id, now, project)
        if project is None:
            raise UnknownProject
        return project

    def owned(self, project_id: str, creator_id: str) -> Project:
        """Another's project is answered as one there is not."""
        project = self.named(project_id)
        if project.creator_id != creator_id:
            raise UnknownProject
        return project

    def _read(self, project_id: str) -> Project | None:
        item = self._get(project_key(project_id), consistent=False)
        return None if item is None else project_from(item)

    def _remember(self, project_id: str, now: float, project: Project | None) -> None:
        self._believed[project_id] = (now, project)
        self._believed.move_to_end(project_id)
        if len(self._believed) > _MOST_REMEMBERED:
            self._believed.popitem(last=False)


def project_key(project_id: str) -> Item:
    return {"PK": {"S": f"PR#{project_id}"}, "SK": {"S": "PROJECT"}}


def project_item(project: Project) -> Item:
    retention = project.retention
    score_days = retention.score_days
    return {
        **project_key(project.id),
        "creatorId": {"S": project.creator_id},
        "name": {"S": project.name},
        "events": _texts(project.events),
        "eventDays": {"N": str(retention.event_days)},
        "sessionDays": {"N": str(retention.session_days)},
        "scoreDays": {"NULL": True} if score_days is None else {"N": str(score_days)},
        "injectable": _texts(project.injectable),
        "collections": {"M": {name: {"S": seen} for name, seen in project.collections.items()}},
        "createdAt": {"S": project.created_at},
        "updatedAt": {"S": project.updated_at},
        "version": {"N": str(project.version)},
    }


def project_from(item: Item) -> Project:
    return Project(
        id=item["PK"]["S"].removeprefix("PR#"),
        creator_id=item["creatorId"]["S"],
        name=item["name"]["S"],
        events=tuple(each["S"] for each in item["events"]["L"]),
        retention=Retention(
            event_days=int(item["eventDays"]["N"]),
            session_days=int(item["sessionDays"]["N"]),
            score_days=int(item["scoreDays"]["N"]) if "N" in item["scoreDays"] else None,
        ),
        injectable=tuple(each["S"] for each in item["injectable"]["L"]),
        collections={name: seen["S"] for name, seen in item["collections"]["M"].items()},
        created_at=item["createdAt"]["S"],
        updated_at=item["updatedAt"]["S"],
        version=int(item["version"]["N"]),
    )


def _texts(values: tuple[str, ...]) -> Item:
    return {"L": [{"S": value} for value in values]}


def audit_partition(creator_id: str, month: str) -> Item:
    return {"S": f"AU#{creator_id}#{month}"}


def audit_item(record: Record) -> Item:
    item: Item = {
        "PK": audit_partition(record.creator_id, record.month),
        "SK": {"S": record.id},
        "action": {"S": record.action},
    }
    if record.project_id is not None:
        item["projectId"] = {"S": record.project_id}
    if record.key is not None:
        item["envKey"] = {"S": record.key}
    return item


def record_from(creator_id: str, item: Item) -> Record:
    return Record(
        id=item["SK"]["S"],
        creator_id=creator_id,
        action=item["action"]["S"],
        project_id=item["projectId"]["S"] if "projectId" in item else None,
        key=item["envKey"]["S"] if "envKey" in item else None,
    )
