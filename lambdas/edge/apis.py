"""The APIs behind the distribution, as the stack describes them to the patch.

They travel as JSON in one setting, so a new API changes no code here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from lambdas.edge.patch_plan import Behaviour, Desired, Origin

# CloudFront's own policies, the same in every account.
CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """One path pattern, and how the distribution forwards it."""

    pattern: str
    writes: bool = False
    """Whether methods that write go through, with all that the viewer sent; otherwise GET alone."""
    function: str = ""
    """The ARN of the edge function that runs first."""
    cache_policy: str = CACHING_DISABLED

    def behaviour(self, origin: str) -> Behaviour:
        return Behaviour(
            pattern=self.pattern,
            origin_id=origin,
            writes=self.writes,
            cache_policy=self.cache_policy,
            origin_request_policy=ALL_VIEWER_EXCEPT_HOST if self.writes else None,
            function=self.function or None,
        )

    def to_json(self) -> dict[str, Any]:
        """Leaves out defaults: Lambda allows 4 KB for all settings together."""
        short: dict[str, Any] = {"pattern": self.pattern}
        if self.writes:
            short["writes"] = True
        if self.function:
            short["function"] = self.function
        if self.cache_policy != CACHING_DISABLED:
            short["cache_policy"] = self.cache_policy
        return short


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    origin: str
    """Its id among the distribution's origins."""
    endpoint: str
    """The SSM parameter that holds its address."""
    forwards: tuple[Forward, ...]
    on: bool = True
    """False for an API that is switched off: the patch takes it out of the distribution."""

    def to_json(self) -> dict[str, Any]:
        short: dict[str, Any] = {
            "origin": self.origin,
            "endpoint": self.endpoint,
            "forwards": [each.to_json() for each in self.forwards],
        }
        return short if self.on else {**short, "on": False}

    @classmethod
    def from_json(cls, short: Mapping[str, Any]) -> Self:
        forwards = tuple(Forward(**each) for each in short["forwards"])
        return cls(**{**short, "forwards": forwards})


def written(apis: Iterable[Api]) -> str:
    return json.dumps([each.to_json() for each in apis], separators=(",", ":"))


def read(text: str) -> list[Api]:
    return [Api.from_json(each) for each in json.loads(text)]


def desired(
    apis: Sequence[Api], addresses: Mapping[str, str], lock: str, gone: Sequence[str] = ()
) -> Desired:
    """What the distribution carries for the APIs at these addresses, by their SSM parameters.

    `gone` are ids of origins that an earlier deploy put in and that no API has any more.
    """
    on = [each for each in apis if each.on]
    return Desired(
        [api_origin(each.origin, addresses[each.endpoint], lock) for each in on],
        [forward.behaviour(each.origin) for each in on for forward in each.forwards],
        retired=(*(each.origin for each in apis if not each.on), *gone),
    )


def removable(apis: Sequence[Api]) -> Desired:
    """Everything that these APIs may have in a distribution, whether or not they are on."""
    return Desired(
        (), [forward.behaviour(each.origin) for each in apis for forward in each.forwards]
    )


def api_origin(id: str, endpoint: str, lock: str) -> Origin:
    """From the published address, whose scheme and port are not always those of AWS."""
    address = urlsplit(endpoint)
    secure = address.scheme == "https"
    return Origin(
        id=id,
        domain=address.hostname or "",
        path=address.path,
        lock=lock,
        http_port=80 if secure else address.port or 80,
        https_port=(address.port or 443) if secure else 443,
        protocol="https-only" if secure else "http-only",
    )
