"""Installs the front door and the rules in the emulator's process."""

import asyncio
import hashlib
import hmac
import importlib
import json
import os
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from local.strict import rules as _rules  # noqa: F401 - registers them
from local.strict.defaults import completed
from local.strict.door import Door
from local.strict.registry import RULES, Call, Refusal, rules_for
from local.strict.settings import Strictness
from local.strict.sockets import limit_sizes, with_timeouts
from local.strict.table_policies import enforce_table_policies

Answer = tuple[int, dict[str, Any], Any]
Handler = Callable[[str, str, dict[str, Any], bytes, dict[str, Any]], Awaitable[Answer]]

_REST: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "cloudfront": (
        ("POST", r"/2020-05-31/distribution", "CreateDistribution"),
        ("PUT", r"/2020-05-31/distribution/[^/]+/config", "UpdateDistribution"),
        ("POST", r"/2020-05-31/distribution/[^/]+/invalidation", "CreateInvalidation"),
        ("POST", r"/2020-05-31/function", "CreateFunction"),
        ("PUT", r"/2020-05-31/function/[^/]+", "UpdateFunction"),
    ),
    "cloudfront-keyvaluestore": (
        ("PUT", r"/key-value-stores/.+/keys/.+", "PutKey"),
        ("POST", r"/key-value-stores/.+/keys/?", "UpdateKeys"),
    ),
    "apigateway": (
        ("POST", r"/v2/apis/[^/]+/authorizers", "CreateAuthorizer"),
        ("PATCH", r"/v2/apis/[^/]+/authorizers/[^/]+", "UpdateAuthorizer"),
        ("POST", r"/v2/apis/[^/]+/stages", "CreateStage"),
        ("PATCH", r"/v2/apis/[^/]+/stages/[^/]+", "UpdateStage"),
    ),
    "lambda": (
        ("POST", r"/2015-03-31/functions/?", "CreateFunction"),
        ("PUT", r"/2015-03-31/functions/[^/]+/configuration", "UpdateFunctionConfiguration"),
    ),
}
_BY_TARGET: Final = ("dynamodb", "ssm")
_XML: Final = ("cloudfront",)
_RSA: Final = ("RS256", "RS384", "RS512")


def attach(port: int, door_key: str, strictness: Strictness) -> None:
    from ministack import app as emulator

    _check_signatures_of_root()
    _make_execution_credentials_secret()
    served = emulator.app
    if strictness.on:
        for module in strictness.rule_modules:
            importlib.import_module(module)
        _complete_configs()
        _wrap_services(emulator.SERVICE_HANDLERS, strictness)
        _wrap_resources(strictness)
        _wrap_connections(strictness)
        _refuse_other_signatures()
        enforce_table_policies()
        limit_sizes()
        served = with_timeouts(served, strictness)
    emulator.app = Door(served, port, door_key)


def operation(service: str, method: str, path: str, headers: Mapping[str, Any]) -> str | None:
    """The API operation of a request, if a rule may apply to it."""
    if service in _BY_TARGET:
        return f"{service}:{str(headers.get('x-amz-target', '')).rpartition('.')[2]}"
    for known_method, pattern, name in _REST.get(service, ()):
        if method == known_method and re.fullmatch(pattern, path):
            return f"{service}:{name}"
    return None


def _wrap_services(handlers: dict[str, Handler], strictness: Strictness) -> None:
    for service in (*_REST, *_BY_TARGET):
        handlers[service] = _with_rules(service, handlers[service], strictness)


def _with_rules(service: str, handler: Handler, strictness: Strictness) -> Handler:
    async def checked(
        method: str, path: str, headers: dict[str, Any], body: bytes, query: dict[str, Any]
    ) -> Answer:
        name = operation(service, method, path, headers)
        if name is not None:
            refusal = await _first_refusal(Call(name, strictness, path, body))
            if refusal is not None:
                return _answer(service, refusal)
        return await handler(method, path, headers, body, query)

    return checked


async def _first_refusal(call: Call) -> Refusal | None:
    for rule in rules_for(call.name):
        # A check that uses the network would block the event loop.
        refusal = await asyncio.to_thread(rule.check, call) if rule.waits else rule.check(call)
        if refusal is not None:
            return refusal
    return None


def _answer(service: str, refusal: Refusal) -> Answer:
    if service in _XML:
        from ministack.services import cloudfront

        answer: Answer = cloudfront._error(refusal.code, refusal.message, refusal.status)
        return answer
    message = {"message": refusal.message, "Message": refusal.message}
    body = json.dumps({"__type": refusal.code, **message, **refusal.more}).encode()
    kind = "application/x-amz-json-1.0" if service == "dynamodb" else "application/json"
    return refusal.status, {"Content-Type": kind, "x-amzn-errortype": refusal.code}, body


