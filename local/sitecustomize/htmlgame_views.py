"""The emulator's catalogue keeps views as Athena writes them; its Athena reads tables alone."""

import base64
import json
import re
from typing import Any

from ministack.services import athena, glue

_TEXT = re.compile(r"/\* Presto View: (\S+) \*/")
_with_data = athena._rewrite_data_paths


def know_views() -> None:
    athena._rewrite_data_paths = _with_views_and_data


def _told_by(text: str) -> Any:
    found = _TEXT.fullmatch(text)
    assert found is not None, text
    return json.loads(base64.b64decode(found[1]))


async def _with_views_and_data(query: str, database: str, catalog: Any = None) -> Any:
    return await _with_data(_with_views(query, database), database, catalog)


def _with_views(query: str, database: str) -> str:
    """Each view's own text in place of its name, and so in that text."""
    references = sorted(athena._table_references(query), key=lambda each: -each.start)
    for reference in references:
        table = glue._tables.get(f"{reference.database or database}/{reference.table}")
        if table and table.get("TableType") == "VIRTUAL_VIEW":
            told = _told_by(table["ViewOriginalText"])
            text = f"({_with_views(told['originalSql'], told['schema'])})"
            alias = "" if reference.aliased else f' AS "{reference.table}"'
            query = query[: reference.start] + text + alias + query[reference.end :]
    return query
