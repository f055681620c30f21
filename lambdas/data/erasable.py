"""Custom data: collections of items, each item with an owner."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lambdas.data.settings import ErasableSettings
from lambdas.data.table import PUBLIC, DataTable, collection_partition, owner_prefix
from lambdas.shared.erasing import Erasable, Step, Sweep, Walk
from lambdas.shared.records.jobs import Reached

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE: Final = "data"
_END: Final = "~"
"""Sorts after every sort key of a collection."""


class Collections(Erasable):
    order = 2
    name = TABLE

    def of_project(self, project_id: str, _since: str, _last: str) -> Iterator[Step]:
        yield lambda walk: self._whole(walk, project_id)

    def of_player(self, project_id: str, player: str) -> Iterator[Step]:
        yield lambda walk: self._of_owner(walk, project_id, player)

    def _whole(self, walk: Walk, project_id: str) -> Iterator[Sweep]:
        for place in self._left(walk, project_id):
            yield Sweep(TABLE, place, lambda _: "items", reaches=Reached(place, _END))
        if walk.last_round:
            yield Sweep(TABLE, project_id, lambda _: "")

    def _of_owner(self, walk: Walk, project_id: str, owner: str) -> Iterator[Sweep]:
        for place in self._left(walk, project_id):
            own, reaches = owner_prefix(owner), Reached(place, _END)
            yield Sweep(TABLE, place, lambda _: "items", PUBLIC, owner)
            yield Sweep(TABLE, place, lambda _: "items", own, reaches=reaches)

    def _left(self, walk: Walk, project_id: str) -> Iterator[str]:
        """The partitions of the collections that the step has not finished."""
        for collection in DataTable(self.client, self.table).collections(project_id):
            place = collection_partition(project_id, collection)
            if walk.job.reached < Reached(place, _END):
                yield place


def erasable(client: "DynamoDBClient") -> Collections:
    settings = ErasableSettings.from_environment()
    return Collections(client, settings.data_table)
