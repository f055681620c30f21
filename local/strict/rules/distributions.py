"""Distributions: what CloudFront refuses in a config."""

import re
import xml.etree.ElementTree as ET
from typing import Final

from cf_functions.runtime import words
from lambdas.edge.cloudfront_fields import missing_on_create, missing_on_update
from local.strict.distribution_config import (
    API,
    CREATE,
    GUIDE,
    UPDATE,
    behaviours,
    config_of,
    refuses_config,
    tag,
    text,
)
from local.strict.registry import Call, Refusal, refuses


def _spelled(field: str) -> str:
    """FieldLevelEncryptionId as CloudFront's messages write it: Field level encryption id."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field)
    return words[:1] + words[1:].lower()


def _required(missing: list[str]) -> Refusal | None:
    if not missing:
        return None
    field = missing[0].rpartition("/")[2]
    message = f"The parameter {_spelled(field)} is required. ({missing[0]})"
    return Refusal(400, "InvalidArgument", message)


@refuses_config(
    UPDATE,
    what="an update that lacks a field AWS requires on update, in any element",
    source=f"{GUIDE}/distribution-overview-required-fields.html",
)
def fields_required_on_update(config: ET.Element) -> Refusal | None:
    return _required(missing_on_update(config))


@refuses_config(
    CREATE,
    what="a distribution that lacks a field AWS requires on create",
    source=f"{GUIDE}/distribution-overview-required-fields.html",
)
def fields_required_on_create(config: ET.Element) -> Refusal | None:
    return _required(missing_on_create(config))


@refuses_config(
    CREATE,
    UPDATE,
    what="a list whose Quantity is not the number of its Items",
    source=f"{API}/API_UpdateDistribution.html",
)
def inconsistent_quantities(config: ET.Element) -> Refusal | None:
    for element in config.iter():
        quantity = element.find(tag("Quantity"))
        if quantity is None:
            continue
        if (quantity.text or "").strip() != str(len(element.findall(f"{tag('Items')}/*"))):
            return Refusal(
                400,
                "InconsistentQuantities",
                "The value of Quantity and the size of Items don't match.",
            )
    return None


@refuses_config(
    CREATE,
    UPDATE,
    what="a behaviour that goes to an origin the distribution has not",
    source=f"{API}/API_UpdateDistribution.html",
)
def unknown_origin(config: ET.Element) -> Refusal | None:
    known = {text(each, "Id") for each in config.iter(tag("Origin"))}
    known |= {text(each, "Id") for each in config.iter(tag("OriginGroup"))}
    if all(text(each, "TargetOriginId") in known for each in behaviours(config)):
        return None
    return Refusal(
        404, "NoSuchOrigin", "One or more of your origins or origin groups do not exist."
    )


_MOST_BEHAVIOURS: Final = 75


@refuses_config(
    CREATE,
    UPDATE,
    what=f"more than {_MOST_BEHAVIOURS} behaviours beside the default one",
    source=f"{GUIDE}/cloudfront-limits.html",
)
def too_many_behaviours(config: ET.Element) -> Refusal | None:
    if len(config.findall(f".//{tag('CacheBehavior')}")) <= _MOST_BEHAVIOURS:
        return None
    return Refusal(
        400,
        "TooManyCacheBehaviors",
        "You cannot create more cache behaviors for the distribution.",
    )


@refuses_config(
    CREATE,
    UPDATE,
    what="a behaviour with a cache policy and ForwardedValues",
    source=f"{API}/API_CacheBehavior.html",
)
def two_ways_to_cache(config: ET.Element) -> Refusal | None:
    for each in behaviours(config):
        if text(each, "CachePolicyId") and each.find(tag("ForwardedValues")) is not None:
            return Refusal(
                400,
                "InvalidArgument",
                "The parameter ForwardedValues cannot be used when a cache policy is associated "
                "to the cache behavior.",
            )
    return None


_FORBIDDEN_HEADERS: Final = words(
    "cache-control connection content-length cookie host if-match if-modified-since if-none-match"
    " if-range if-unmodified-since max-forwards pragma proxy-authenticate proxy-authorization"
    " proxy-connection range request-range te trailer transfer-encoding upgrade via x-real-ip"
)
_FORBIDDEN_BEGINNINGS: Final = ("x-amz-", "x-edge-")


@refuses_config(
    CREATE,
    UPDATE,
    what="an origin's custom header that CloudFront does not forward, such as X-Edge-Auth",
    source=f"{GUIDE}/add-origin-custom-headers.html#add-origin-custom-headers-denylist",
)
def forbidden_headers(config: ET.Element) -> Refusal | None:
    for each in config.iter(tag("OriginCustomHeader")):
        name = text(each, "HeaderName")
        if name.lower() in _FORBIDDEN_HEADERS or name.lower().startswith(_FORBIDDEN_BEGINNINGS):
            return Refusal(
                400,
                "InvalidArgument",
                f"The parameter HeaderName contains {name} that is not allowed.",
            )
    return None


@refuses_config(
    CREATE,
    UPDATE,
    what="a function that is not published, two functions on one event, or a function beside "
    "Lambda@Edge on viewer events",
    source=f"{GUIDE}/edge-function-restrictions-all.html",
)
def function_associations(config: ET.Element) -> Refusal | None:
    for each in behaviours(config):
        if (problem := _association_problem(each)) is not None:
            return Refusal(400, "InvalidFunctionAssociation", problem)
    return None


def _association_problem(behaviour: ET.Element) -> str | None:
    functions = list(behaviour.iter(tag("FunctionAssociation")))
    events = [text(each, "EventType") for each in functions]
    if not set(events) <= {"viewer-request", "viewer-response"}:
        return "CloudFront functions can be associated with viewer events only."
    if len(events) != len(set(events)):
        return "A cache behavior can have one function association for each event type."
    lambdas = behaviour.iter(tag("LambdaFunctionAssociation"))
    if functions and any(text(each, "EventType").startswith("viewer-") for each in lambdas):
        return (
            "A cache behavior cannot have both CloudFront functions and Lambda@Edge functions "
            "associated with viewer events."
        )
    for each in functions:
        if not _is_published(text(each, "FunctionARN")):
            return f"The function {text(each, 'FunctionARN')} does not exist or is not published."
    return None


def _is_published(arn: str) -> bool:
    from ministack.services import cloudfront

    function = cloudfront._functions.get(arn.rpartition("/")[2])
    return function is not None and bool(function.get("live_body"))


@refuses(
    UPDATE,
    what="an update that changes CallerReference",
    source=f"{API}/API_UpdateDistribution.html",
)
def changed_caller_reference(call: Call) -> Refusal | None:
    from ministack.services import cloudfront

    config = config_of(call)
    stored = cloudfront._distributions.get(call.path.split("/")[3])
    if config is None or stored is None:
        return None
    if text(config, "CallerReference") == stored.get("CallerReference"):
        return None
    return Refusal(400, "IllegalUpdate", "The update contains modifications that are not allowed.")
