"""Checks GetParameters on each named parameter, as AWS does; the emulator checks it on `*`."""

import json
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_actions, iam_evaluator

_resource_of = iam_actions.extract_resource_arn
_enforce = iam_evaluator.enforce


def know_parameters() -> None:
    iam_actions.extract_resource_arn = _resource_or_parameters
    iam_evaluator.enforce = _enforce_each


@dataclass(frozen=True, slots=True)
class _Parameters:
    """The resources of one call, which the emulator passes between the two functions unread."""

    each: list[str]

    def __str__(self) -> str:
        return ", ".join(self.each)


def _resource_or_parameters(
    service: str,
    method: str,
    path: str,
    headers: Any,
    body: bytes,
    routing: Any,
    region: str,
    account: str,
) -> str | _Parameters:
    target = headers.get("x-amz-target", "")
    if service != "ssm" or target.rpartition(".")[2] != "GetParameters":
        return str(_resource_of(service, method, path, headers, body, routing, region, account))
    names = json.loads(body).get("Names") or ["*"]
    arn = f"arn:aws:ssm:{region}:{account}:parameter/"
    return _Parameters([f"{arn}{str(name).lstrip('/')}" for name in names])


def _enforce_each(*asked: Any, **named: Any) -> Any:
    resource = named.get("resource_arn")
    if not isinstance(resource, _Parameters):
        return _enforce(*asked, **named)
    denied = (_enforce(*asked, **named | {"resource_arn": each}) for each in resource.each)
    return next((each for each in denied if each), None)
