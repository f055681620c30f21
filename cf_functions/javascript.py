"""The JavaScript parser that assembling, minifying and linting share."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

ENTRY_POINT = "handler"

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


def identifiers(node: Node) -> list[str]:
    """Names of variables and functions; to the parser, a property's name is another thing."""
    return [text_of(below) for below in walk(node) if below.type == "identifier"]


def declared_names(node: Node) -> set[str]:
    """Names declared anywhere below: functions, variables, parameters, imports."""
    declared = set()
    for below in walk(node):
        fields = ["left"] if below.type == "for_in_statement" else ["name", "parameter"]
        named = [below.child_by_field_name(name) for name in fields]
        listed = below.children if below.type in _LISTS_OF_NAMES else []
        declared |= {text_of(n) for n in [*named, *listed] if n and n.type == "identifier"}
    return declared


def top_level_names(statement: Node) -> set[str]:
    """Names a top-level statement declares for the whole script."""
    statement = statement.child_by_field_name("declaration") or statement
    if statement.type == "function_declaration":
        return {text_of(child_of(statement, "name"))}
    if statement.type == "lexical_declaration":
        return {text_of(child_of(one, "name")) for one in statement.named_children}
    return declared_names(statement) if statement.type == "import_statement" else set()


def child_of(node: Node, name: str) -> Node:
    child = node.child_by_field_name(name)
    if child is None:
        raise ValueError(f"{node.type} without {name} in line {node.start_point.row + 1}")
    return child
