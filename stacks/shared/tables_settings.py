"""Settings that a function gets of every capability whose tables it works on."""

import re
from collections.abc import Iterable, Iterator
from importlib import import_module

from aws_cdk import aws_dynamodb as dynamodb

from config.manifest import Capability, Table
from lambdas.shared.settings import Settings

Made = tuple[Capability, Table, dynamodb.ITable]


def settings_of(tables: Iterable[Made], kind: str) -> Iterator[Settings]:
    """Each capability's settings of this class, whose fields are named like the tables' ids."""
    named: dict[str, dict[str, str]] = {}
    for capability, table, made in tables:
        named.setdefault(capability.name, {})[_snake_case(table.id)] = made.table_name
    for name, fields in named.items():
        yield getattr(import_module(f"lambdas.{name}.settings"), kind)(**fields)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
