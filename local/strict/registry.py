"""The registry of rules."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local.strict.settings import Strictness

NAMESPACE: Final = "http://cloudfront.amazonaws.com/doc/2020-05-31/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS's status, error code and wording."""

    status: int
    code: str
    message: str
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the error, as TransactionCanceledException has them."""


@dataclass(frozen=True, slots=True)
class Call:
    """An API operation, or a resource that CloudFormation is about to create or update."""

    name: str
    """`cloudfront:UpdateDistribution`, or `AWS::CloudFront::Function`."""
    strictness: Strictness
    path: str = ""
    body: bytes = b""
    properties: Mapping[str, Any] | None = None
    """A resource's properties, with references resolved."""

    @property
    def json(self) -> dict[str, Any]:
        """The body's members, or the resource's properties in the API's spelling."""
        if self.properties is not None:
            spelled: dict[str, Any] = _as_in_the_api(self.properties)
            return spelled
        try:
            read = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def xml(self) -> ET.Element | None:
        """The body with every element in CloudFront's namespace; None if it is not XML."""
        try:
            root = ET.fromstring(self.body)
        except ET.ParseError:
            return None
        for element in root.iter():
            element.tag = f"{{{NAMESPACE}}}{element.tag.rpartition('}')[2]}"
        return root


Check = Callable[[Call], Refusal | None]


@dataclass(frozen=True, slots=True)
class Rule:
    what: str
    """What the rule refuses, as docs/reference/local.md lists it."""
    source: str
    """The page of AWS's documentation."""
    calls: tuple[str, ...]
    check: Check
    waits: bool
    """Whether the check uses the network, so must not run in the emulator's event loop."""


RULES: Final[list[Rule]] = []


def refuses(*calls: str, what: str, source: str, waits: bool = False) -> Callable[[Check], Check]:
    """Registers a rule for these operations or resource types."""

    def register(check: Check) -> Check:
        RULES.append(Rule(what, source, calls, check, waits))
        return check

    return register


def rules_for(name: str) -> list[Rule]:
    return [rule for rule in RULES if name in rule.calls]


def _as_in_the_api(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _as_in_the_api(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_in_the_api(each) for each in value]
    return value
