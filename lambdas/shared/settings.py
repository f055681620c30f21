"""A Lambda's settings: a dataclass that the stack writes and the function reads."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


class MissingSetting(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"environment variable {name} is not set; the stack sets it from Settings")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Each field is a string or an integer. Its variable has the same name in capitals."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        values = {}
        for field in fields(cls):
            variable = field.name.upper()
            if variable not in environment:
                raise MissingSetting(variable)
            convert = int if field.type is int else str
            values[field.name] = convert(environment[variable])
        return cls(**values)

    def to_environment(self) -> dict[str, str]:
        return {field.name.upper(): str(getattr(self, field.name)) for field in fields(self)}


def endpoint_of(service: str, region: str) -> str:
    """As an SDK's client finds it: the variables name the emulator on a laptop."""
    named = f"AWS_ENDPOINT_URL_{service.upper()}"
    given = os.environ.get(named) or os.environ.get("AWS_ENDPOINT_URL")
    return (given or f"https://{service}.{region}.amazonaws.com").rstrip("/") + "/"


def trusted_roots() -> Any:
    """As an SDK's client finds them: True means botocore's own, else it is the path of a bundle."""
    return os.environ.get("AWS_CA_BUNDLE", True)
