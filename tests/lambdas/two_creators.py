"""Two creators and the tables that they share."""

import json
from typing import Any, Final

from lambdas.creators.project_settings import new_project
from lambdas.creators.table import CreatorTable
from lambdas.shared.records.audit import Record
from lambdas.shared.records.projects import Project
from lambdas.shared.values.uuids import uuid7
from local.dynamodb.tables import table_named as table_named

ANN: Final = "00000000-0000-4000-8000-00000000000a"
BOB: Final = "00000000-0000-4000-8000-00000000000b"
NOW_MS: Final = 1_795_262_400_000
NOW: Final = "2026-11-21T12:00:00.000Z"


def record(action: str, creator_id: str = ANN, **more: Any) -> Record:
    return Record(id=uuid7(NOW_MS), creator_id=creator_id, action=action, **more)


def project(creator_id: str = ANN, **sent: Any) -> Project:
    body = json.dumps({"name": "Snake"} | sent).encode()
    return new_project(body, project_id=uuid7(NOW_MS), creator_id=creator_id, now=NOW)


def created(table: CreatorTable, creator_id: str = ANN, **sent: Any) -> Project:
    fresh = project(creator_id, **sent)
    table.create(fresh, record("project.create", creator_id, project_id=fresh.id))
    return fresh


def everything(client: Any, table: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]
