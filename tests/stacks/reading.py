"""The synthesised templates as rows of the form that tests/stacks/intent has."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from tests.stacks.intent.ops import FILTERS
from tests.stacks.intent.rows import CALLERS, GRANTS, ROUTES, ByKind, Row, table
from tests.stacks.templates import Assembly, Resource

Json = Any

_LEFT_TO_OTHERS: Final = {
    "AWS::Lambda::Function": ("Code",),  # test_packaging.py
    "AWS::Lambda::LayerVersion": ("Content",),  # test_packaging.py
    "AWS::CloudFront::Function": ("FunctionCode",),  # tests/cf_functions
    "AWS::CloudWatch::Alarm": ("AlarmDescription",),  # test_ops_stack.py
    "AWS::CloudWatch::Dashboard": ("DashboardBody",),  # test_ops_stack.py
    "AWS::IAM::Role": ("Policies",),  # read as grants
    "AWS::IAM::ManagedPolicy": ("PolicyDocument",),
}
_LISTED: Final = ("Functions", "Catalogue")
_TAGS: Final = ("Tags", "ResourceTags", "HostedZoneTags")


@cache
def deployed(assembly: Assembly) -> ByKind:
    return table(_rows(assembly))


def _rows(assembly: Assembly) -> Iterator[Row]:
    for resource in assembly.resources:
        read = _READERS.get(resource.kind, _as_it_is)
        yield from read(resource)
    yield from _routes(assembly)


def _as_it_is(resource: Resource) -> Iterator[Row]:
    yield resource.kind, resource.name, _settings(resource)


def _settings(resource: Resource) -> dict[str, Json]:
    settings = resource.without(*_TAGS, *_LEFT_TO_OTHERS.get(resource.kind, ()))
    if resource.deletion != "Delete":
        settings["deletion"] = resource.deletion
    if resource.replacement != "Delete":
        settings["replacement"] = resource.replacement
    if resource.after:
        settings["after"] = sorted(resource.after)
    if resource.condition:
        settings["condition"] = resource.condition
    return settings


def _function(resource: Resource) -> Iterator[Row]:
    settings = _settings(resource)
    # The CDK makes each function depend on its role and that role's policy.
    after = [each for each in settings.pop("after", []) if not _is_of_its_role(each)]
    yield resource.kind, resource.name, settings | ({"after": after} if after else {})


def _is_of_its_role(name: str) -> bool:
    return name.endswith(("Role", "RoleDefaultPolicy"))


def _stage(resource: Resource) -> Iterator[Row]:
    settings = _settings(resource)
    if log := settings.get("AccessLogSettings"):
        settings["AccessLogSettings"] = log | {"Format": json.loads(log["Format"])}
    yield resource.kind, resource.name, settings


def _parameter(resource: Resource) -> Iterator[Row]:
    yield resource.kind, resource.properties["Name"], _settings(resource)


def _custom_resource(resource: Resource) -> Iterator[Row]:
    """Lists the entries' keys. tests/lambdas/edge/test_store_sync.py tests their values.

    Leaves out what is listed of functions, which tests/e2e/test_insights.py reads.
    """
    settings = _settings(resource)
    settings = {name: each for name, each in settings.items() if name not in _LISTED}
    if "Entries" in settings:
        settings["Entries"] = list(json.loads(settings["Entries"]))
    yield resource.kind, resource.name, settings


def _origin_access(resource: Resource) -> Iterator[Row]:
    """Leaves out its name, which the CDK makes."""
    settings = _settings(resource)
    access = dict(settings["OriginAccessControlConfig"])
    del access["Name"]
    yield resource.kind, resource.name, settings | {"OriginAccessControlConfig": access}


def _view_or_table(resource: Resource) -> Iterator[Row]:
    """Leaves out views, which test_templates.py compares with their SQL."""
    if resource.properties["TableInput"]["TableType"] != "VIRTUAL_VIEW":
        yield from _as_it_is(resource)


def _mapping(resource: Resource) -> Iterator[Row]:
    yield resource.kind, resource.properties["FunctionName"], _settings(resource)


def _permission(resource: Resource) -> Iterator[Row]:
    found = dict(resource.properties)
    name = found.pop("FunctionName").rpartition(":")[2]
    assert found.pop("Action") == "lambda:InvokeFunction"
    account = f" of {found.pop('SourceAccount')}" if "SourceAccount" in found else ""
    yield CALLERS, name, [f"{found.pop('Principal')} from {found.pop('SourceArn')}{account}"]
    assert not found, f"{name}: a permission has {found}, which rows cannot express"


def _filter(resource: Resource) -> Iterator[Row]:
    found = dict(resource.properties)
    [made] = found.pop("MetricTransformations")
    metric, value = made["MetricName"], made["MetricValue"]
    assert made == {
        "MetricNamespace": "htmlgame",
        "MetricName": metric,
        "MetricValue": value,
    }
    name = f"{metric} {value} where {found.pop('FilterPattern')}"
    yield FILTERS, name, [found.pop("LogGroupName")]
    assert not found, f"{name}: a metric filter has {found}, which rows cannot express"


def _role(resource: Resource) -> Iterator[Row]:
    yield from _as_it_is(resource)
    holder = resource.properties.get("RoleName", resource.name)
    for policy in resource.properties.get("Policies", ()):
        yield GRANTS, holder, _lines(policy["PolicyDocument"])


def _policy(resource: Resource) -> Iterator[Row]:
    found = resource.without("PolicyName", "PolicyDocument", "Roles")
    assert not found, f"{resource.name}: a policy has {found}, which rows cannot express"
    for role in resource.properties["Roles"]:
        holder = f"{resource.stack} {role[1:-1]}" if role.startswith("{") else role
        yield GRANTS, holder, _lines(resource.properties["PolicyDocument"])


def _managed_policy(resource: Resource) -> Iterator[Row]:
    yield from _as_it_is(resource)
    holder = resource.properties["ManagedPolicyName"]
    yield GRANTS, holder, _lines(resource.properties["PolicyDocument"])


def _database(resource: Resource) -> Iterator[Row]:
    settings = _settings(resource)
    if "ResourcePolicy" in settings:
        settings["ResourcePolicy"] = _lines(settings["ResourcePolicy"]["PolicyDocument"])
    yield resource.kind, resource.name, settings


def _resource_policy(resource: Resource) -> Iterator[Row]:
    on = resource.without("PolicyDocument")
    own = f"{{{resource.id.removesuffix('Policy')}}}"
    assert on in ({"Bucket": own}, {"Topics": [own]}), on
    yield resource.kind, resource.name, _lines(resource.properties["PolicyDocument"])


def _lines(document: Json) -> list[str]:
    """Returns a line for each action and resource, with its principal and conditions."""
    assert set(document) == {"Statement", "Version"}
    return [line for statement in document["Statement"] for line in _statement(statement)]


def _statement(statement: Mapping[str, Json]) -> Iterator[str]:
    known = {"Action", "Condition", "Effect", "Principal", "Resource", "Sid"}
    assert set(statement) <= known, f"a statement has fields that rows cannot express: {statement}"
    who = _principal(statement.get("Principal"))
    effect = statement["Effect"].lower()
    said = f"{effect} {who}".strip() + " " if who or effect != "allow" else ""
    terms = "".join(
        f" if {operator} {key}={' or '.join(_listed(value))}"
        for operator, tests in statement.get("Condition", {}).items()
        for key, value in tests.items()
    )
    for action in _listed(statement["Action"]):
        for resource in _listed(statement["Resource"]):
            yield f"{said}{action} on {resource}{terms}"


def _principal(principal: Json) -> str:
    match principal:
        case None:
            return ""
        case "*" | {"AWS": "*"}:
            return "everyone"
        case {"Service": str(service)} if len(principal) == 1:
            return service
    raise AssertionError(f"unknown principal {principal}")


def _listed(value: Json) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _routes(assembly: Assembly) -> Iterator[Row]:
    """Joins each route with its integration, which no other route may use."""
    integrations = {
        (each.stack, each.id): each for each in assembly.of("AWS::ApiGatewayV2::Integration")
    }
    for route in assembly.of("AWS::ApiGatewayV2::Route"):
        found = dict(route.properties)
        target = found.pop("Target").removeprefix("integrations/{").removesuffix("}")
        integration = dict(integrations.pop((route.stack, target)).properties)
        api = found.pop("ApiId")
        assert integration.pop("ApiId") == api
        yield (
            ROUTES,
            f"{route.stack} {api.strip('{}')} {found.pop('RouteKey')}",
            found | integration,
        )
    assert not integrations, f"integrations without a route: {integrations}"


def _nothing(_: Resource) -> Iterator[Row]:
    return iter(())


_READERS: Final[dict[str, Callable[[Resource], Iterator[Row]]]] = {
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _permission,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::IAM::Role": _role,
    "AWS::IAM::Policy": _policy,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::S3::BucketPolicy": _resource_policy,
    "AWS::SNS::TopicPolicy": _resource_policy,
    "AWS::SSM::Parameter": _parameter,
    "AWS::DynamoDB::Table": _database,
    "AWS::ApiGatewayV2::Stage": _stage,
    "AWS::ApiGatewayV2::Route": _nothing,  # _routes
    "AWS::ApiGatewayV2::Integration": _nothing,
    "AWS::CloudFormation::CustomResource": _custom_resource,
    "AWS::CloudFront::OriginAccessControl": _origin_access,
    "AWS::Glue::Table": _view_or_table,
    "AWS::Logs::MetricFilter": _filter,
}
"""By kind. All other kinds are read as they are."""
