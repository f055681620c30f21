"""What one asks of the archive: views, each a file of SQL under its name.

Who asks must name a project, so each view hands that column on: then no other's files are read.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_DIRECTORY: Final = Path(__file__).parent / "archive-views"


@dataclass(frozen=True, slots=True)
class View:
    name: str
    what: str
    columns: Mapping[str, str]
    """Their types as Athena's SQL names them; what it finds otherwise makes the view stale."""
    sql: str

    def text(self, database: str) -> str:
        """As the catalogue keeps it."""
        told = {
            "originalSql": self.sql,
            "catalog": "awsdatacatalog",
            "schema": database,
            "columns": [{"name": name, "type": type_} for name, type_ in self.columns.items()],
        }
        return f"/* Presto View: {base64.b64encode(json.dumps(told).encode()).decode()} */"


def archive_views() -> Iterator[View]:
    """A file's first two lines say what for, and the columns."""
    for file in sorted(_DIRECTORY.glob("*.sql")):
        what, columns, sql = file.read_text(encoding="utf-8").split("\n", 2)
        types = dict(each.split() for each in columns.removeprefix("-- ").split(","))
        yield View(file.stem, what.removeprefix("-- "), types, sql.rstrip())
