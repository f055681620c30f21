"""Describes the deployed functions and the routes to them, for the list of functions."""

import ast
import json
import tomllib
from collections.abc import Iterator
from typing import Any

import jsii
from aws_cdk import IStableStringProducer

from config import names, paths
from config.distribution import edge_functions
from config.manifest import Function
from lambdas.insights.catalogue import AtEdge, Catalogue, Served, language_title
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.packaging import ROOT

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
        return json.dumps([*self._python(), *self._javascript()], separators=(",", ":"))

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
class CatalogueText:
    def __init__(self, described: Described) -> None:
        self._described = described

    def produce(self) -> str:
        return self._described.catalogue()
