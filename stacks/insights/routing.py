"""Describes the deployed functions and the routes to them, for the list of functions."""

import ast
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import jsii
from aws_cdk import IStableStringProducer

from config import names, paths
from config.distribution import edge_functions
from config.manifest import Function
from lambdas.insights.catalogue import AtEdge, Catalogue, Served, language_title
from lambdas.shared.http.routes import Route
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.packaging import ROOT

_LANE: Final = re.compile(r"-\d+(?=/)")
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "version"
]
"""Of the functions that come with the app."""


class Described:
    """Other stacks may be made after this one, so nothing is read before all are complete."""

    def __init__(self, stack: CapabilityStack) -> None:
        self._stack = stack

    def catalogue(self) -> str:
        served = (
            Served(route.method, route.path, _name(function))
            for each in self._stacks()
            for route, function in each.served
        )
        edge = {
            each.source: language_title("javascript", _title(each.name))
            for each in edge_functions()
        }
        patterns = (
            AtEdge(f"{paths.API_BASE_PATH}/{each.path}", edge.get(each.edge_function, ""))
            for capability in self._stack.enabled
            for each in capability.patterns
        )
        return Catalogue(tuple(served), tuple(patterns)).written()

    def functions(self) -> str:
        routes: defaultdict[str, list[Route]] = defaultdict(list)
        for stack in self._stacks():
            for route, function in stack.served:
                routes[_name(function)].append(route)
        listed = [*self._python(), *self._javascript()]
        for each in listed:
            own = routes[language_title(each["language"], each["title"])]
            each |= {"schema": _schema(own), "examples": _examples(own)} if own else {}
        return json.dumps(listed, separators=(",", ":"))

    def _python(self) -> Iterator[dict[str, Any]]:
        for capability in self._stack.enabled:
            for function in capability.functions:
                source = ROOT.joinpath(*function.module.split(".")).with_suffix(".py")
                text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
                yield _described("python", function.name, text, capability.name)

    def _javascript(self) -> Iterator[dict[str, Any]]:
        for capability in self._stack.enabled:
            for function in capability.edge_functions:
                readme = ROOT / "cf_functions" / function.source / "README.md"
                text = readme.read_text(encoding="utf-8").split("\n\n")[1]
                yield _described("javascript", function.name, text, capability.name)

    def _stacks(self) -> Iterator[CapabilityStack]:
        root = self._stack.node.root
        return (each for each in root.node.children if isinstance(each, CapabilityStack))


def _schema(routes: Sequence[Route]) -> dict[str, Any]:
    """Of the parameters in the paths. Those that all routes have are required."""
    found = [_PARAMETER.findall(each.path) for each in routes]
    names_of_all = sorted({name for each in found for name in each})
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names_of_all},
        "required": [name for name in names_of_all if all(name in each for each in found)],
    }


def _examples(routes: Sequence[Route]) -> list[dict[str, str]]:
    """Without the lanes of a path, which are many and mean the same."""
    found = {(each.method, _LANE.sub("", each.path)): None for each in routes}
    return [{"method": method, "path": path} for method, path in found]


def _described(language: str, name: str, text: str, capability: str) -> dict[str, Any]:
    return {
        "language": language,
        "title": _title(name),
        "description": " ".join(text.split("\n\n")[0].split()),
        "version": VERSION,
        "tags": [capability],
    }


def _name(function: Function) -> str:
    return language_title("python", _title(function.name))


def _title(name: str) -> str:
    return name.removeprefix(f"{names.PROJECT}-")


@jsii.implements(IStableStringProducer)
class Late:
    """A text that is made when all stacks are complete."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    def produce(self) -> str:
        return self._make()
