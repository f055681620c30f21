"""Parses JavaScript for the lint."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_javascript.language()))
_LISTS_OF_NAMES = {"formal_parameters", "rest_pattern", "import_clause"}


def parse(source: str) -> Node:
    return _PARSER.parse(source.encode()).root_node


def text_of(node: Node) -> str:
    return (node.text or b"").decode()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the source."""
    yield node
    for child in node.children:
        yield from walk(child)


def declared_names(node: Node) -> set[str]:
    """Names declared anywhere below: functions, variables, parameters, imports."""
    declared = set()
    for below in walk(node):
        fields = ["left"] if below.type == "for_in_statement" else ["name", "parameter"]
        named = [below.child_by_field_name(name) for name in fields]
        listed = below.children if below.type in _LISTS_OF_NAMES else []
        declared |= {text_of(n) for n in [*named, *listed] if n and n.type == "identifier"}
    return declared


def child_of(node: Node, name: str) -> Node:
    child = node.child_by_field_name(name)
    if child is None:
        raise ValueError(f"{node.type} without {name} in line {node.start_point.row + 1}")
    return child
