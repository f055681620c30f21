"""A creator's projects, which an erasure closes, and the audit, which it blurs."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from lambdas.creators.settings import ErasableSettings
from lambdas.creators.table import CreatorTable
from lambdas.shared.erasing import Closing, Erasable, Step, Walk
from lambdas.shared.records.audit import months_between
from lambdas.shared.records.jobs import Job, Target
from lambdas.shared.records.projects import UnknownProject
from lambdas.shared.values.clock import iso

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_AUDIT_PAGE: Final = 100


class Projects(Erasable):
    order = 4

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        super().__init__(client, table)
        self._creators = CreatorTable(client, table)

    def of_creator(self, job: Job, last: str) -> Iterator[Step]:
        since = self._creators.known_since(job.creator_id) or iso(job.began_ms)
        for month in months_between(since, last):
            yield partial(self._blur, job.creator_id, month)

    def closing(self, creator_id: str) -> Iterator[Closing]:
        for listed in self._creators.projects(creator_id):
            try:
                project = self._creators.project(listed.id, creator_id)
            except UnknownProject:
                continue
            target = Target(project.id, project.created_at[:10])
            yield Closing(target, partial(self._creators.remove, project))

    def _blur(self, creator_id: str, month: str, _walk: Walk) -> Iterator[None]:
        """Keeps the audit's records, without the projects and secrets they were about."""
        after: str | None = None
        while True:
            page = self._creators.audit(creator_id, month, after=after, limit=_AUDIT_PAGE)
            for record in page.records:
                if record.tells_more:
                    self._creators.blur(record)
            if page.next is None:
                return
            yield None
            after = page.next


def erasable(client: "DynamoDBClient") -> Projects:
    settings = ErasableSettings.from_environment()
    return Projects(client, settings.creator_table)
