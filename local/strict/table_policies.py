"""Policies of DynamoDB tables, which the emulator's CloudFormation leaves out.

A policy may depend on the partitions of a request. AWS does not say whether each write of a
transaction is then judged by its own partition, or by those of all. Here each is judged by all, the
reading in which a policy may refuse a program that it should not.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

_TABLE: Final = re.compile(r"arn:[^:]*:dynamodb:[^:]*:[^:]*:table/([^/]+)")
_EQUALS: Final = re.compile(r"(#?\w+)\s*=\s*(:\w+)")
_SESSION: Final = re.compile(r"arn:([^:]*):sts::(\d*):assumed-role/([^/]+)/.*")
_LOOKUP: Final = "htmlgame_policy_for_arn"

Request = Mapping[str, Any]


def enforce_table_policies() -> None:
    """For all principals but root, whom the emulator allows everything."""
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services import dynamodb

    setattr(dynamodb, _LOOKUP, _policy_for)
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["dynamodb"] = ("dynamodb", _LOOKUP)
    context, resolve = iam_actions.dynamodb_service_context, iam_evaluator._resolve_condition_key

    def with_partitions(body: bytes) -> dict[str, Any]:
        known: dict[str, Any] = context(body)
        found = sorted(set(_partitions(_read(body))))
        return known | {"dynamodb:LeadingKeys": found} if found else known

    def with_roles(key: str, request: Any) -> Any:
        value = resolve(key, request)
        # The emulator names the session of a role, where AWS names the role.
        is_arn = key.lower() == "aws:principalarn"
        return _SESSION.sub(r"arn:\1:iam::\2:role/\3", str(value)) if is_arn else value

    iam_actions.dynamodb_service_context = with_partitions
    iam_evaluator._resolve_condition_key = with_roles


def _policy_for(arn: str) -> tuple[Any, None] | None:
    """The policy in the template of the table's stack, and its account: the caller's."""
    from ministack.services.cloudformation import _stacks

    table = _TABLE.fullmatch(arn)
    if table is None:
        return None
    for stack in _stacks.values():
        for resource in stack.get("_resources", {}).values():
            if (resource["ResourceType"], resource.get("PhysicalResourceId")) == (
                "AWS::DynamoDB::Table",
                table[1],
            ):
                policy = resource["Properties"].get("ResourcePolicy")
                return None if policy is None else (policy["PolicyDocument"], None)
    return None


def _read(body: bytes) -> Request:
    try:
        read = json.loads(body or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _partitions(request: Request) -> Iterator[str]:
    for table, call in _calls(request):
        key = _partition_key(table)
        for named in (call.get("Key"), call.get("Item"), _conditions(call)):
            if isinstance(named, Mapping) and key in named:
                yield from (str(value) for value in named[key].values())


def _calls(request: Request) -> Iterator[tuple[str, Request]]:
    """The request itself, or the calls of which a batch or a transaction consists."""
    yield str(request.get("TableName")), request
    for item in request.get("TransactItems", ()):
        yield from ((str(call.get("TableName")), call) for call in item.values())
    for table, asked in request.get("RequestItems", {}).items():
        if isinstance(asked, list):
            yield from ((table, call) for each in asked for call in each.values())
        else:
            yield from ((table, {"Key": key}) for key in asked.get("Keys", ()))


def _conditions(query: Request) -> Request:
    """What a query's key condition says with an equals sign."""
    names = query.get("ExpressionAttributeNames", {})
    values = query.get("ExpressionAttributeValues", {})
    found: Iterable[tuple[str, str]] = _EQUALS.findall(query.get("KeyConditionExpression", ""))
    return {names.get(name, name): values[value] for name, value in found if value in values}


def _partition_key(table: str) -> str:
    """Empty for a table that does not exist."""
    from ministack.services import dynamodb

    known = dynamodb._tables.get(table.rpartition("/")[2]) or {}
    keys = {key["KeyType"]: str(key["AttributeName"]) for key in known.get("KeySchema", ())}
    return keys.get("HASH", "")
