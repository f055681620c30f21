"""What AWS refuses and the emulator takes: a rule each, with its source in AWS's documentation.

Another rule is another decorated function, here or in a module that Strictness.rule_modules names.
"""

import base64
import json
import re
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from cf_functions.runtime import words
from lambdas.edge.cloudfront_fields import missing_on_create, missing_on_update
from local.strict.registry import NAMESPACE, Call, Refusal, refuses

_GUIDE: Final = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"
_API: Final = "https://docs.aws.amazon.com/cloudfront/latest/APIReference"
_GATEWAY: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_CREATE: Final = "cloudfront:CreateDistribution"
_UPDATE: Final = "cloudfront:UpdateDistribution"


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(_tag(name)) or "").strip()


def _config(call: Call) -> ET.Element | None:
    """The DistributionConfig, which CreateDistributionWithTags wraps once more."""
    root = call.xml
    if root is None or root.tag == _tag("DistributionConfig"):
        return root
    return root.find(_tag("DistributionConfig"))


def _behaviours(config: ET.Element) -> Iterator[ET.Element]:
    yield from config.iterfind(_tag("DefaultCacheBehavior"))
    yield from config.iterfind("/".join(map(_tag, ("CacheBehaviors", "Items", "CacheBehavior"))))


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


@refuses(
    _UPDATE,
    what="an update that lacks a field AWS requires on update, in any element",
    source=f"{_GUIDE}/distribution-overview-required-fields.html",
)
def fields_required_on_update(call: Call) -> Refusal | None:
    config = _config(call)
    return None if config is None else _required(missing_on_update(config))


@refuses(
    _CREATE,
    what="a distribution that lacks a field AWS requires on create",
    source=f"{_GUIDE}/distribution-overview-required-fields.html",
)
def fields_required_on_create(call: Call) -> Refusal | None:
    config = _config(call)
    return None if config is None else _required(missing_on_create(config))


@refuses(
    _CREATE,
    _UPDATE,
    what="a list whose Quantity is not the number of its Items",
    source=f"{_API}/API_UpdateDistribution.html",
)
def inconsistent_quantities(call: Call) -> Refusal | None:
    config = _config(call)
    for element in () if config is None else config.iter():
        quantity = element.find(_tag("Quantity"))
        if quantity is None:
            continue
        if (quantity.text or "").strip() != str(len(element.findall(f"{_tag('Items')}/*"))):
            return Refusal(
                400,
                "InconsistentQuantities",
                "The value of Quantity and the size of Items don't match.",
            )
    return None


@refuses(
    _CREATE,
    _UPDATE,
    what="a behaviour that goes to an origin the distribution has not",
    source=f"{_API}/API_UpdateDistribution.html",
)
def unknown_origin(call: Call) -> Refusal | None:
    config = _config(call)
    if config is None:
        return None
    known = {_text(each, "Id") for each in config.iter(_tag("Origin"))}
    known |= {_text(each, "Id") for each in config.iter(_tag("OriginGroup"))}
    if all(_text(each, "TargetOriginId") in known for each in _behaviours(config)):
        return None
    return Refusal(
        404, "NoSuchOrigin", "One or more of your origins or origin groups do not exist."
    )


_MOST_BEHAVIOURS: Final = 75


@refuses(
    _CREATE,
    _UPDATE,
    what=f"more than {_MOST_BEHAVIOURS} behaviours beside the default one",
    source=f"{_GUIDE}/cloudfront-limits.html",
)
def too_many_behaviours(call: Call) -> Refusal | None:
    config = _config(call)
    if config is None or len(config.findall(f".//{_tag('CacheBehavior')}")) <= _MOST_BEHAVIOURS:
        return None
    return Refusal(
        400,
        "TooManyCacheBehaviors",
        "You cannot create more cache behaviors for the distribution.",
    )


@refuses(
    _CREATE,
    _UPDATE,
    what="a behaviour with a cache policy and ForwardedValues",
    source=f"{_API}/API_CacheBehavior.html",
)
def two_ways_to_cache(call: Call) -> Refusal | None:
    config = _config(call)
    for each in () if config is None else _behaviours(config):
        if _text(each, "CachePolicyId") and each.find(_tag("ForwardedValues")) is not None:
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


