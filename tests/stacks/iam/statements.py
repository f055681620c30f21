"""Every IAM statement of an assembly, with references written as the ARNs they will be."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Json = Any
_ACCOUNT: Final = "111122223333"
_HERE: Final = f"us-east-1:{_ACCOUNT}"
_PSEUDO: Final = {
    "AWS::AccountId": _ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
}
ARNS: Final = {
    (
        "AWS::CloudFront::Distribution",
        "DistributionArn",
    ): f"cloudfront::{_ACCOUNT}:distribution/%s",
    ("AWS::CloudFront::Function", "FunctionARN"): f"cloudfront::{_ACCOUNT}:function/%s",
    ("AWS::CloudFront::KeyValueStore", "Arn"): f"cloudfront::{_ACCOUNT}:key-value-store/%s",
    ("AWS::DynamoDB::Table", "Arn"): f"dynamodb:{_HERE}:table/%s",
    ("AWS::DynamoDB::Table", "StreamArn"): f"dynamodb:{_HERE}:table/%s/stream/label",
    ("AWS::Events::Rule", "Arn"): f"events:{_HERE}:rule/%s",
    ("AWS::IAM::ManagedPolicy", "Ref"): f"iam::{_ACCOUNT}:policy/%s",
    ("AWS::IAM::OIDCProvider", "Ref"): f"iam::{_ACCOUNT}:oidc-provider/%s",
    ("AWS::IAM::Role", "Arn"): f"iam::{_ACCOUNT}:role/%s",
    ("AWS::KMS::Key", "Arn"): f"kms:{_HERE}:key/%s",
    ("AWS::KinesisFirehose::DeliveryStream", "Arn"): f"firehose:{_HERE}:deliverystream/%s",
    ("AWS::Lambda::Function", "Arn"): f"lambda:{_HERE}:function:%s",
    ("AWS::Logs::LogGroup", "Arn"): f"logs:{_HERE}:log-group:%s:*",
    ("AWS::S3::Bucket", "Arn"): "s3:::%s",
    ("AWS::SNS::Topic", "Ref"): f"sns:{_HERE}:%s",
    ("AWS::SNS::Topic", "TopicArn"): f"sns:{_HERE}:%s",
    ("AWS::SQS::Queue", "Arn"): f"sqs:{_HERE}:%s",
}
"""Behind "arn:aws:", what a resource's attribute is; Ref is the name of most others."""


