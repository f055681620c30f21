"""The sealed values of projects and of creators."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lambdas.secrets.env_vars import creator_owner, project_owner
from lambdas.secrets.settings import ErasableSettings
from lambdas.secrets.table import kind_of
from lambdas.shared.erasing import Erasable, Step, Sweep, step_of
from lambdas.shared.records.jobs import Job

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE: Final = "secrets"


class SealedValues(Erasable):
    order = 3
    name = TABLE

    def of_project(self, project_id: str, _since: str, _last: str) -> Iterator[Step]:
        yield step_of(Sweep(TABLE, project_owner(project_id), kind_of))

    def of_creator(self, job: Job, _last: str) -> Iterator[Step]:
        yield step_of(Sweep(TABLE, creator_owner(job.creator_id), kind_of))


def erasable(client: "DynamoDBClient") -> SealedValues:
    settings = ErasableSettings.from_environment()
    return SealedValues(client, settings.secret_table)
