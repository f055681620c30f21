"""How the FunctionTable stores creators' functions.

`F#{project}` / {name} is a function; `V#{project}#{name}` / {number} is a version of it.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, Final

from lambdas.runner.errors import FunctionChanged, UnknownFunction, UnknownVersion
from lambdas.runner.functions import Example, Function, Version
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import MeteredTable
from lambdas.shared.dynamo.transactions import Write

_DIGITS: Final = 6


class FunctionTable(MeteredTable):
    def functions(self, project: str) -> Iterator[Function]:
        query: dict[str, Any] = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": f"F#{project}"},
        }
        for page in self._pages(query):
            yield from map(_function, page.items)

    def function(self, project: str, name: str, *, consistent: bool = False) -> Function:
        item = self._get(_key(project, name), consistent=consistent)
        if item is None:
            raise UnknownFunction(name)
        return _function(item)

    def version(self, function: Function, number: int) -> Version:
        item = self._get(_version_key(function, number), consistent=False)
        if item is None:
            raise UnknownVersion(number)
        return _version(item)

    def add(self, before: Function, version: Version) -> Function:
        """Adds a version, and makes it the one that runs. Both or neither are written."""
        number = before.latest + 1
        after = replace(
            before,
            latest=number,
            active_version=number,
            description=version.description,
            tags=version.tags,
            created_at=before.created_at or version.created_at,
            created_by=before.created_by or version.created_by,
            updated_at=version.created_at,
            revision=before.revision + 1,
        )
        put: Write = {
            "Put": {
                "TableName": self._name,
                "Item": _version_item(after, replace(version, number=number)),
                "ConditionExpression": "attribute_not_exists(PK)",
            }
        }
        if self._together(self._change(before, after), put) is not None:
            raise FunctionChanged
        return after

    def activate(self, before: Function, number: int, now: str) -> Function:
        if number:
            self.version(before, number)
        after = replace(before, active_version=number, updated_at=now, revision=before.revision + 1)
        if self._together(self._change(before, after)) is not None:
            raise FunctionChanged
        return after

    def _change(self, before: Function, after: Function) -> Write:
        condition: Item = {"ConditionExpression": "attribute_not_exists(PK)"}
        if before.revision:
            condition = {
                "ConditionExpression": "revision = :revision",
                "ExpressionAttributeValues": {":revision": before.revision},
            }
        return {"Put": {"TableName": self._name, "Item": _function_item(after), **condition}}


def _key(project: str, name: str) -> Item:
    return {"PK": f"F#{project}", "SK": name}


def _version_key(function: Function, number: int) -> Item:
    return {"PK": f"V#{function.project}#{function.name}", "SK": f"{number:0{_DIGITS}d}"}


def _function_item(function: Function) -> Item:
    return {
        **_key(function.project, function.name),
        "v": 1,
        "active": function.active_version,
        "latest": function.latest,
        "description": function.description,
        "tags": list(function.tags),
        "createdAt": function.created_at,
        "createdBy": function.created_by,
        "updatedAt": function.updated_at,
        "revision": function.revision,
    }


def _function(item: Item) -> Function:
    return Function(
        project=item["PK"].removeprefix("F#"),
        name=item["SK"],
        active_version=item["active"],
        latest=item["latest"],
        description=item["description"],
        tags=tuple(item["tags"]),
        created_at=item["createdAt"],
        created_by=item["createdBy"],
        updated_at=item["updatedAt"],
        revision=item["revision"],
    )


def _version_item(function: Function, version: Version) -> Item:
    """Schemas and examples are kept as JSON: they may hold numbers that DynamoDB does not take."""
    return {
        **_version_key(function, version.number),
        "v": 1,
        "source": version.source,
        "schema": _written(version.schema),
        "contextSchema": _written(version.context_schema),
        "examples": _written([asdict(each) for each in version.examples]),
        "cacheS": version.cache_s,
        "forPlayers": version.for_players,
        "capture": version.capture,
        "description": version.description,
        "tags": list(version.tags),
        "createdAt": version.created_at,
        "createdBy": version.created_by,
    }


def _version(item: Item) -> Version:
    return Version(
        number=int(item["SK"]),
        source=item["source"],
        schema=_read(item["schema"]),
        context_schema=_read(item["contextSchema"]),
        examples=tuple(Example(**each) for each in _read(item["examples"])),
        cache_s=item["cacheS"],
        for_players=item.get("forPlayers", False),
        capture=item.get("capture", False),
        description=item["description"],
        tags=tuple(item["tags"]),
        created_at=item["createdAt"],
        created_by=item["createdBy"],
    )


def _written(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _read(text: str) -> Any:
    return json.loads(text)
