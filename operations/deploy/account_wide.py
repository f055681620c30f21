"""Checks for resources that an AWS account can have only once, in whatever region.

CloudFront's functions, key-value stores, policies and access controls, CloudWatch's dashboards and
budgets belong to the account and have fixed names. A second region would fail late, half deployed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from config import names
from config.manifests import FUNCTIONS
from operations.account.parameters import Clients
from operations.deploy.assembly import Template
from operations.findings import Finding, Findings

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of resource that belongs to the account, not to a region."""

    called: str
    name_in: Callable[[Json], str]
    existing: Callable[[Clients], Iterator[str]]


def second_region(stack: str, planned: Template, region: str, clients: Clients) -> Findings:
    """Checks a stack that this region does not have yet."""
    taken = list(_taken(planned, clients))
    if not taken:
        return
    elsewhere = sorted(_regions_with_roles(clients) - {region})
    holder = f" for {', '.join(elsewhere)}" if elsewhere else ""
    yield Finding(
        "broken",
        f"{stack} would be new in {region}, but the account already has its {', '.join(taken)}"
        f"{holder}; they belong to the account, so only one region can have them",
        _to_the_region_that_has_them(elsewhere) if elsewhere else _WITHOUT_A_REGION,
    )


_WITHOUT_A_REGION: Final = (
    "if another region has the stack, export AWS_REGION with that one, or deploy to another "
    "account; if they are left from a deleted stack, delete them"
)


def _to_the_region_that_has_them(regions: list[str]) -> str:
    return (
        f"export AWS_REGION={regions[0]} to deploy there again; to move, make destroy there first, "
        "which leaves its tables there; for both, deploy to another account"
    )


def _taken(planned: Template, clients: Clients) -> Iterator[str]:
    existing: dict[str, set[str]] = {}
    for resource in planned["Resources"].values():
        kind = _OF_THE_ACCOUNT.get(resource["Type"])
        if kind is None:
            continue
        if kind.called not in existing:
            existing[kind.called] = set(kind.existing(clients))
        name = kind.name_in(resource["Properties"])
        if name in existing[kind.called]:
            yield f"{kind.called} {name}"


def _regions_with_roles(clients: Clients) -> set[str]:
    """Roles belong to the account; the names of htmlgame's roles end with their region."""
    functions = "|".join(re.escape(each.name) for each in FUNCTIONS)
    ours = re.compile(names.function_role(f"(?:{functions})", r"([a-z]{2}(?:-[a-z]+)+-\d+)"))
    pages = clients("iam").get_paginator("list_roles").paginate()
    found = (ours.fullmatch(role["RoleName"]) for page in pages for role in page["Roles"])
    return {match[1] for match in found if match is not None}


def _functions(clients: Clients) -> Iterator[str]:
    for each in _cloudfront(clients, "list_functions", "FunctionList"):
        yield each["Name"]


def _stores(clients: Clients) -> Iterator[str]:
    for each in _cloudfront(clients, "list_key_value_stores", "KeyValueStoreList"):
        yield each["Name"]


def _cache_policies(clients: Clients) -> Iterator[str]:
    for each in _cloudfront(clients, "list_cache_policies", "CachePolicyList", Type="custom"):
        yield each["CachePolicy"]["CachePolicyConfig"]["Name"]


def _access_controls(clients: Clients) -> Iterator[str]:
    for each in _cloudfront(clients, "list_origin_access_controls", "OriginAccessControlList"):
        yield each["Name"]


def _cloudfront(clients: Clients, operation: str, answer: str, **asked: str) -> Iterator[Json]:
    call = getattr(clients("cloudfront"), operation)
    marker: dict[str, str] = {}
    while True:
        listed = call(**asked, **marker)[answer]
        yield from listed.get("Items") or ()
        if not listed.get("NextMarker"):
            return
        marker = {"Marker": listed["NextMarker"]}


def _dashboards(clients: Clients) -> Iterator[str]:
    pages = clients("cloudwatch").get_paginator("list_dashboards").paginate()
    return (each["DashboardName"] for page in pages for each in page["DashboardEntries"])


def _budgets(clients: Clients) -> Iterator[str]:
    account = clients("sts").get_caller_identity()["Account"]
    pages = clients("budgets").get_paginator("describe_budgets").paginate(AccountId=account)
    return (each["BudgetName"] for page in pages for each in page.get("Budgets", ()))


_OF_THE_ACCOUNT: Final = {
    "AWS::CloudFront::Function": _Kind("function", lambda p: str(p["Name"]), _functions),
    "AWS::CloudFront::KeyValueStore": _Kind("key-value store", lambda p: str(p["Name"]), _stores),
    "AWS::CloudFront::CachePolicy": _Kind(
        "cache policy", lambda p: str(p["CachePolicyConfig"]["Name"]), _cache_policies
    ),
    "AWS::CloudFront::OriginAccessControl": _Kind(
        "origin access control",
        lambda p: str(p["OriginAccessControlConfig"]["Name"]),
        _access_controls,
    ),
    "AWS::CloudWatch::Dashboard": _Kind(
        "dashboard", lambda p: str(p["DashboardName"]), _dashboards
    ),
    "AWS::Budgets::Budget": _Kind("budget", lambda p: str(p["Budget"]["BudgetName"]), _budgets),
}