@refuses(
    _CREATE,
    _UPDATE,
    what="an origin's custom header that CloudFront does not forward, such as X-Edge-Auth",
    source=f"{_GUIDE}/add-origin-custom-headers.html#add-origin-custom-headers-denylist",
)
def forbidden_headers(call: Call) -> Refusal | None:
    config = _config(call)
    for each in () if config is None else config.iter(_tag("OriginCustomHeader")):
        name = _text(each, "HeaderName")
        if name.lower() in _FORBIDDEN_HEADERS or name.lower().startswith(_FORBIDDEN_BEGINNINGS):
            return Refusal(
                400,
                "InvalidArgument",
                f"The parameter HeaderName contains {name} that is not allowed.",
            )
    return None


@refuses(
    _CREATE,
    _UPDATE,
    what="a function that is not published, two functions on one event, or a function beside "
    "Lambda@Edge on viewer events",
    source=f"{_GUIDE}/edge-function-restrictions-all.html",
)
def function_associations(call: Call) -> Refusal | None:
    config = _config(call)
    for each in () if config is None else _behaviours(config):
        if (problem := _association_problem(each)) is not None:
            return Refusal(400, "InvalidFunctionAssociation", problem)
    return None


def _association_problem(behaviour: ET.Element) -> str | None:
    functions = list(behaviour.iter(_tag("FunctionAssociation")))
    events = [_text(each, "EventType") for each in functions]
    if not set(events) <= {"viewer-request", "viewer-response"}:
        return "CloudFront functions can be associated with viewer events only."
    if len(events) != len(set(events)):
        return "A cache behavior can have one function association for each event type."
    lambdas = behaviour.iter(_tag("LambdaFunctionAssociation"))
    if functions and any(_text(each, "EventType").startswith("viewer-") for each in lambdas):
        return (
            "A cache behavior cannot have both CloudFront functions and Lambda@Edge functions "
            "associated with viewer events."
        )
    for each in functions:
        if not _is_published(_text(each, "FunctionARN")):
            return f"The function {_text(each, 'FunctionARN')} does not exist or is not published."
    return None


def _is_published(arn: str) -> bool:
    from ministack.services import cloudfront

    function = cloudfront._functions.get(arn.rpartition("/")[2])
    return function is not None and bool(function.get("live_body"))


@refuses(
    _UPDATE,
    what="an update that changes CallerReference",
    source=f"{_API}/API_UpdateDistribution.html",
)
def changed_caller_reference(call: Call) -> Refusal | None:
    from ministack.services import cloudfront

    config = _config(call)
    stored = cloudfront._distributions.get(call.path.split("/")[3])
    if config is None or stored is None:
        return None
    if _text(config, "CallerReference") == stored.get("CallerReference"):
        return None
    return Refusal(400, "IllegalUpdate", "The update contains modifications that are not allowed.")


_MOST_FUNCTION_BYTES: Final = 10 * 1024


@refuses(
    "cloudfront:CreateFunction",
    "cloudfront:UpdateFunction",
    "AWS::CloudFront::Function",
    what="a CloudFront function larger than 10 KB, comments included",
    source=f"{_GUIDE}/cloudfront-limits.html#limits-functions",
)
def function_size(call: Call) -> Refusal | None:
    if len(_function_code(call)) <= _MOST_FUNCTION_BYTES:
        return None
    return Refusal(
        413,
        "FunctionSizeLimitExceeded",
        "The function is too large. For more information, see Quotas (formerly known as limits) "
        "in the Amazon CloudFront Developer Guide.",
    )


def _function_code(call: Call) -> bytes:
    if call.properties is not None:
        return str(call.properties.get("FunctionCode", "")).encode()
    root = call.xml
    try:
        return b"" if root is None else base64.b64decode(_text(root, "FunctionCode"))
    except ValueError:
        return b""


_MOST_WILDCARDS: Final = 15
_MOST_PATHS: Final = 3000
_in_progress: dict[str, deque[tuple[float, int, int]]] = defaultdict(deque)


@refuses(
    "cloudfront:CreateInvalidation",
    what="more than 15 wildcard paths or 3,000 other paths in progress at once",
    source=f"{_GUIDE}/InvalidationLimits.html",
)
def invalidations_in_progress(call: Call) -> Refusal | None:
    root = call.xml
    if root is None:
        return None
    paths = [(each.text or "").strip() for each in root.iter(_tag("Path"))]
    if any(not path.startswith("/") or "*" in path[:-1] for path in paths):
        return Refusal(
            400,
            "InvalidArgument",
            "Your request contains one or more invalid invalidation paths.",
        )
    wildcards = sum(path.endswith("*") for path in paths)
    running = _in_progress[call.path.split("/")[3]]
    now = time.monotonic()
    while running and running[0][0] <= now:
        running.popleft()
    kinds = (
        (wildcards, sum(each[1] for each in running), _MOST_WILDCARDS, "wildcard invalidations"),
        (len(paths) - wildcards, sum(each[2] for each in running), _MOST_PATHS, "invalidations"),
    )
    for asked, already, most, name in kinds:
        if asked and asked + already > most:
            return Refusal(
                400,
                "TooManyInvalidationsInProgress",
                "Processing your request will cause you to exceed the maximum number of "
                f"in-progress {name}.",
            )
    until = now + call.strictness.invalidation_seconds
    running.append((until, wildcards, len(paths) - wildcards))
    return None


