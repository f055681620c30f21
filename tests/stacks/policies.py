"""IAM policies as a synthesised template holds them, read and judged."""

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

Json = Any
ACCOUNT = "000000000000"
REGION = "us-east-1"
_PSEUDO = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}


def written_out(value: Json, named: Mapping[str, str]) -> Json:
    """With every Ref and Join as it would be in an account."""
    if isinstance(value, list):
        return [written_out(each, named) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return {**_PSEUDO, **named}[value["Ref"]]
    if set(value) == {"Fn::GetAtt"}:
        return ".".join(value["Fn::GetAtt"])
    if set(value) == {"Fn::Join"}:
        between, parts = value["Fn::Join"]
        return between.join(written_out(parts, named))
    return {key: written_out(each, named) for key, each in value.items()}


def may_assume(trust: Json, provider: str, claims: Mapping[str, str]) -> bool:
    """Whether a token of this identity provider, saying this, opens a role so trusted."""
    return any(_admits(statement, provider, claims) for statement in trust["Statement"])


def _admits(statement: Json, provider: str, claims: Mapping[str, str]) -> bool:
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    issuer = provider.rpartition("oidc-provider/")[2]
    # Only the operator that knows no wildcard and no missing key is understood here.
    [(operator, conditions)] = statement["Condition"].items()
    assert operator == "StringEquals"
    return statement["Principal"] == {"Federated": provider} and all(
        claims.get(key.removeprefix(f"{issuer}:"))
        in ([wanted] if isinstance(wanted, str) else wanted)
        for key, wanted in conditions.items()
    )


def may_touch(policy: Json, action: str, *partitions: str) -> bool:
    """Whether a policy lets a request of DynamoDB reach items of these partitions."""
    return any(
        statement["Effect"] == "Allow"
        and action in statement["Action"]
        and _all_hold(statement.get("Condition", {}), partitions)
        for statement in policy["Statement"]
    )


def _all_hold(conditions: Json, partitions: Sequence[str]) -> bool:
    if not conditions:
        return True
    [(operator, tests)] = conditions.items()
    [(key, wanted)] = tests.items()
    assert (operator, key) == ("ForAllValues:StringLike", "dynamodb:LeadingKeys")
    patterns = [wanted] if isinstance(wanted, str) else wanted
    return all(any(fnmatchcase(one, each) for each in patterns) for one in partitions)


def without(trust: Json, claim: str) -> Json:
    """The same trust for who cannot see this claim."""
    bare = json.loads(json.dumps(trust))
    for statement in bare["Statement"]:
        conditions = statement["Condition"]["StringEquals"]
        for key in [key for key in conditions if key.endswith(f":{claim}")]:
            del conditions[key]
    return bare