class UnknownReferenceError(Exception):
    """A policy refers to something whose ARN is not in ARNS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    where: str
    """The stack and the resource."""
    holders: tuple[str, ...]
    """The roles that it grants to; none in a policy of a resource."""
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    """Empty in a trust policy, which has none."""
    keys: tuple[str, ...]
    federated: tuple[str, ...]
    """Issuers that it trusts."""
    unread: tuple[str, ...]
    """Members that nothing here understands, such as NotAction."""


_READ: Final = {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}


class Assembly:
    def __init__(self, directory: Path) -> None:
        suffix = ".template.json"
        self._templates = {
            path.name.removesuffix(suffix): json.loads(path.read_text())
            for path in sorted(directory.glob(f"*{suffix}"))
        }

    def statements(self) -> Iterator[Statement]:
        for stack, template in self._templates.items():
            for name, resource in template["Resources"].items():
                yield from self._statements_of(stack, name, resource)

    def _statements_of(self, stack: str, id: str, resource: Json) -> Iterator[Statement]:
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::Permission":
            yield self._statement(stack, id, (), _invocation(properties))
        for name, document in _documents(properties):
            trust = name == "AssumeRolePolicyDocument"
            holders = () if trust else self._holders(stack, id, resource)
            for content in document["Statement"]:
                yield self._statement(stack, id, holders, content)

    def _statement(
        self, stack: str, id: str, holders: tuple[str, ...], content: Mapping[str, Json]
    ) -> Statement:
        written = self._written_out(stack, content)
        conditions: dict[str, Json] = written.get("Condition", {})
        principal = written.get("Principal", {})
        federated = principal.get("Federated", ()) if isinstance(principal, dict) else ()
        return Statement(
            where=f"{stack} {id}",
            holders=holders,
            effect=written["Effect"],
            actions=_several(written.get("Action", ())),
            resources=_several(written.get("Resource", ())),
            keys=tuple(key for tests in conditions.values() for key in tests),
            federated=tuple(
                each.partition("oidc-provider/")[2] or each for each in _several(federated)
            ),
            unread=tuple(sorted(content.keys() - _READ)),
        )

    def _holders(self, stack: str, id: str, resource: Json) -> tuple[str, ...]:
        """Roles by their names, since a policy may be of a role in another stack."""
        match resource["Type"]:
            case "AWS::IAM::Role":
                return (self._name(stack, id),)
            case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy":
                roles = resource["Properties"].get("Roles", ())
                return tuple(self._written_out(stack, roles)) or (f"{stack} {id}",)
        return ()

    def _written_out(self, stack: str, value: Json) -> Json:
        match value:
            case list():
                return [self._written_out(stack, each) for each in value]
            case {"Ref": str(name)} if len(value) == 1:
                return self._attribute(stack, name, "Ref")
            case {"Fn::GetAtt": [str(name), str(attribute)]} if len(value) == 1:
                return self._attribute(stack, name, attribute)
            case {"Fn::Join": [str(between), list(parts)]} if len(value) == 1:
                return between.join(self._written_out(stack, each) for each in parts)
            case dict():
                if unknown := [key for key in value if key.startswith("Fn::")]:
                    raise UnknownReferenceError(f"{stack}: {unknown[0]}")
                return {key: self._written_out(stack, each) for key, each in value.items()}
        return value

    def _attribute(self, stack: str, name: str, attribute: str) -> str:
        template = self._templates[stack]
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in template.get("Parameters", {}):
            return self._parameter(template["Parameters"][name])
        kind = template["Resources"][name]["Type"]
        if (kind, attribute) in ARNS:
            return "arn:aws:" + ARNS[kind, attribute] % self._name(stack, name)
        if attribute != "Ref":
            raise UnknownReferenceError(f"{stack}: {attribute} of {kind}")
        return self._name(stack, name)

    def _name(self, stack: str, id: str) -> str:
        """The physical name if it is given, since it distinguishes roles of two stacks."""
        properties = self._templates[stack]["Resources"][id].get("Properties", {})
        given = properties.get("RoleName") or properties.get("Url")
        if given is None:
            return id
        return str(self._written_out(stack, given)).removeprefix("https://")

    def _parameter(self, parameter: Json) -> str:
        """The value that another stack of this assembly writes to an SSM parameter."""
        default = str(parameter.get("Default", ""))
        for writer, template in self._templates.items():
            for resource in template["Resources"].values():
                properties = resource.get("Properties", {})
                if resource["Type"] == "AWS::SSM::Parameter" and properties["Name"] == default:
                    return str(self._written_out(writer, properties["Value"]))
        return default.strip("/").replace("/", "-")


def _documents(value: Json, name: str = "") -> Iterator[tuple[str, Json]]:
    """Policy documents wherever they are, by the property that holds each."""
    if isinstance(value, str) and '"Statement"' in value:
        value = json.loads(value)
    if isinstance(value, list):
        for each in value:
            yield from _documents(each, name)
    if not isinstance(value, dict):
        return
    if isinstance(value.get("Statement"), list):
        yield name, value
    for key, each in value.items():
        yield from _documents(each, key)


def _invocation(properties: Mapping[str, Json]) -> dict[str, Json]:
    """The statement that AWS::Lambda::Permission adds to a function's policy."""
    conditions = {f"aws:{key}": 1 for key in ("SourceArn", "SourceAccount") if key in properties}
    return {
        "Effect": "Allow",
        "Action": properties["Action"],
        "Resource": properties["FunctionName"],
        "Principal": {"Service": properties["Principal"]},
        "Condition": {"StringEquals": conditions},
    }


def _several(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