_KEYS_LIMITS: Final = f"{_GUIDE}/cloudfront-limits.html#limits-keyvaluestores"
_MOST_KEY_BYTES: Final = 512
_MOST_VALUE_BYTES: Final = 1024
_MOST_CHANGES: Final = 50
_MOST_CHANGE_BYTES: Final = 3 * 1024 * 1024
_MOST_STORE_BYTES: Final = 5 * 1024 * 1024
_STORE_PATH: Final = re.compile(r"/key-value-stores/(?P<arn>arn:[^/]+/[\w-]+)/keys(/(?P<key>.+))?")


@refuses(
    "cloudfront-keyvaluestore:PutKey",
    "cloudfront-keyvaluestore:UpdateKeys",
    what="a key over 512 bytes, a value over 1 KB, over 50 keys or 3 MB in one update, or a store "
    "over 5 MB",
    source=_KEYS_LIMITS,
)
def key_value_store_limits(call: Call) -> Refusal | None:
    address = _STORE_PATH.fullmatch(unquote(call.path))
    if address is None:
        return None
    puts, deletes = _store_changes(call.json, address["key"])
    sizes = {key: len(key.encode()) + len(value.encode()) for key, value in puts.items()}
    for key, value in puts.items():
        if len(key.encode()) > _MOST_KEY_BYTES:
            return _invalid_key(f"Key {key[:40]}… is larger than {_MOST_KEY_BYTES} bytes.")
        if len(value.encode()) > _MOST_VALUE_BYTES:
            return _invalid_key(f"The value of key {key} is larger than {_MOST_VALUE_BYTES} bytes.")
    if len(puts) + len(deletes) > _MOST_CHANGES:
        return _invalid_key(f"An update can change at most {_MOST_CHANGES} keys.")
    if sum(sizes.values()) > _MOST_CHANGE_BYTES:
        return _invalid_key(f"An update can carry at most {_MOST_CHANGE_BYTES} bytes.")
    if _store_size_after(address["arn"], puts, deletes) > _MOST_STORE_BYTES:
        return Refusal(402, "ServiceQuotaExceededException", "Limit is exceeded.")
    return None


def _invalid_key(message: str) -> Refusal:
    return Refusal(400, "ValidationException", message)


def _store_changes(body: dict[str, Any], key: str | None) -> tuple[dict[str, str], set[str]]:
    if key is not None:
        return {key: str(body.get("Value", ""))}, set()
    puts = {str(each.get("Key")): str(each.get("Value")) for each in body.get("Puts") or ()}
    return puts, {str(each.get("Key")) for each in body.get("Deletes") or ()}


def _store_size_after(arn: str, puts: dict[str, str], deletes: set[str]) -> int:
    from ministack.services import cloudfront_keyvaluestore

    stored = cloudfront_keyvaluestore._stores.get(arn) or {"items": {}}
    kept = {key: value for key, value in stored["items"].items() if key not in deletes}
    return int(cloudfront_keyvaluestore._compute_size(kept | puts))


_DISCOVERY: Final = "/.well-known/openid-configuration"
_DISCOVERY_SECONDS: Final = 5


@refuses(
    "apigateway:CreateAuthorizer",
    "apigateway:UpdateAuthorizer",
    "AWS::ApiGatewayV2::Authorizer",
    what="a JWT authorizer whose issuer is not https or publishes no discovery document (the "
    "local stand-in excepted)",
    source=f"{_GATEWAY}/http-api-jwt-authorizer.html",
    waits=True,
)
def issuer_without_discovery(call: Call) -> Refusal | None:
    asked = call.json
    if asked.get("authorizerType", "JWT") != "JWT" or "jwtConfiguration" not in asked:
        return None
    issuer = str(asked["jwtConfiguration"].get("issuer", ""))
    if issuer in call.strictness.issuers:
        return None
    problem = _discovery_problem(issuer)
    if problem is None:
        return None
    return Refusal(
        400,
        "BadRequestException",
        f"Caught exception when connecting to {issuer.rstrip('/')}{_DISCOVERY} for issuer "
        f"{issuer}. Please try again later. Error: {problem}",
    )


