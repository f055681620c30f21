"""The APIs behind the distribution, from the manifests of their capabilities."""

from collections.abc import Callable, Iterator

from config.environments import Environment
from config.manifest import EdgeFunction, Pattern
from config.manifests import CAPABILITIES, is_enabled, patterns_of
from config.paths import API_BASE_PATH
from lambdas.edge.access_logs import AccessLog
from lambdas.edge.apis import CACHING_DISABLED, Api, Forward

Named = Callable[[str], str]
"""The ARN or id of what has this name."""


def apis(environment: Environment, *, edge_function: Named, cache_policy: Named) -> list[Api]:
    """Each HTTP API. One that is off is in the list too, to be taken out."""
    return [
        Api(
            origin=endpoint.origin,
            endpoint=endpoint.parameter,
            forwards=tuple(
                _forward(pattern, on, edge_function, cache_policy)
                for pattern in patterns_of(capability)
            ),
            on=on,
        )
        for capability in CAPABILITIES
        for on in [is_enabled(capability, environment)]
        for endpoint in capability.apis
    ]


def access_logs(environment: Environment, *, bucket: Named) -> list[AccessLog]:
    """Each access log. One that is off is in the list too, to be taken out."""
    return [
        AccessLog(
            name=log.name,
            bucket=bucket(log.bucket) if on else "",
            prefix=log.prefix,
            fields=log.fields,
            on=on,
        )
        for capability in CAPABILITIES
        if (log := capability.access_log) is not None
        for on in [is_enabled(capability, environment)]
    ]


def edge_functions() -> Iterator[EdgeFunction]:
    return (function for each in CAPABILITIES for function in each.edge_functions)


def _forward(pattern: Pattern, on: bool, edge_function: Named, cache_policy: Named) -> Forward:  # noqa: FBT001
    names = {each.source: each.name for each in edge_functions()}
    return Forward(
        pattern=pattern.below(API_BASE_PATH),
        writes=pattern.writes,
        function=edge_function(names[pattern.edge_function])
        if on and pattern.edge_function
        else "",
        cache_policy=cache_policy(pattern.cache_policy)
        if on and pattern.cache_policy
        else CACHING_DISABLED,
    )
