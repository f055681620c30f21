"""The templates that a synth wrote, and how they differ from the deployed ones."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from operations.errors import OperatorError

Template = Mapping[str, Any]
_WARNING: Final = "aws:cdk:warning"
_OURS: Final = " [ack: htmlgame:"
_KEEPS_DATA: Final = {
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::KeyValueStore",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
}
_REPLACES: Final = {
    "AWS::CloudFront::KeyValueStore": ("Name",),
    "AWS::DynamoDB::Table": ("TableName", "KeySchema"),
    "AWS::S3::Bucket": ("BucketName",),
}
"""Changing one of these properties replaces the resource with a new, empty one."""


class NotSynthesised(OperatorError):
    code = "not_synthesised"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path}: there are no synthesised stacks; make synth writes them to cdk.out"
        )


@dataclass(frozen=True, slots=True)
class Change:
    """How one stack changes."""

    summary: str
    dangers: tuple[str, ...] = ()
    """Losses of data and other effects that the operator should know of first."""


class Assembly:
    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _artifacts(self) -> dict[str, dict[str, Any]]:
        """The stacks among them."""
        manifest = self._path / "manifest.json"
        if not manifest.is_file():
            raise NotSynthesised(self._path)
        artifacts = json.loads(manifest.read_text(encoding="utf-8"))["artifacts"]
        return {
            name: artifact
            for name, artifact in artifacts.items()
            if artifact["type"] == "aws:cloudformation:stack"
        }

    @property
    def _stacks(self) -> dict[str, dict[str, Any]]:
        return {name: artifact["properties"] for name, artifact in self._artifacts.items()}

    @property
    def needs(self) -> dict[str, set[str]]:
        """The stacks that each stack depends on."""
        stacks = self._artifacts.keys()
        return {
            name: stacks & set(artifact.get("dependencies", ()))
            for name, artifact in self._artifacts.items()
        }

    @cached_property
    def templates(self) -> dict[str, Template]:
        return {
            name: json.loads((self._path / stack["templateFile"]).read_text(encoding="utf-8"))
            for name, stack in self._stacks.items()
        }

    @cached_property
    def warnings(self) -> list[str]:
        """The warnings of htmlgame, each once; those of the CDK are in its log."""
        found = [str(each["data"]) for each in self._metadata() if each["type"] == _WARNING]
        return list(dict.fromkeys(each.partition(_OURS)[0] for each in found if _OURS in each))

    def _metadata(self) -> Iterator[dict[str, Any]]:
        for stack in self._stacks:
            path = self._path / f"{stack}.metadata.json"
            if path.is_file():
                for entries in json.loads(path.read_text(encoding="utf-8")).values():
                    yield from entries

    @property
    def bootstrap_version(self) -> int:
        return max(
            (stack.get("requiresBootstrapStackVersion", 1) for stack in self._stacks.values()),
            default=1,
        )


def change(deployed: Template | None, planned: Template) -> Change:
    after = planned["Resources"]
    if deployed is None:
        return Change(f"new, {len(after)} resources")
    before = deployed["Resources"]
    groups = {
        "new": [after[name] for name in after.keys() - before.keys()],
        "changed": [after[name] for name in _changed(before, after)],
        "gone": [before[name] for name in before.keys() - after.keys()],
    }
    parts = [f"{len(each)} {kind} ({_kinds(each)})" for kind, each in groups.items() if each]
    return Change("; ".join(parts) or "nothing changes", tuple(_dangers(before, after)))


def _changed(before: Template, after: Template) -> Iterator[str]:
    for name in sorted(before.keys() & after.keys()):
        if _without_metadata(before[name]) != _without_metadata(after[name]):
            yield name


def _without_metadata(resource: Template) -> dict[str, Any]:
    """As plain JSON: CloudFormation may return other types."""
    content = {key: value for key, value in resource.items() if key != "Metadata"}
    plain: dict[str, Any] = json.loads(json.dumps(content))
    return plain


def _kinds(resources: list[Template]) -> str:
    counted = Counter(each["Type"].removeprefix("AWS::") for each in resources)
    return ", ".join(
        kind if number == 1 else f"{number} {kind}" for kind, number in sorted(counted.items())
    )


def _dangers(before: Template, after: Template) -> Iterator[str]:
    for name, resource in sorted(before.items()):
        kind = resource["Type"]
        if kind not in _KEEPS_DATA:
            continue
        if name not in after:
            kept = resource.get("DeletionPolicy", "Delete") != "Delete"
            fate = "stays in the account without a stack" if kept else "is deleted"
            yield f"{kind} {name} {fate}"
        elif _replaced(resource, after[name]):
            yield f"{kind} {name} is replaced by a new, empty one"


def _replaced(before: Template, after: Template) -> bool:
    old, new = before.get("Properties", {}), after.get("Properties", {})
    return any(old.get(name) != new.get(name) for name in _REPLACES.get(before["Type"], ()))
