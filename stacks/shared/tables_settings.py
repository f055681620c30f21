"""Settings that a function gets of every capability whose tables it works on.

Their fields are named like the ids of the tables, and of functions that it invokes: notes_table
for NotesTable, count_notes_function for CountNotes.
"""

import re
from collections.abc import Iterable, Iterator
from importlib import import_module

from aws_cdk import aws_dynamodb as dynamodb

from config.manifest import Capability, Function, Table
from lambdas.shared.settings import Settings

Made = tuple[Capability, Table, dynamodb.ITable]


def settings_of(
    tables: Iterable[Made], kind: str, functions: Iterable[tuple[Capability, Function]] = ()
) -> Iterator[Settings]:
    """Each capability's settings of this class."""
    named: dict[str, dict[str, str]] = {}
    for capability, table, made in tables:
        named.setdefault(capability.name, {})[_snake_case(table.id)] = made.table_name
    for capability, function in functions:
        named[capability.name][f"{_snake_case(function.id)}_function"] = function.name
    for name, fields in named.items():
        yield getattr(import_module(f"lambdas.{name}.settings"), kind)(**fields)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
