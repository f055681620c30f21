"""SQL views for Athena, one file each, in a folder of a capability."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CONFIG: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class View:
    name: str
    what: str
    columns: Mapping[str, str]
    """Their types by Athena's names. A type that differs makes the view stale."""
    sql: str

    def text(self, database: str) -> str:
        """The view in the form that the Glue catalogue stores."""
        stored = {
            "originalSql": self.sql,
            "catalog": "awsdatacatalog",
            "schema": database,
            "columns": [{"name": name, "type": type_} for name, type_ in self.columns.items()],
        }
        return f"/* Presto View: {base64.b64encode(json.dumps(stored).encode()).decode()} */"


def views_in(folder: str) -> Iterator[View]:
    """The first two lines of a file are the description and the columns."""
    for file in sorted((_CONFIG / folder).glob("*.sql")):
        what, columns, sql = file.read_text(encoding="utf-8").split("\n", 2)
        types = dict(each.split() for each in columns.removeprefix("-- ").split(","))
        yield View(file.stem, what.removeprefix("-- "), types, sql.rstrip())
