"""Handles a request: behaviour, function, cache, origin, function."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from local.cloud import Cloud
from local.edge.behaviours import Behaviour, Distribution
from local.edge.cache import Cache, Entry, Key, key_of, whole
from local.edge.control import Control, Published
from local.edge.events import Context
from local.edge.functions import Functions
from local.edge.handled import Handled
from local.edge.messages import EdgeError, Request, Response, without
from local.edge.origins import VIA, Origins
from local.edge.policies import CachePolicy, Selections
from local.edge.redaction import secrets_in, secrets_of_origin

_REFRESHERS: Final = 4
_CACHED_METHODS: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Route:
    """Everything that handling needs once the behaviour is known."""

    distribution: Distribution
    behaviour: Behaviour
    cache: CachePolicy
    also: Selections


class DataPlane:
    def __init__(self, cloud: Cloud, clock: Callable[[], float]) -> None:
        self.control = Control(cloud)
        self._clock = clock
        self._cache = Cache(clock)
        self._functions = Functions(clock)
        self._origins = Origins(cloud)
        self._refreshers = ThreadPoolExecutor(_REFRESHERS, "edge-refresh")
        self._origin_requests = itertools.count()
        self.origin_requests = 0

    def close(self) -> None:
        self._refreshers.shutdown(cancel_futures=True)
        self._origins.close()
        self.control.close()

    def handle(self, request: Request) -> tuple[Response, Handled]:
        started = time.perf_counter()
        request_id = secrets.token_urlsafe(42)
        handled = Handled(self._clock(), request.method, request.uri, request_id)
        try:
            response = self._answer(request, handled)
        except EdgeError as error:
            handled.fail(error)
            response = error.response
        except (BotoCoreError, ClientError) as error:
            unasked = EdgeError(503, f"the local cloud cannot be reached: {error}")
            handled.fail(unasked)
            response = unasked.response
        handled.conclude(request, response)
        handled.ms = round((time.perf_counter() - started) * 1000, 1)
        return response.with_headers([("via", VIA), ("x-amz-cf-id", request_id)]), handled

    def _answer(self, request: Request, handled: Handled) -> Response:
        distribution = self.control.distribution()
        if not distribution.enabled:
            raise EdgeError(403, f"distribution {distribution.id} is disabled")
        behaviour = distribution.behaviour_for(request.uri)
        handled.behaviour = behaviour.pattern
        _refuse_method(request, behaviour)
        context = Context(distribution.domain, distribution.id, handled.id)
        passed = self._on_request(request, behaviour, context, handled)
        if isinstance(passed, Response):
            return passed.with_headers([("x-cache", "FunctionGeneratedResponse from cloudfront")])
        passed = replace(passed, uri=distribution.root(passed.uri))
        route = Route(distribution, behaviour, *self.control.policies(behaviour))
        response = self._with_error_page(passed, route, handled)
        # CloudFront runs no viewer-response function if the origin failed.
        if response.status < 400:
            response = self._on_response(passed, response, behaviour, context, handled)
        return _conditional(request, response)

    def _on_request(
        self, request: Request, behaviour: Behaviour, context: Context, handled: Handled
    ) -> Request | Response:
        arn = behaviour.functions.get("viewer-request")
        if arn is None:
            return request
        handled.function, handled.decision = arn.rpartition("/")[2], "failed"
        published = self._published(arn, handled)
        with handled.timing("function_ms"):
            passed = self._functions.on_request(published, context, request, handled.hear)
        handled.decision = (
            f"answered {passed.status}" if isinstance(passed, Response) else "forwarded"
        )
        return passed

    def _on_response(
        self,
        request: Request,
        response: Response,
        behaviour: Behaviour,
        context: Context,
        handled: Handled,
    ) -> Response:
        arn = behaviour.functions.get("viewer-response")
        if arn is None:
            return response
        name, before = arn.rpartition("/")[2], (handled.function, handled.decision)
        handled.function, handled.decision = _joined(before[0], name), _joined(before[1], "failed")
        published = self._published(arn, handled)
        with handled.timing("function_ms"):
            changed = self._functions.on_response(
                published, context, request, response, handled.hear
            )
        handled.decision = _joined(before[1], f"answered {changed.status}")
        return changed

    def _published(self, arn: str, handled: Handled) -> Published:
        handled.engine = self._functions.engine
        published = self.control.published(arn)
        handled.keep_secret(secrets_in(published.store))
        return published

    def _with_error_page(self, request: Request, route: Route, handled: Handled) -> Response:
        try:
            response = self._fetch(request, route, handled)
        except EdgeError as error:
            handled.fail(error)
            response = error.response
        page = route.distribution.error_pages.get(response.status)
        if page is None:
            return response
        behaviour = route.distribution.behaviour_for(page.path)
        policies = self.control.policies(behaviour)
        found = self._fetch(
            Request("GET", page.path, ip=request.ip),
            Route(route.distribution, behaviour, *policies),
            handled,
        )
        return replace(found, status=page.status) if found.status < 400 else response

    def _fetch(self, request: Request, route: Route, handled: Handled) -> Response:
        handled.cache = "none"
        if request.method not in _CACHED_METHODS:
            return _labelled(self._ask(request, route, handled), "Miss")
        self._cache.drop(self.control.new_invalidations(route.distribution))
        key = key_of(route.distribution.id, request, route.cache)
        entry, error, now = self._cache.look_up(key), self._cache.look_up_error(key), self._clock()
        if entry and entry.is_fresh(now):
            return self._hit(entry, "Hit", handled)
        if entry and entry.may_revalidate_behind(now):
            self._refresh_behind(key, request, route, handled)
            return self._hit(entry, "RefreshHit", handled)
        if error and error.is_fresh(now):
            covers = error.response.status >= 500 and entry and entry.may_cover_an_error(now)
            return self._hit(entry if entry and covers else error, "Hit", handled)
        try:
            response = self._ask_and_keep(key, request, route, handled)
        except EdgeError as failure:
            if entry and entry.may_cover_an_error(now):
                handled.fail(failure)
                return self._hit(entry, "Hit", handled)
            raise
        if response.status >= 500 and entry and entry.may_cover_an_error(now):
            return self._hit(entry, "Hit", handled)
        handled.cache = "miss" if route.cache.caches else "none"
        return _labelled(response, "Miss")

    def _hit(self, entry: Entry, result: str, handled: Handled) -> Response:
        handled.cache = "hit" if result == "Hit" else "stale"
        handled.age = entry.age(self._clock())
        return _labelled(entry.response, result).with_headers([("age", str(handled.age))])

    def _refresh_behind(self, key: Key, request: Request, route: Route, handled: Handled) -> None:
        if self._cache.begin_refresh(key):
            unseen = Handled(self._clock(), "GET", request.uri, handled.id)
            self._refreshers.submit(self._refresh, key, request, route, unseen)

    def _refresh(self, key: Key, request: Request, route: Route, unseen: Handled) -> None:
        try:
            self._ask_and_keep(key, replace(request, method="GET"), route, unseen)
        except EdgeError:
            pass  # the stale entry stays until its window ends
        finally:
            self._cache.end_refresh(key)

    def _ask_and_keep(self, key: Key, request: Request, route: Route, handled: Handled) -> Response:
        asked = self._cache.asking()
        response = self._ask(whole(request), route, handled)
        if request.method == "GET":
            error_ttl = route.distribution.error_ttl(response.status)
            self._cache.keep(key, response, route.cache, asked, error_ttl)
        return response

    def _ask(self, request: Request, route: Route, handled: Handled) -> Response:
        handled.origin = route.behaviour.origin_id
        origin = route.distribution.origin_of(route.behaviour)
        handled.keep_secret(secrets_of_origin(origin))
        self.origin_requests = next(self._origin_requests) + 1
        with handled.timing("origin_ms"):
            response = self._origins.ask(origin, request, route.cache, route.also, handled.id)
        handled.origin_status = response.status
        return response


def _refuse_method(request: Request, behaviour: Behaviour) -> None:
    if request.method not in behaviour.methods:
        allowed = ", ".join(sorted(behaviour.methods))
        raise EdgeError(
            403, f"behaviour {behaviour.pattern} allows {allowed}; this is {request.method}"
        )
    if request.body and request.method in _CACHED_METHODS:
        raise EdgeError(403, f"{request.method} with a body")


def _labelled(response: Response, result: str) -> Response:
    if response.status >= 400:
        result = "Error"
    return response.with_headers([("x-cache", f"{result} from cloudfront")])


def _joined(before: str | None, name: str) -> str:
    return f"{before}, {name}" if before else name


def _conditional(request: Request, response: Response) -> Response:
    """304 if the viewer already has this version."""
    tag, known = response.header("etag"), request.header("if-none-match")
    if response.status != 200 or not tag or request.method not in _CACHED_METHODS or not known:
        return response
    if known != "*" and tag not in {part.strip() for part in known.split(",")}:
        return response
    headers = without(response.headers, {"content-length", "content-type", "content-encoding"})
    return Response(304, headers)
