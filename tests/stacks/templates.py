"""An environment's synthesised templates, with every reference written as a name.

An SSM parameter is {/its/name}. A resource with a physical name is that name, or the ARN made of
it. Any other resource is {ItsId}, {ItsId.Arn} and so on.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from app import main
from stacks.shared.packaging import ROOT
from tests.stacks.policies import ACCOUNT, REGION

Json = Any
CONTEXT: Final = json.loads((ROOT / "cdk.json").read_text())["context"] | {
    "environment": "delivered"
}
HERE: Final = f"{REGION}:{ACCOUNT}"
_HASH: Final = re.compile(r"[0-9A-F]{8}$")
_PSEUDO: Final = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}
_NAMED: Final = {
    "AWS::Lambda::Function": ("FunctionName", f"arn:aws:lambda:{HERE}:function:%s"),
    "AWS::Logs::LogGroup": ("LogGroupName", f"arn:aws:logs:{HERE}:log-group:%s:*"),
    "AWS::IAM::Role": ("RoleName", f"arn:aws:iam::{ACCOUNT}:role/%s"),
    "AWS::CloudFront::Function": ("Name", f"arn:aws:cloudfront::{ACCOUNT}:function/%s"),
    "AWS::KinesisFirehose::DeliveryStream": (
        "DeliveryStreamName",
        f"arn:aws:firehose:{HERE}:deliverystream/%s",
    ),
}
"""The property that holds a resource's name, and the form of its ARN."""


def synthesise(out: Path, **context: Any) -> str:
    """Returns the error message where the synth fails."""
    try:
        main(App(outdir=str(out), context=CONTEXT | context))
    except SystemExit as refused:
        return str(refused)
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    stack: str
    id: str
    """Without the hash that the CDK appends."""
    kind: str
    properties: dict[str, Json]
    deletion: str
    replacement: str
    after: frozenset[str]
    condition: str

    @property
    def name(self) -> str:
        return f"{self.stack} {self.id}"

    def without(self, *properties: str) -> dict[str, Json]:
        return {name: value for name, value in self.properties.items() if name not in properties}


class Template:
    def __init__(self, stack: str, content: Mapping[str, Json]) -> None:
        self._stack = stack
        self._content = content
        self._resources: dict[str, Json] = content["Resources"]

    def resources(self) -> Iterator[Resource]:
        for name, each in self._resources.items():
            yield Resource(
                stack=self._stack,
                id=_id(name),
                kind=each["Type"],
                properties=self._written_out(each.get("Properties", {})),
                deletion=each.get("DeletionPolicy", "Delete"),
                replacement=each.get("UpdateReplacePolicy", "Delete"),
                after=frozenset(map(_id, each.get("DependsOn", ()))),
                condition=each.get("Condition", ""),
            )

    def _written_out(self, value: Json) -> Json:
        match value:
            case list():
                return [self._written_out(each) for each in value]
            case {"Ref": str(name)} if len(value) == 1:
                return self._reference(name)
            case {"Fn::GetAtt": [str(name), str(attribute)]} if len(value) == 1:
                return self._attribute(name, attribute)
            case {"Fn::Join": [str(between), list(parts)]} if len(value) == 1:
                return between.join(map(self._written_out, parts))
            case dict():
                return {key: self._written_out(each) for key, each in value.items()}
        return value

    def _reference(self, name: str) -> str:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self._content.get("Parameters", {}):
            return f"{{{self._content['Parameters'][name]['Default']}}}"
        own, _ = self._naming(name)
        return own or f"{{{_id(name)}}}"

    def _attribute(self, name: str, attribute: str) -> str:
        own, arn = self._naming(name)
        if own and attribute in {"Arn", "FunctionARN"}:
            return arn % own
        return f"{{{_id(name)}.{attribute}}}"

    def _naming(self, name: str) -> tuple[str, str]:
        """A resource's own name, where it has one, and the form of its ARN."""
        resource = self._resources[name]
        named_by, arn = _NAMED.get(resource["Type"], ("", ""))
        own = resource.get("Properties", {}).get(named_by, "")
        return str(self._written_out(own)), arn


def _id(name: str) -> str:
    return _HASH.sub("", name)


class Assembly:
    """All stacks of an environment."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @cached_property
    def contents(self) -> dict[str, dict[str, Json]]:
        suffix = ".template.json"
        return {
            path.name.removesuffix(suffix): json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(self.directory.glob(f"*{suffix}"))
        }

    @cached_property
    def resources(self) -> list[Resource]:
        return [
            resource
            for stack, content in self.contents.items()
            for resource in Template(stack, content).resources()
        ]

    def of(self, *kinds: str) -> list[Resource]:
        return [each for each in self.resources if each.kind in kinds]

    @cached_property
    def order(self) -> dict[str, set[str]]:
        """The stacks that each stack is deployed after."""
        artifacts = json.loads((self.directory / "manifest.json").read_text())["artifacts"]
        return {
            stack: {each for each in artifacts[stack].get("dependencies", ()) if each in artifacts}
            & self.contents.keys()
            for stack in self.contents
        }
