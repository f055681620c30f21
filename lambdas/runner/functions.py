"""Creators' functions: what a version is made of, and what a request may say about one."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from lambdas.runner.errors import SourceRefused
from lambdas.runner.schema import problem_of_schema
from lambdas.shared.http.bodies import json_in, refuse_unknown
from lambdas.shared.http.errors import Malformed

LANGUAGE: Final = "javascript"
MOST_SOURCE: Final = 128 * 1024
MOST_BODY: Final = 200 * 1024
MOST_INPUT: Final = 64 * 1024
MOST_FUNCTIONS: Final = 100
MOST_EXAMPLES: Final = 10
MOST_CACHE_S: Final = 86_400
MOST_SESSION_S: Final = 3600
MOST_EXECUTIONS: Final = 1000
_TITLE: Final = re.compile(rf"{LANGUAGE}-[a-z0-9][a-z0-9-]{{0,63}}")
_TAG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_FIELDS: Final = (
    "source",
    "description",
    "tags",
    "schema",
    "contextSchema",
    "examples",
    "cacheSeconds",
    "forPlayers",
    "capture",
)


@dataclass(frozen=True, slots=True)
class Example:
    input: Any
    context: Any
    has_output: bool = False
    output: Any = None

    def to_json(self) -> dict[str, Any]:
        shown = {"input": self.input, "context": self.context}
        return {**shown, "output": self.output} if self.has_output else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """It never changes. Another source is another version."""

    number: int = 0
    source: str
    schema: dict[str, Any] = field(default_factory=dict)
    context_schema: dict[str, Any] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    cache_s: int = 0
    for_players: bool = False
    """Whether signed-in players may run it."""
    capture: bool = False
    """Whether headers, inputs and answers of its runs are kept with their log."""
    description: str = ""
    tags: tuple[str, ...] = ()
    created_at: str = ""
    created_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    project: str
    name: str
    """As language-title."""
    active_version: int = 0
    """0 where the function is switched off."""
    latest: int = 0
    description: str = ""
    tags: tuple[str, ...] = ()
    created_at: str = ""
    created_by: str = ""
    updated_at: str = ""
    revision: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "project": self.project,
            "languageTitle": self.name,
            "language": LANGUAGE,
            "title": self.name.removeprefix(f"{LANGUAGE}-"),
            "description": self.description,
            "tags": list(self.tags),
            "active": self.active_version > 0,
            "version": self.active_version or None,
            "latestVersion": self.latest,
            "createdAt": self.created_at,
            "createdBy": self.created_by,
            "updatedAt": self.updated_at,
        }


def name_in(text: str) -> str:
    if not _TITLE.fullmatch(text):
        raise Malformed("function", f"not {LANGUAGE}- and 1 to 64 of a-z 0-9 -")
    return text


def version_in(body: bytes, *, now: str, by: str) -> Version:
    said = _object(body, MOST_BODY, _FIELDS)
    source = said.get("source")
    if not isinstance(source, str) or not source.strip():
        raise Malformed("source", "missing; send the JavaScript")
    if _size(source) > MOST_SOURCE:
        raise SourceRefused(f"source: {_size(source)} bytes; at most {MOST_SOURCE}")
    return Version(
        source=source,
        schema=_schema(said, "schema"),
        context_schema=_schema(said, "contextSchema"),
        examples=_examples(said.get("examples", [])),
        cache_s=_whole(said, "cacheSeconds", 0, MOST_CACHE_S),
        for_players=_flag(said, "forPlayers"),
        capture=_flag(said, "capture"),
        description=_text(said, "description"),
        tags=_tags(said.get("tags", [])),
        created_at=now,
        created_by=by,
    )


def activation_in(body: bytes) -> int:
    """The version to run from now on; 0 to switch the function off."""
    said = _object(body, 1024, ("version",))
    version = said.get("version", -1)
    if version is None:
        return 0
    if type(version) is not int or version < 1:
        raise Malformed("version", "not a version's number, or null to switch the function off")
    return version


def input_in(body: bytes) -> Any:
    return _object(body or b"{}", MOST_INPUT + 1024, ("input",)).get("input")


def session_in(body: bytes) -> tuple[Any, int]:
    """The context, and for how many seconds the session lasts."""
    said = _object(body or b"{}", MOST_INPUT + 1024, ("context", "seconds"))
    return said.get("context"), _whole(said, "seconds", 1, MOST_SESSION_S, usual=600)


def written(value: Any) -> str:
    """The same for equal values, whatever the order of names."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def cache_key(project: str, name: str, version: int, given: str, player: str) -> str:
    """An answer for one player is no other's."""
    parts = (project, name, str(version), given, *([player] if player else []))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _object(body: bytes, most: int, fields: tuple[str, ...]) -> dict[str, Any]:
    if len(body) > most:
        raise Malformed("body", f"{len(body)} bytes; at most {most}")
    said = json_in(body)
    if not isinstance(said, dict):
        raise Malformed("body", "not a JSON object")
    refuse_unknown(said, fields)
    return said


def _schema(said: dict[str, Any], field: str) -> dict[str, Any]:
    schema = said.get(field) or {}
    if problem := problem_of_schema(schema, field):
        where, _, why = problem.partition(": ")
        raise Malformed(where, why)
    if _size(written(schema)) > 8192:
        raise Malformed(field, "more than 8192 bytes as JSON")
    return dict(schema)


def _examples(value: Any) -> tuple[Example, ...]:
    if not isinstance(value, list) or len(value) > MOST_EXAMPLES:
        raise Malformed("examples", f"not a list of at most {MOST_EXAMPLES}")
    if _size(written(value)) > 16_384:
        raise Malformed("examples", "more than 16384 bytes as JSON")
    found = []
    for number, each in enumerate(value):
        if not isinstance(each, dict):
            raise Malformed(f"examples[{number}]", "not an object")
        refuse_unknown(each, ("input", "context", "output"), f"examples[{number}].")
        found.append(
            Example(each.get("input"), each.get("context"), "output" in each, each.get("output"))
        )
    return tuple(found)


def _tags(value: Any) -> tuple[str, ...]:
    fits = isinstance(value, list) and len(value) <= 10
    if not fits or not all(isinstance(each, str) and _TAG.fullmatch(each) for each in value):
        raise Malformed("tags", "not a list of at most 10 words of a-z 0-9 -")
    return tuple(value)


def _text(said: dict[str, Any], field: str) -> str:
    value = said.get(field, "")
    if not isinstance(value, str) or len(value) > 500 or not (value == "" or value.isprintable()):
        raise Malformed(field, "not a text of at most 500 printable characters")
    return value


def _flag(said: dict[str, Any], field: str) -> bool:
    value = said.get(field, False)
    if not isinstance(value, bool):
        raise Malformed(field, "not true or false")
    return value


def _whole(
    said: dict[str, Any], field: str, least: int, most: int, usual: int | None = None
) -> int:
    value = said.get(field, least if usual is None else usual)
    if type(value) is not int or not least <= value <= most:
        raise Malformed(field, f"not a whole number from {least} to {most}")
    return value


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
