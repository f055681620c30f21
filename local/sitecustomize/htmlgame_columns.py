"""Lets the emulator's Athena read JSON by the columns of the table, as AWS does.

It would take the columns that the files happen to have, so a query about any other fails.
"""

from typing import Any

from ministack.services import athena

_relation = athena._table_relation


def know_columns() -> None:
    athena._table_relation = _by_columns


def _by_columns(table: dict[str, Any], files: list[str]) -> Any:
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
    if athena._data_format(table) != "json" or not columns:
        return _relation(table, files)
    typed = ", ".join(f"'{each['Name']}': '{athena._duckdb_type(each)}'" for each in columns)
    hive = athena._hive_options(athena._path_partition_keys(table, files))
    return (
        f"read_json({athena._sql_list(files)}, format = 'newline_delimited', "
        f"columns = {{{typed}}}, {hive})"
    )