def _wrap_resources(strictness: Strictness) -> None:
    """CloudFormation provisions without calling the services' APIs."""
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS
    for kind in {call for rule in RULES for call in rule.calls if call.startswith("AWS::")}:
        wrapped = dict(handlers[kind])
        wrapped["create"] = _checked_create(kind, wrapped["create"], strictness)
        if "update" in wrapped:
            wrapped["update"] = _checked_update(kind, wrapped["update"], strictness)
        handlers[kind] = wrapped


def _checked_create(kind: str, create: Callable[..., Any], strictness: Strictness) -> Any:
    def checked(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        _refuse_resource(Call(kind, strictness, properties=properties))
        return create(logical_id, properties, stack)

    return checked


def _checked_update(kind: str, update: Callable[..., Any], strictness: Strictness) -> Any:
    def checked(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, *rest: Any
    ) -> Any:
        _refuse_resource(Call(kind, strictness, properties=new))
        return update(physical_id, old, new, stack, *rest)

    return checked


def _refuse_resource(call: Call) -> None:
    for rule in rules_for(call.name):
        refusal = rule.check(call)
        if refusal is not None:
            raise ValueError(
                f'Resource handler returned message: "{refusal.message}" '
                f"(Status Code: {refusal.status}, Error Code: {refusal.code})"
            )


def _wrap_connections(strictness: Strictness) -> None:
    from ministack.services import apigateway

    handle = apigateway.handle_connections_api

    async def checked(
        method: str, api: str, stage: str, connection: str, body: bytes, headers: Any
    ) -> Answer:
        if method == "POST":
            call = Call("execute-api:PostToConnection", strictness, body=body)
            refusal = await _first_refusal(call)
            if refusal is not None:
                return _answer("execute-api", refusal)
        answer: Answer = await handle(method, api, stage, connection, body, headers)
        return answer

    apigateway.handle_connections_api = checked


def _refuse_other_signatures() -> None:
    """An HTTP API's JWT authorizer accepts only RSA signatures."""
    from ministack.services import apigateway

    validate = apigateway._validate_jwt_authorizer

    async def checked(route: Any, authorizer: Any, headers: Any, query: Any) -> Any:
        sources = authorizer.get("identitySource", [])
        token = apigateway._extract_token_from_identity_source(sources, headers, query) or ""
        try:
            algorithm = json.loads(apigateway._b64url_decode(token.split(".")[0])).get("alg")
        except (ValueError, AttributeError):
            algorithm = None
        if algorithm not in _RSA:
            return None, None, apigateway._jwt_unauthorized()
        return await validate(route, authorizer, headers, query)

    apigateway._validate_jwt_authorizer = checked


def _complete_configs() -> None:
    """Adds the fields that CloudFront fills in to every stored distribution."""
    from ministack.services import cloudfront
    from ministack.services.cloudformation import provisioners

    def complete(distribution_id: str) -> None:
        stored = cloudfront._distributions.get(distribution_id)
        if stored is not None:
            stored["config_xml"] = completed(stored["config_xml"])

    handlers = provisioners._RESOURCE_HANDLERS
    create = cloudfront._create_distribution

    def create_completed(headers: Any, body: bytes) -> Any:
        before = set(cloudfront._distributions)
        answer = create(headers, body)
        for distribution_id in set(cloudfront._distributions) - before:
            complete(distribution_id)
        return answer

    cloudfront._create_distribution = create_completed
    of_stacks = dict(handlers["AWS::CloudFront::Distribution"])
    for step in ("create", "update"):
        of_stacks[step] = _then(of_stacks[step], complete)
    handlers["AWS::CloudFront::Distribution"] = of_stacks


def _then(provision: Callable[..., Any], complete: Callable[[str], None]) -> Callable[..., Any]:
    def completing(*arguments: Any) -> Any:
        provisioned = provision(*arguments)
        complete(provisioned[0])
        return provisioned

    return completing


def _check_signatures_of_root() -> None:
    """The emulator accepts root's key unsigned, and treats `test` and account ids as root."""
    from ministack.core import iam_evaluator
    from ministack.services import sts

    configured = os.environ["AWS_ACCESS_KEY_ID"]

    def is_root_access_key(key_id: str) -> bool:
        return not key_id or key_id == configured

    iam_evaluator.is_root_access_key = sts.is_root_access_key = is_root_access_key
    # Decides whether a request's signature is checked.
    iam_evaluator._is_root_key = lambda _key_id: False


def _make_execution_credentials_secret() -> None:
    """The emulator derives them from the function's name, so any page could."""
    from ministack.core import lambda_runtime

    salt = secrets.token_bytes(32)

    class Salted:
        """Replaces hashlib in the module that derives them."""

        @staticmethod
        def sha256(data: bytes) -> Any:
            return hmac.new(salt, data, hashlib.sha256)

    lambda_runtime.hashlib = Salted
