"""CreatorTable: the only module that knows how creators, projects and the audit are stored."""

from dataclasses import dataclass
from typing import Any, Final

from lambdas.shared.errors import Busy
from lambdas.shared.units import Spent
from lambdas.telemetry.audit import Record
from lambdas.telemetry.errors import BeingErased, ProjectChanged, TooManyProjects, UnknownProject
from lambdas.telemetry.projects import Project, project_from, project_item, project_key
from lambdas.telemetry.transactions import write_together

MOST_PROJECTS: Final = 100
_LISTED: Final = "PROJECT#"
_NOT_BEING_ERASED: Final = "attribute_not_exists(erasing)"

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


class CreatorTable:
    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name
        self.spent = Spent()

    def projects(self, creator_id: str) -> list[Listed]:
        """All of them: they are few, and their lines short."""
        answer = self._client.query(
            TableName=self._name,
            KeyConditionExpression="PK = :pk AND begins_with(SK, :sk)",
            ExpressionAttributeValues={":pk": _creator(creator_id), ":sk": {"S": _LISTED}},
            ConsistentRead=True,
            ReturnConsumedCapacity="TOTAL",
        )
        self.spent.read(answer)
        return [
            Listed(item["SK"]["S"].removeprefix(_LISTED), item["name"]["S"], item["createdAt"]["S"])
            for item in answer["Items"]
        ]

    def project(self, project_id: str, creator_id: str) -> Project:
        """Whether it is somebody else's or nobody's is nothing to tell."""
        answer = self._client.get_item(
            TableName=self._name,
            Key=project_key(project_id),
            ConsistentRead=True,
            ReturnConsumedCapacity="TOTAL",
        )
        self.spent.read(answer)
        if "Item" not in answer or answer["Item"]["creatorId"]["S"] != creator_id:
            raise UnknownProject
        return project_from(answer["Item"])

    def create(self, project: Project, record: Record) -> None:
        failed = self._write(
            self._counted(project.creator_id, 1, project.created_at),
            self._put(project_item(project)),
            self._put(_listed_item(project)),
            self.note(record),
        )
        if failed is not None:
            self._refuse_erased(project.creator_id)
            raise TooManyProjects(MOST_PROJECTS)

    def change(self, project: Project, record: Record) -> None:
        """As of the version before it: nobody's change is lost under another's."""
        failed = self._write(
            self._put(
                project_item(project),
                "creatorId = :creator AND version = :before",
                {
                    ":creator": {"S": project.creator_id},
                    ":before": {"N": str(project.version - 1)},
                },
            ),
            self._put(_listed_item(project)),
            self.note(record),
        )
        if failed is not None:
            self.project(project.id, project.creator_id)
            raise ProjectChanged

    def remove(self, project: Project, *others: Item) -> bool:
        """From here on nothing is taken for it; what is stored of it is the erasure's to find."""
        failed = self._write(
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
                        "PK": _creator(project.creator_id),
                        "SK": {"S": f"{_LISTED}{project.id}"},
                    },
                }
            },
            self._counted(project.creator_id, -1, None),
            *others,
        )
        return failed is None

    def begin_erasing(self, creator_id: str, job_id: str, *others: Item) -> str:
        """Which job does it: this one, or the one that began before."""
        failed = self._write(
            {
                "Update": {
                    "TableName": self._name,
                    "Key": _creator_key(creator_id),
                    "UpdateExpression": "SET erasing = :job",
                    "ConditionExpression": _NOT_BEING_ERASED,
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
        return {"Delete": {"TableName": self._name, "Key": _creator_key(creator_id)}}

    def audit(self, creator_id: str, month: str, *, after: str | None, limit: int) -> AuditPage:
        """The newest first."""
        query: Item = {
            "TableName": self._name,
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": _audit(creator_id, month)},
            "ScanIndexForward": False,
            "Limit": limit,
            "ReturnConsumedCapacity": "TOTAL",
        }
        if after is not None:
            query["ExclusiveStartKey"] = {"PK": _audit(creator_id, month), "SK": {"S": after}}
        answer = self._client.query(**query)
        self.spent.read(answer)
        last = answer.get("LastEvaluatedKey")
        return AuditPage(
            [_record(creator_id, item) for item in answer["Items"]],
            last["SK"]["S"] if last else None,
        )

    def blur(self, record: Record) -> None:
        """Who, what kind of thing, and when: that stays; which one does not."""
        self._client.update_item(
            TableName=self._name,
            Key={"PK": _audit(record.creator_id, record.month), "SK": {"S": record.id}},
            UpdateExpression="REMOVE projectId, envKey",
            ConditionExpression="attribute_exists(PK)",
        )

    def note(self, record: Record) -> Item:
        """To be written with what it tells of."""
        return self._put(_audit_item(record))

    def still_here(self, creator_id: str, now: str) -> Item:
        """To be written with whatever must not come after the creator's erasure."""
        return {
            "Update": {
                "TableName": self._name,
                "Key": _creator_key(creator_id),
                "UpdateExpression": "SET since = if_not_exists(since, :now)",
                "ConditionExpression": _NOT_BEING_ERASED,
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

    def _creator_item(self, creator_id: str) -> Item:
        answer = self._client.get_item(
            TableName=self._name, Key=_creator_key(creator_id), ConsistentRead=True
        )
        item: Item = answer.get("Item", {})
        return item

    def _refuse_erased(self, creator_id: str) -> None:
        if "erasing" in self._creator_item(creator_id):
            raise BeingErased

    def _counted(self, creator_id: str, projects: int, now: str | None) -> Item:
        values: Item = {":n": {"N": str(projects)}}
        update = {"TableName": self._name, "Key": _creator_key(creator_id)}
        if now is None:
            # The worker deletes projects of a creator that is being erased.
            expression = {"UpdateExpression": "ADD projects :n"}
        else:
            values |= {":most": {"N": str(MOST_PROJECTS)}, ":now": {"S": now}}
            expression = {
                "UpdateExpression": "SET since = if_not_exists(since, :now) ADD projects :n",
                "ConditionExpression": (
                    f"{_NOT_BEING_ERASED} AND (attribute_not_exists(projects) OR projects < :most)"
                ),
            }
        return {"Update": {**update, **expression, "ExpressionAttributeValues": values}}

    def _put(self, item: Item, condition: str = "", values: Item | None = None) -> Item:
        put: Item = {"TableName": self._name, "Item": item}
        if condition:
            put |= {"ConditionExpression": condition, "ExpressionAttributeValues": values}
        return {"Put": put}

    def _write(self, *writes: Item) -> int | None:
        return write_together(self._client, self.spent, writes)


def _creator(creator_id: str) -> Item:
    return {"S": f"CR#{creator_id}"}


def _creator_key(creator_id: str) -> Item:
    return {"PK": _creator(creator_id), "SK": {"S": "CREATOR"}}


def _audit(creator_id: str, month: str) -> Item:
    return {"S": f"AU#{creator_id}#{month}"}


def _listed_item(project: Project) -> Item:
    return {
        "PK": _creator(project.creator_id),
        "SK": {"S": f"{_LISTED}{project.id}"},
        "name": {"S": project.name},
        "createdAt": {"S": project.created_at},
    }


def _audit_item(record: Record) -> Item:
    item: Item = {
        "PK": _audit(record.creator_id, record.month),
        "SK": {"S": record.id},
        "action": {"S": record.action},
    }
    if record.project_id is not None:
        item["projectId"] = {"S": record.project_id}
    if record.key is not None:
        item["envKey"] = {"S": record.key}
    return item


def _record(creator_id: str, item: Item) -> Record:
    return Record(
        id=item["SK"]["S"],
        creator_id=creator_id,
        action=item["action"]["S"],
        project_id=item["projectId"]["S"] if "projectId" in item else None,
        key=item["envKey"]["S"] if "envKey" in item else None,
    )
