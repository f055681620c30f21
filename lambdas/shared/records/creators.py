"""What several capabilities ask of creators: whose a project is, and what is written of both."""

from typing import Final

from lambdas.shared.dynamo.table import Item, MeteredTable
from lambdas.shared.http.errors import Busy, Conflict
from lambdas.shared.records.audit import Record, audit_item
from lambdas.shared.records.projects import Project, UnknownProject, project_from, project_key

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
