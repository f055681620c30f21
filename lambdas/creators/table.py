"""How the CreatorTable stores a creator's list of projects, and pages through the audit."""

from dataclasses import dataclass
from typing import Final

from lambdas.creators.errors import ProjectChanged, TooManyProjects
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.transactions import Write
from lambdas.shared.records.audit import Record, audit_partition
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import (
    NOT_BEING_ERASED,
    BeingErased,
    Creators,
    audit_key,
    creator_key,
    creator_partition,
    project_item,
    record_from,
)

MOST_PROJECTS: Final = 100
_LISTED: Final = "PROJECT#"


@dataclass(frozen=True, slots=True)
class Listed:
    """A project in its creator's list."""

    id: str
    name: str
    created_at: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of a month's audit."""

    records: list[Record]
    next: str | None
    """The record after which the month continues."""


class CreatorTable(Creators):
    def projects(self, creator_id: str) -> list[Listed]:
        """Reads them in one page: they are few, and their items short."""
        found = self._query(
            {
                "KeyConditionExpression": "PK = :pk AND begins_with(SK, :sk)",
                "ExpressionAttributeValues": {
                    ":pk": creator_partition(creator_id),
                    ":sk": _LISTED,
                },
                "ConsistentRead": True,
            }
        )
        return [
            Listed(item["SK"].removeprefix(_LISTED), item["name"], item["createdAt"])
            for item in found.items
        ]

    def create(self, project: Project, record: Record) -> None:
        failed = self._together(
            self._one_more(project.creator_id, project.created_at),
            self._putting(project_item(project)),
            self._putting(_listed_item(project)),
            self.note(record),
        )
        if failed is not None:
            self._refuse_erased(project.creator_id)
            raise TooManyProjects(MOST_PROJECTS)

    def change(self, project: Project, record: Record) -> None:
        """Replaces the version before this one, and no other: no change overwrites another."""
        replaced = self._putting(project_item(project))
        replaced["Put"] |= {
            "ConditionExpression": "creatorId = :creator AND version = :before",
            "ExpressionAttributeValues": {
                ":creator": project.creator_id,
                ":before": project.version - 1,
            },
        }
        failed = self._together(replaced, self._putting(_listed_item(project)), self.note(record))
        if failed is not None:
            self.project(project.id, project.creator_id)
            raise ProjectChanged

    def remove(self, project: Project, *others: Write) -> bool:
        """Closes the project to new data. The erasure finds what is stored of it."""
        failed = self._together(
            {"Delete": self.if_owned(project.id, project.creator_id)},
            {"Delete": {"TableName": self._name, "Key": _listed_key(project)}},
            self._one_less(project.creator_id),
            *others,
        )
        return failed is None

    def audit(self, creator_id: str, month: str, *, after: str | None, limit: int) -> AuditPage:
        """The newest records first."""
        partition = audit_partition(creator_id, month)
        query: Item = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": partition},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after is not None:
            query["ExclusiveStartKey"] = {"PK": partition, "SK": after}
        found = self._query(query)
        return AuditPage(
            [record_from(creator_id, item) for item in found.items],
            None if found.last_key is None else found.last_key["SK"],
        )

    def blur(self, record: Record) -> None:
        """Keeps who did what and when; removes which project or secret it was about."""
        self._update(
            audit_key(record),
            UpdateExpression="REMOVE projectId, envKey",
            ConditionExpression="attribute_exists(PK)",
        )

    def _refuse_erased(self, creator_id: str) -> None:
        if "erasing" in self._creator_item(creator_id):
            raise BeingErased

    def _one_more(self, creator_id: str, now: str) -> Write:
        return {
            "Update": {
                "TableName": self._name,
                "Key": creator_key(creator_id),
                "UpdateExpression": "SET since = if_not_exists(since, :now) ADD projects :n",
                "ConditionExpression": (
                    f"{NOT_BEING_ERASED} AND (attribute_not_exists(projects) OR projects < :most)"
                ),
                "ExpressionAttributeValues": {":n": 1, ":most": MOST_PROJECTS, ":now": now},
            }
        }

    def _one_less(self, creator_id: str) -> Write:
        """Without a condition: the eraser removes projects of a creator who is being erased."""
        return {
            "Update": {
                "TableName": self._name,
                "Key": creator_key(creator_id),
                "UpdateExpression": "ADD projects :n",
                "ExpressionAttributeValues": {":n": -1},
            }
        }

    def _putting(self, item: Item) -> Write:
        return {"Put": {"TableName": self._name, "Item": item}}


def _listed_key(project: Project) -> Item:
    return {"PK": creator_partition(project.creator_id), "SK": f"{_LISTED}{project.id}"}


def _listed_item(project: Project) -> Item:
    return {**_listed_key(project), "name": project.name, "createdAt": project.created_at}
