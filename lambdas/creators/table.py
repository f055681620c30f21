"""CreatorTable: the only module that knows how creators, projects and the audit are stored."""

from dataclasses import dataclass
from typing import Any, Final

from lambdas.creators.errors import ProjectChanged, TooManyProjects
from lambdas.shared.records.audit import Record
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import (
    NOT_BEING_ERASED,
    BeingErased,
    Creators,
    audit_partition,
    creator_key,
    creator_partition,
    project_item,
    project_key,
    record_from,
)

MOST_PROJECTS: Final = 100
_LISTED: Final = "PROJECT#"

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    id: str
    name: str
    created_at: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    records: list[Record]
    next: str | None
    """The record after which the month goes on."""


class CreatorTable(Creators):
    def projects(self, creator_id: str) -> list[Listed]:
        """All of them: they are few, and their lines short."""
        answer = self._query(
            {
                "KeyConditionExpression": "PK = :pk AND begins_with(SK, :sk)",
                "ExpressionAttributeValues": {
                    ":pk": creator_partition(creator_id),
                    ":sk": {"S": _LISTED},
                },
                "ConsistentRead": True,
            }
        )
        return [
            Listed(item["SK"]["S"].removeprefix(_LISTED), item["name"]["S"], item["createdAt"]["S"])
            for item in answer["Items"]
        ]

    def create(self, project: Project, record: Record) -> None:
        failed = self._together(
            self._counted(project.creator_id, 1, project.created_at),
            self._putting(project_item(project)),
            self._putting(_listed_item(project)),
            self.note(record),
        )
        if failed is not None:
            self._refuse_erased(project.creator_id)
            raise TooManyProjects(MOST_PROJECTS)

    def change(self, project: Project, record: Record) -> None:
        """As of the version before it: nobody's change is lost under another's."""
        failed = self._together(
            self._putting(
                project_item(project),
                "creatorId = :creator AND version = :before",
                {
                    ":creator": {"S": project.creator_id},
                    ":before": {"N": str(project.version - 1)},
                },
            ),
            self._putting(_listed_item(project)),
            self.note(record),
        )
        if failed is not None:
            self.project(project.id, project.creator_id)
            raise ProjectChanged

    def remove(self, project: Project, *others: Item) -> bool:
        """From here on nothing is taken for it; what is stored of it is the erasure's to find."""
        failed = self._together(
            {
                "Delete": {
                    "TableName": self._name,
                    "Key": project_key(project.id),
                    "ConditionExpression": "creatorId = :creator",
                    "ExpressionAttributeValues": {":creator": {"S": project.creator_id}},
                }
            },
            {
                "Delete": {
                    "TableName": self._name,
                    "Key": {
                        "PK": creator_partition(project.creator_id),
                        "SK": {"S": f"{_LISTED}{project.id}"},
                    },
                }
            },
            self._counted(project.creator_id, -1, None),
            *others,
        )
        return failed is None

    def audit(self, creator_id: str, month: str, *, after: str | None, limit: int) -> AuditPage:
        """The newest first."""
        query: Item = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": audit_partition(creator_id, month)},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after is not None:
            query["ExclusiveStartKey"] = {
                "PK": audit_partition(creator_id, month),
                "SK": {"S": after},
            }
        answer = self._query(query)
        last = answer.get("LastEvaluatedKey")
        return AuditPage(
            [record_from(creator_id, item) for item in answer["Items"]],
            last["SK"]["S"] if last else None,
        )

    def blur(self, record: Record) -> None:
        """Who, what kind of thing, and when: that stays; which one does not."""
        self._client.update_item(
            TableName=self._name,
            Key={"PK": audit_partition(record.creator_id, record.month), "SK": {"S": record.id}},
            UpdateExpression="REMOVE projectId, envKey",
            ConditionExpression="attribute_exists(PK)",
        )

    def _refuse_erased(self, creator_id: str) -> None:
        if "erasing" in self._creator_item(creator_id):
            raise BeingErased

    def _counted(self, creator_id: str, projects: int, now: str | None) -> Item:
        values: Item = {":n": {"N": str(projects)}}
        update = {"TableName": self._name, "Key": creator_key(creator_id)}
        if now is None:
            # The worker deletes projects of a creator that is being erased.
            expression = {"UpdateExpression": "ADD projects :n"}
        else:
            values |= {":most": {"N": str(MOST_PROJECTS)}, ":now": {"S": now}}
            expression = {
                "UpdateExpression": "SET since = if_not_exists(since, :now) ADD projects :n",
                "ConditionExpression": (
                    f"{NOT_BEING_ERASED} AND (attribute_not_exists(projects) OR projects < :most)"
                ),
            }
        return {"Update": {**update, **expression, "ExpressionAttributeValues": values}}

    def _putting(self, item: Item, condition: str = "", values: Item | None = None) -> Item:
        put: Item = {"TableName": self._name, "Item": item}
        if condition:
            put |= {"ConditionExpression": condition, "ExpressionAttributeValues": values}
        return {"Put": put}


def _listed_item(project: Project) -> Item:
    return {
        "PK": creator_partition(project.creator_id),
        "SK": {"S": f"{_LISTED}{project.id}"},
        "name": {"S": project.name},
        "createdAt": {"S": project.created_at},
    }
