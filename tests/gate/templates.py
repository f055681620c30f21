"""The content of templates, in a form that people can review and a test can compare.

A move of code may change asset hashes, handler paths and the code of edge functions: placeholders
stand for them. Everything else is kept, and lists without an order are sorted.
"""

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from config.environments import LOCAL
from tests.gate.changes import patch_between, patched
from tests.gate.layout import laid_out

Json = Any
Stacks = dict[str, Json]
"""Snapshots by the names of their stacks."""

RECORDED: Final = Path(__file__).parent / "templates"
BASE: Final = "complete"
ENVIRONMENTS: Final = {"complete": "complete", "production": "delivered", "local": "local"}
"""Production is compared as delivered: what you make of PRODUCTION is yours."""

_SECTIONS: Final = ("Description", "Parameters", "Conditions", "Outputs", "Resources")
"""Rules check the CDK's bootstrap version, and change with the CDK."""
_SUFFIX: Final = ".template.json"
_VIEW: Final = re.compile(r"/\* Presto View: (\S+) \*/")
_SETS: Final = {"DependsOn", "Action", "NotAction", "Resource", "Statement", "Tags"}
"""Lists whose order says nothing."""
_HERE: Final = {
    str(LOCAL.account): "${AWS::AccountId}",
    str(LOCAL.region): "${AWS::Region}",
    "arn:aws:": "arn:${AWS::Partition}:",
}
"""The local environment names its account and region; the others leave them open."""


def recorded(environment: str) -> Stacks:
    found = _read(RECORDED / BASE)
    return found if environment == BASE else patched(found, _read(RECORDED / environment))


def record(now: Mapping[str, Stacks]) -> None:
    """One environment in full, and of the others what differs: one change is reviewed once."""
    for environment, stacks in now.items():
        written = stacks if environment == BASE else patch_between(now[BASE], stacks)
        _write(RECORDED / environment, written)


def _read(folder: Path) -> Stacks:
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
    }


def _write(folder: Path, stacks: Stacks) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        path.unlink()
    for stack, snapshot in stacks.items():
        (folder / f"{stack}.json").write_text(laid_out(snapshot), encoding="utf-8")


def snapshots_of(assembly: Path, environment: str) -> Stacks:
    return {
        path.name.removesuffix(_SUFFIX): snapshot_of(
            json.loads(path.read_text(encoding="utf-8")), local=environment == LOCAL.name
        )
        for path in sorted(assembly.glob(f"*{_SUFFIX}"))
    }


def snapshot_of(template: Json, *, local: bool = False) -> Json:
    kept = {name: _written_out(template[name]) for name in _SECTIONS if name in template}
    for resource in kept["Resources"].values():
        _replace_code(resource)
        if local:
            _forget_this_machine(resource)
    snapshot = _opened(_ordered(_left_open(kept) if local else kept))
    snapshot["Resources"] = {
        name: {"Type": resource.pop("Type"), **resource}
        for name, resource in snapshot["Resources"].items()
    }
    return snapshot


def _replace_code(resource: Json) -> None:
    properties = resource.get("Properties", {})
    match resource["Type"]:
        case "AWS::Lambda::Function":
            properties["Code"]["S3Key"] = "<asset>"
            if properties["Handler"].startswith("lambdas."):
                properties["Handler"] = "<handler>"
        case "AWS::Lambda::LayerVersion":
            properties["Content"]["S3Key"] = "<asset>"
        case "AWS::CloudFront::Function":
            properties["FunctionCode"] = "<code>"


def _forget_this_machine(resource: Json) -> None:
    """Local functions run on the host's processor."""
    if "Architectures" in resource.get("Properties", {}):
        resource["Properties"]["Architectures"] = "<this machine's>"


def _left_open(value: Json) -> Json:
    text = json.dumps(value)
    for named, reference in _HERE.items():
        text = text.replace(named, reference)
    return json.loads(text)


def _written_out(value: Json) -> Json:
    """References as Fn::Sub writes them: shorter, and they say the same."""
    match value:
        case {"Ref": name, **others} if not others:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute], **others} if not others:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Sub": str(text), **others} if not others:
            return text
        case {"Fn::Join": ["", [*parts]], **others} if not others:
            return _joined([_written_out(part) for part in parts])
        case dict():
            return {name: _written_out(each) for name, each in value.items()}
        case list():
            return [_written_out(each) for each in value]
        case str():
            return value.replace("${", "${!")
    return value


def _joined(parts: list[Json]) -> Json:
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return {"Fn::Join": ["", parts]}


def _ordered(value: Json, name: str = "") -> Json:
    if isinstance(value, dict):
        return {name: _ordered(value[name], name) for name in sorted(value)}
    if not isinstance(value, list):
        return value
    ordered = [_ordered(each) for each in value]
    return sorted(ordered, key=json.dumps) if name in _SETS else ordered


def _opened(value: Json) -> Json:
    """Parses the JSON texts of dashboards, views and filters."""
    if isinstance(value, dict):
        return {name: _opened(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_opened(each) for each in value]
    if not isinstance(value, str):
        return value
    if view := _VIEW.fullmatch(value):
        return {"<Presto view>": json.loads(base64.b64decode(view[1]))}
    if value.startswith(("{", "[")):
        try:
            return {"<JSON>": _ordered(json.loads(value))}
        except ValueError:
            return value  # a filter's pattern begins like JSON and is none
    return value
