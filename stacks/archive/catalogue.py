"""The archive in Athena: a table over its files, views over the table, and a workgroup."""

from constructs import Construct

from config.archive_views import archive_views
from config.capabilities import archive
from stacks.shared.catalogue import (
    RESULTS,
    Database,
    add_workgroup,
    table_of_json,
    table_of_view,
)

_COLUMNS = {
    "kind": "string",
    "id": "string",
    "session": "string",
    "ms": "bigint",
    "name": "string",
    "score": "bigint",
    "data": "string",
}


class ArchiveCatalogue(Database):
    def __init__(self, scope: Construct, id: str, *, location: str) -> None:
        table = table_of_json(
            archive.TABLE,
            location,
            columns=_COLUMNS,
            partitions={"project": "string", "day": "string"},
            projection={
                "projection.project.type": "injected",
                "projection.day.type": "date",
                "projection.day.format": "yyyy-MM-dd",
                "projection.day.range": "2026-01-01,NOW",
                "storage.location.template": f"{location}/project=${{project}}/day=${{day}}/",
            },
        )
        views = {
            f"View-{each.name}": table_of_view(each, archive.DATABASE) for each in archive_views()
        }
        super().__init__(scope, id, name=archive.DATABASE, tables={"Table": table, **views})
        add_workgroup(self, archive.WORKGROUP, f"{location}/{RESULTS}/")
