"""Which function answers a request, by its path.

The stack describes the routes when it is deployed. They travel as JSON.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final, Self
from urllib.parse import unquote

SITE: Final = "site-files"
"""Answers every path that is not the API's."""
UNROUTED: Final = "api-unrouted"
"""Counts requests to paths of the API that no function serves."""
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_LONGEST_STEM: Final = 2048
_RUN: Final = re.compile(r"POST .*/\{project\}/\{function\}(/sessions/\{requestId\})?")
"""Routes that run a creator's function."""
_OWNED: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,80}@[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Served:
    """A route of an HTTP API, and the function behind it."""

    method: str
    path: str
    """Parameters are in braces: /api/scores/{gameId}/{period}/{userId}."""
    fn: str


@dataclass(frozen=True, slots=True)
class AtEdge:
    """A path pattern of the distribution, and the edge function that runs first."""

    pattern: str
    fn: str = ""
    """Empty where none does."""


@dataclass(frozen=True, slots=True)
class Answering:
    fn: str
    route: str
    caller: str = ""
    """The player that the path names."""
    run: str = ""
    """The creator's function that the path runs, if there is one of this name."""


@dataclass(frozen=True)
class Catalogue:
    served: tuple[Served, ...] = ()
    at_edge: tuple[AtEdge, ...] = ()
    callers: tuple[str, ...] = ("userId",)
    """Path parameters that name a player."""

    def answering(self, method: str, stem: str, *, reached_origin: bool) -> Answering:
        """What answered. An edge function did where the request never reached the origin."""
        path = unquote(stem[:_LONGEST_STEM], errors="replace")
        edge = next((each for each, form in self._edges if form.fullmatch(path)), None)
        if edge is None:
            return Answering(SITE, f"{method} *")
        for each, form in self._routes:
            if each.method == method and (found := form.fullmatch(path)):
                named = found.groupdict()
                caller = next((named[name] for name in self.callers if name in named), "")
                route = f"{method} {each.path}"
                run = _function_of(named) if _RUN.fullmatch(route) else ""
                by_edge = edge.fn and not reached_origin
                return Answering(edge.fn if by_edge else each.fn, route, caller, run)
        if edge.fn and not reached_origin:
            return Answering(edge.fn, f"{method} {edge.pattern}")
        return Answering(UNROUTED, f"{method} {edge.pattern}")

    @cached_property
    def _edges(self) -> list[tuple[AtEdge, re.Pattern[str]]]:
        return [(each, _pattern(each.pattern)) for each in self.at_edge]

    @cached_property
    def _routes(self) -> list[tuple[Served, re.Pattern[str]]]:
        """Routes without parameters first, as API Gateway prefers them."""
        ordered = sorted(self.served, key=lambda each: len(_PARAMETER.findall(each.path)))
        return [(each, _template(each.path)) for each in ordered]

    def written(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Self:
        content: Mapping[str, Any] = json.loads(text)
        return cls(
            served=tuple(Served(**each) for each in content["served"]),
            at_edge=tuple(AtEdge(**each) for each in content["at_edge"]),
            callers=tuple(content["callers"]),
        )


def _function_of(named: Mapping[str, str]) -> str:
    """Two creators' functions may have one name."""
    name = f"{named['function']}@{named['project']}"
    return name if _OWNED.fullmatch(name) else ""


def owner_of(fn: str) -> str | None:
    """The API user whose function it is; None for the functions that come with the app."""
    return fn.partition("@")[2] or None


def language_title(language: str, title: str) -> str:
    return f"{language}-{title}"


def _pattern(pattern: str) -> re.Pattern[str]:
    """CloudFront's wildcards: * is any run of characters, ? is any one."""
    wildcards = {"*": ".*", "?": "."}
    return _joined(wildcards.get(each) or re.escape(each) for each in pattern)


def _template(path: str) -> re.Pattern[str]:
    parts = _PARAMETER.split(path)
    return _joined(
        f"(?P<{part}>[^/]+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    )


def _joined(parts: Iterable[str]) -> re.Pattern[str]:
    return re.compile("".join(parts), re.DOTALL)
