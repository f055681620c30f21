"""Lets the emulator's Athena read views, which its catalogue stores as Athena writes them."""

import base64
import json
import re
from typing import Any

from ministack.services import athena, glue

_TEXT = re.compile(r"/\* Presto View: (\S+) \*/")
_with_data = athena._rewrite_data_paths


def know_views() -> None:
    athena._rewrite_data_paths = _with_views_and_data


def _view_in(text: str) -> Any:
    found = _TEXT.fullmatch(text)
    assert found is not None, text
    return json.loads(base64.b64decode(found[1]))


async def _with_views_and_data(query: str, database: str, catalog: Any = None) -> Any:
    return await _with_data(_with_views(query, database), database, catalog)


def _with_views(query: str, database: str) -> str:
    """Replaces each view's name by its query, recursively."""
    references = sorted(athena._table_references(query), key=lambda each: -each.start)
    for reference in references:
        table = glue._tables.get(f"{reference.database or database}/{reference.table}")
        if table and table.get("TableType") == "VIRTUAL_VIEW":
            view = _view_in(table["ViewOriginalText"])
            text = f"({_with_views(view['originalSql'], view['schema'])})"
            alias = "" if reference.aliased else f' AS "{reference.table}"'
            query = query[: reference.start] + text + alias + query[reference.end :]
    return query
