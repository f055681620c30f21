"""Strict, frozen models, and the one error for a mistake in config."""

import re
from collections.abc import Callable, Iterator
from dataclasses import field
from functools import wraps
from typing import Any, Final, TypeVar, cast, dataclass_transform

from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

ENVIRONMENTS_FILE: Final = "config/environments.py"
_STRICT: Final = ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=True)
_Class = TypeVar("_Class")


class ConfigError(Exception):
    """A mistake in config. The message names the file, the field, the problem and the fix."""

    def __init__(self, file: object, field: str, problem: str) -> None:
        super().__init__(f"{file}: {field}: {problem}" if field else f"{file}: {problem}")

    @classmethod
    def joined(cls, errors: "list[ConfigError]") -> "ConfigError":
        """One error with every message, a line each."""
        joined = cls.__new__(cls)
        Exception.__init__(joined, "\n".join(map(str, errors)))
        return joined


class CapabilitySettings:
    """Base of the settings that an environment gives to one capability."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field, Field))
def model(cls: type[_Class]) -> type[_Class]:
    """Makes a dataclass that pydantic validates. `dataclasses.replace` validates again.

    A wrong value raises a ConfigError for config/environments.py, where such values are written.
    """
    return _validated(cls, ENVIRONMENTS_FILE)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field, Field))
def part_of_manifest(cls: type[_Class]) -> type[_Class]:
    """Like model, for values that are written in a manifest."""
    return _validated(cls, "config/capabilities")


def _validated(cls: type[_Class], file: str) -> type[_Class]:
    made: Any = dataclass(kw_only=True, frozen=True, config=_STRICT)(cls)
    made.__init__ = _explained(made.__init__, file, _snake_case(cls.__name__))
    return cast("type[_Class]", made)


def _explained(validate: Callable[..., None], file: str, owner: str) -> Callable[..., None]:
    @wraps(validate)
    def __init__(self: object, *positional: object, **given: object) -> None:  # noqa: N807
        try:
            validate(self, *positional, **given)
        except ValidationError as error:
            raise ConfigError.joined(
                [
                    ConfigError(file, f"{owner}.{place}".rstrip("."), problem)
                    for place, problem in problems(error)
                ]
            ) from None

    return __init__


def problems(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Each wrong field, and what is wrong with it."""
    for detail in error.errors():
        yield ".".join(str(part) for part in detail["loc"]), _problem(detail)


def _problem(detail: ErrorDetails) -> str:
    value = detail["input"]
    match detail["type"]:
        case "value_error":
            return detail["msg"].removeprefix("Value error, ")
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return "missing; give it a value"
        case "unexpected_keyword_argument" | "extra_forbidden" if isinstance(
            value, CapabilitySettings
        ):
            name = type(value).__name__
            return f"no such field; fix: capabilities=({name}(…),) in place of it"
        case "unexpected_keyword_argument" | "extra_forbidden":
            return (
                "no such field; fix: remove it. A capability is on where capabilities=(…,) has "
                "its settings"
            )
        case "tuple_type" if isinstance(value, CapabilitySettings):
            return f"not a tuple; fix: ({type(value).__name__}(…),) with the comma"
    return f"{value!r}: {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
