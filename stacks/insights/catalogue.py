"""The rows of requests in Athena: a table over the files, views over the table, and a workgroup."""

from constructs import Construct

from config.capabilities import insights
from config.views import views_in
from stacks.shared.catalogue import (
    RESULTS,
    Database,
    add_workgroup,
    table_of_json,
    table_of_view,
)

_COLUMNS = {
    "id": "string",
    "ms": "bigint",
    "fn": "string",
    "route": "string",
    "status": "int",
    "duration": "double",
    "result": "string",
    "bytes": "bigint",
    "caller": "string",
    "error": "string",
    "memory_kb": "int",
    "cpu_ms": "double",
}


class InsightsCatalogue(Database):
    def __init__(self, scope: Construct, id: str, *, bucket: str) -> None:
        location = f"s3://{bucket}/{insights.ROWS}"
        table = table_of_json(
            insights.REQUESTS,
            location,
            columns=_COLUMNS,
            partitions={"day": "string"},
            projection={
                "projection.day.type": "date",
                "projection.day.format": "yyyy-MM-dd",
                "projection.day.range": "2026-01-01,NOW",
                "storage.location.template": f"{location}/day=${{day}}/",
            },
        )
        views = {
            f"View-{each.name}": table_of_view(each, insights.DATABASE)
            for each in views_in("insights-views")
        }
        super().__init__(scope, id, name=insights.DATABASE, tables={"Table": table, **views})
        add_workgroup(self, insights.WORKGROUP, f"s3://{bucket}/{RESULTS}/")
