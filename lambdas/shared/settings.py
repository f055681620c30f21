"""A Lambda's settings: a dataclass that the stack writes and the function reads."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self


class MissingSetting(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"environment variable {name} is not set; the stack sets it from Settings")


def such_as(example: str) -> Any:
    """A field whose text has a form, with an example for whoever starts the function elsewhere."""
    return field(metadata={"example": example})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Each field is a string or an integer. Its variable has the same name in capitals."""

    @classmethod
    def example(cls) -> dict[str, str]:
        """Variables with which a function starts, though it finds nothing."""
        return {each.name.upper(): each.metadata.get("example", "1") for each in fields(cls)}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        values = {}
        for each in fields(cls):
            variable = each.name.upper()
            if variable not in environment:
                raise MissingSetting(variable)
            convert = int if each.type is int else str
            values[each.name] = convert(environment[variable])
        return cls(**values)

    def to_environment(self) -> dict[str, str]:
        return {each.name.upper(): str(getattr(self, each.name)) for each in fields(self)}


def endpoint_of(service: str, region: str) -> str:
    """As an SDK's client finds it: the variables name the emulator on a laptop."""
    named = f"AWS_ENDPOINT_URL_{service.upper()}"
    given = os.environ.get(named) or os.environ.get("AWS_ENDPOINT_URL")
    return (given or f"https://{service}.{region}.amazonaws.com").rstrip("/") + "/"


def trusted_roots() -> Any:
    """As an SDK's client finds them: True means botocore's own, else it is the path of a bundle."""
    return os.environ.get("AWS_CA_BUNDLE", True)
