"""A part of JSON Schema that is checked in bounded time. Unknown keywords are refused.

`pattern` is not among it: a regular expression of a stranger may take for ever.
"""

from collections.abc import Iterator
from typing import Any, Final

_DEEPEST: Final = 8
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_NUMBERS: Final = ("minimum", "maximum")
_SIZES: Final = ("minLength", "maxLength", "minItems", "maxItems")
_TEXTS: Final = ("title", "description")
_KEYWORDS: Final = {
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    *_NUMBERS,
    *_SIZES,
    *_TEXTS,
}


def problem_of_schema(schema: Any, where: str = "schema", depth: int = 0) -> str | None:
    """The first problem of the schema itself; None where it can be used."""
    return next(_schema_problems(schema, where, depth), None)


def problem_of_value(schema: Any, value: Any, where: str) -> str | None:
    """The first problem of the value; None where it fits the schema."""
    return next(_problems(schema, value, where), None)


def _schema_problems(schema: Any, where: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        yield f"{where}: nested more than {_DEEPEST} deep"
        return
    if not isinstance(schema, dict):
        yield f"{where}: not an object"
        return
    for unknown in set(schema) - _KEYWORDS:
        yield f"{where}.{unknown[:40]}: unknown keyword; there are {', '.join(sorted(_KEYWORDS))}"
    yield from _wrong_keywords(schema, where)
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        yield f"{where}.properties: not an object"
        return
    for name, part in properties.items():
        yield from _schema_problems(part, f"{where}.properties.{name[:40]}", depth + 1)
    if "items" in schema:
        yield from _schema_problems(schema["items"], f"{where}.items", depth + 1)


def _wrong_keywords(schema: dict[str, Any], where: str) -> Iterator[str]:
    kinds = schema.get("type", [])
    if not all(kind in _TYPES for kind in (kinds if isinstance(kinds, list) else [kinds])):
        yield f"{where}.type: not among {', '.join(_TYPES)}"
    for name in _NUMBERS:
        if name in schema and not _is_number(schema[name]):
            yield f"{where}.{name}: not a number"
    for name in _SIZES:
        if name in schema and not (type(schema[name]) is int and schema[name] >= 0):
            yield f"{where}.{name}: not a whole number of 0 or more"
    for name in ("enum", "required"):
        if name in schema and not isinstance(schema[name], list):
            yield f"{where}.{name}: not a list"
    if "additionalProperties" in schema and not isinstance(schema["additionalProperties"], bool):
        yield f"{where}.additionalProperties: not true or false"


def _problems(schema: Any, value: Any, where: str) -> Iterator[str]:
    kinds = schema.get("type")
    wanted = kinds if isinstance(kinds, list) else [kinds] if kinds else []
    if wanted and not any(_is(kind, value) for kind in wanted):
        yield f"{where}: not of type {' or '.join(wanted)}"
        return
    if "enum" in schema and not any(_equal(value, each) for each in schema["enum"]):
        yield f"{where}: not one of the allowed values"
    if "const" in schema and not _equal(value, schema["const"]):
        yield f"{where}: not the allowed value"
    if _is_number(value):
        yield from _range(schema, value, where, "minimum", "maximum", "")
    if isinstance(value, str):
        yield from _range(schema, len(value), where, "minLength", "maxLength", " characters")
    if isinstance(value, list):
        yield from _range(schema, len(value), where, "minItems", "maxItems", " items")
        for number, item in enumerate(value if "items" in schema else ()):
            yield from _problems(schema["items"], item, f"{where}[{number}]")
    if isinstance(value, dict):
        yield from _of_object(schema, value, where)


def _of_object(schema: Any, value: dict[str, Any], where: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where}.{name}: missing"
    for name, part in value.items():
        if name in properties:
            yield from _problems(properties[name], part, f"{where}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{where}.{name[:40]}: unknown"


def _range(schema: Any, size: float, where: str, least: str, most: str, unit: str) -> Iterator[str]:
    if least in schema and size < schema[least]:
        yield f"{where}: {size}{unit} is less than {schema[least]}"
    if most in schema and size > schema[most]:
        yield f"{where}: {size}{unit} is more than {schema[most]}"


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(one: Any, other: Any) -> bool:
    """JSON's true is not 1."""
    return type(one) is type(other) and bool(one == other)