def _discovery_problem(issuer: str) -> str | None:
    invalid = (
        f"Invalid issuer: {issuer}. Issuer must have a valid discovery endpoint ended with "
        f"'{_DISCOVERY}'"
    )
    if urlsplit(issuer).scheme != "https":
        return invalid
    try:
        request = urllib.request.Request(issuer.rstrip("/") + _DISCOVERY)
        with urllib.request.urlopen(request, timeout=_DISCOVERY_SECONDS) as answer:
            document = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return invalid
    if not isinstance(document, dict) or not document.get("jwks_uri"):
        return invalid
    return None


_conflicts: dict[str, int] = defaultdict(int)
"""How many of the next writes to each table conflict."""


def conflict(table: str, times: int) -> None:
    _conflicts[table] = times


def _conflicts_now(table: str) -> bool:
    if not _conflicts[table]:
        return False
    _conflicts[table] -= 1
    return True


_TRANSACTIONS: Final = (
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html"
    "#transaction-conflict-handling"
)
_ONGOING: Final = "Transaction is ongoing for the item"


@refuses(
    "dynamodb:TransactWriteItems",
    "dynamodb:TransactGetItems",
    what="a transaction that meets another one (in tests, on demand)",
    source=_TRANSACTIONS,
)
def transaction_conflicts(call: Call) -> Refusal | None:
    asked = call.json.get("TransactItems", ())
    items: list[dict[str, Any]] = [next(iter(each.values()), {}) for each in asked]
    reasons = [
        {"Code": "TransactionConflict", "Message": _ONGOING}
        if _conflicts_now(str(item.get("TableName")))
        else {"Code": "None"}
        for item in items
    ]
    codes = [reason["Code"] for reason in reasons]
    if "TransactionConflict" not in codes:
        return None
    return Refusal(
        400,
        "TransactionCanceledException",
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join(codes)}]",
        {"CancellationReasons": reasons},
    )


@refuses(
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    what="a write to an item that a transaction is writing (in tests, on demand)",
    source=_TRANSACTIONS,
)
def write_conflicts(call: Call) -> Refusal | None:
    if not any(_conflicts.values()) or not _conflicts_now(str(call.json.get("TableName"))):
        return None
    return Refusal(400, "TransactionConflictException", _ONGOING)


_MOST_ENVIRONMENT_BYTES: Final = 4096


@refuses(
    "lambda:CreateFunction",
    "lambda:UpdateFunctionConfiguration",
    "AWS::Lambda::Function",
    what="environment variables over 4 KB in one Lambda function",
    source="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
)
def lambda_environment(call: Call) -> Refusal | None:
    given = call.properties if call.properties is not None else call.json
    variables = (given.get("Environment") or {}).get("Variables") or {}
    measured = json.dumps(variables, separators=(",", ":"))
    if len(measured.encode()) <= _MOST_ENVIRONMENT_BYTES:
        return None
    return Refusal(
        400,
        "InvalidParameterValueException",
        "Lambda was unable to configure your environment variables because the environment "
        f"variables you have provided exceeded the 4KB limit. String measured: {measured[:80]}…",
    )


_MOST_PARAMETER_CHARACTERS: Final = 4096


@refuses(
    "ssm:PutParameter",
    "AWS::SSM::Parameter",
    what="a standard parameter whose value is longer than 4,096 characters",
    source="https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
)
def parameter_size(call: Call) -> Refusal | None:
    given = call.properties if call.properties is not None else call.json
    if given.get("Tier", "Standard") != "Standard":
        return None
    if len(str(given.get("Value", ""))) <= _MOST_PARAMETER_CHARACTERS:
        return None
    return Refusal(
        400,
        "ValidationException",
        "Standard tier parameters support a maximum parameter value of 4096 characters. To create "
        "a larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
    )


_MOST_POSTED_BYTES: Final = 32 * 1024


@refuses(
    "execute-api:PostToConnection",
    what="a message over 32 KB posted to a WebSocket connection",
    source=f"{_GATEWAY}/apigateway-execution-service-websocket-limits-table.html",
)
def posted_message_size(call: Call) -> Refusal | None:
    if len(call.body) <= _MOST_POSTED_BYTES:
        return None
    return Refusal(413, "PayloadTooLargeException", "Payload too large")
