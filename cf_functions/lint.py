"""Finds syntax and names in a script that cloudfront-js-2.0 does not document.

The runtime answers with a 5xx what it cannot run, and no other engine refuses the same. So this is
an allow-list of syntax, of globals and of their members.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from cf_functions import runtime
from cf_functions.assemble import NAMES, assemble, linked
from cf_functions.javascript import child_of, declared_names, parse, text_of, walk

_SYNTAX = runtime.words(
    """
    arguments array arrow_function assignment_expression augmented_assignment_expression
    await_expression binary_expression break_statement call_expression catch_clause comment
    continue_statement do_statement else_clause escape_sequence expression_statement false
    finally_clause for_in_statement for_statement formal_parameters function_declaration
    function_expression identifier if_statement import_clause import_statement
    labeled_statement lexical_declaration member_expression new_expression null number object
    pair parenthesized_expression program property_identifier regex regex_flags regex_pattern
    rest_pattern return_statement sequence_expression statement_block statement_identifier
    string string_fragment subscript_expression switch_body switch_case switch_default
    switch_statement template_string template_substitution ternary_expression this
    throw_statement true try_statement unary_expression undefined update_expression
    variable_declaration variable_declarator while_statement
    """
)
_TOKENS = frozenset({"??", "??=", "&&=", "||=", "of"})
_TERMINATED = runtime.words(
    """
    break_statement continue_statement do_statement expression_statement import_statement
    lexical_declaration return_statement throw_statement variable_declaration
    """
)
_PLACES_FOR_AWAIT = runtime.words(
    "assignment_expression expression_statement return_statement variable_declarator"
)
_LOOKBEHIND_OR_UNICODE = re.compile(r"\(\?<[=!]|\\[pP]\{|\\u\{")
_NUMBER = re.compile(r"(0x[\da-f_]+|[\d_]*\.?[\d_]+\.?(e[+-]?\d+)?)", re.IGNORECASE)
_INNARDS = frozenset({"__proto__", "constructor", "prototype"})


@dataclass(frozen=True)
class Finding:
    line: int
    message: str


@dataclass(frozen=True)
class _Script:
    declared: frozenset[str]
    modules: dict[str, str]

    @classmethod
    def of(cls, root: Node) -> _Script:
        modules = {
            name: text_of(child_of(statement, "source")).strip("'\"")
            for statement in root.named_children
            if statement.type == "import_statement"
            for name in declared_names(statement)
        }
        return cls(frozenset(declared_names(root)), modules)

    def members_of(self, name: str) -> frozenset[str] | None:
        """The documented members of a name; None if the script declares it."""
        if name in self.modules:
            return runtime.MODULES.get(self.modules[name], frozenset())
        if name in self.declared or name == "arguments":
            return None
        return runtime.GLOBAL_MEMBERS.get(name, frozenset())


def check(source: str) -> list[Finding]:
    root = parse(source)
    script = _Script.of(root)
    return [
        Finding(node.start_point.row + 1, f"{message}: {text_of(node)[:60]}")
        for node in walk(root)
        for message in _faults(node, script)
    ]


def _faults(node: Node, script: _Script) -> Iterator[str]:
    if node.is_error or node.is_missing:
        yield "not JavaScript"
    if node.is_named and node.type not in _SYNTAX:
        yield f"{node.type} is not documented"
    if node.type in _TOKENS and not node.is_named:
        yield "not documented"
    if node.type in _TERMINATED and not _is_terminated(node):
        yield "semicolon missing"
    yield from _CHECKS.get(node.type, _nothing)(node, script)


def _is_terminated(statement: Node) -> bool:
    if statement.children[-1].type == ";":
        return True
    node: Node | None = statement
    while node is not None and node.next_sibling is None:
        node = node.parent
    return node is not None and node.next_sibling is not None and node.next_sibling.type == "}"


def _nothing(_node: Node, _script: _Script) -> Iterator[str]:
    yield from ()


def _await(node: Node, _script: _Script) -> Iterator[str]:
    if node.parent is None or node.parent.type not in _PLACES_FOR_AWAIT:
        yield "await must be a statement or an assignment of its own"


def _function(node: Node, _script: _Script) -> Iterator[str]:
    is_async = any(child.type == "async" for child in node.children)
    if is_async and node.parent is not None and node.parent.type != "program":
        yield "async closures are not supported"


def _identifier(node: Node, script: _Script) -> Iterator[str]:
    name = text_of(node)
    if name not in script.declared and name not in runtime.GLOBALS:
        yield "not a documented global"


def _import(node: Node, _script: _Script) -> Iterator[str]:
    if text_of(child_of(node, "source")).strip("'\"") not in runtime.MODULES:
        yield "not a documented module"


def _member(node: Node, script: _Script) -> Iterator[str]:
    owner, member = child_of(node, "object"), text_of(child_of(node, "property"))
    members = script.members_of(text_of(owner)) if owner.type == "identifier" else None
    if members is not None and member not in members:
        yield "not a documented member"
    if member in _INNARDS:
        yield "prototypes must not be used"


def _subscript(node: Node, script: _Script) -> Iterator[str]:
    owner = child_of(node, "object")
    if owner.type == "identifier" and script.members_of(text_of(owner)) is not None:
        yield "members of a global must be written with a dot"


def _call(node: Node, script: _Script) -> Iterator[str]:
    function, arguments = child_of(node, "function"), child_of(node, "arguments")
    given = [child for child in arguments.named_children if child.type != "comment"]
    if arguments.type != "arguments":
        yield "tagged templates are not documented"
    if function.type != "member_expression":
        return
    owner, name = child_of(function, "object"), text_of(child_of(function, "property"))
    foreign = owner.type == "identifier" and script.members_of(text_of(owner)) is not None
    if not foreign and name not in runtime.METHODS:
        yield "not a documented method"
    if text_of(owner) == "console" and len(given) != 1:
        yield "console.log takes one argument"
    yield from _arguments(name, given)


def _arguments(name: str, given: list[Node]) -> Iterator[str]:
    if name in ("createHash", "createHmac") and _literal(given, 0) not in runtime.DIGESTS:
        yield "not a documented algorithm"
    if name == "digest" and given and _literal(given, 0) not in runtime.ENCODINGS:
        yield "not a documented encoding"


def _literal(given: list[Node], place: int) -> str:
    return text_of(given[place]).strip("'\"") if len(given) > place else ""


def _new(node: Node, script: _Script) -> Iterator[str]:
    name = text_of(child_of(node, "constructor"))
    if name not in script.declared and name not in runtime.CONSTRUCTORS:
        yield "not a documented constructor"


def _number(node: Node, _script: _Script) -> Iterator[str]:
    if not _NUMBER.fullmatch(text_of(node)):
        yield "not a documented notation"


def _rest(node: Node, _script: _Script) -> Iterator[str]:
    if node.parent is None or node.parent.type != "formal_parameters":
        yield "destructuring is not documented"


def _regex(node: Node, _script: _Script) -> Iterator[str]:
    if _LOOKBEHIND_OR_UNICODE.search(text_of(child_of(node, "pattern"))):
        yield "lookbehind and Unicode classes are not documented"
    flags = node.child_by_field_name("flags")
    if flags and not set(text_of(flags)) <= runtime.REGEX_FLAGS:
        yield "not a documented flag"


def _escape(node: Node, _script: _Script) -> Iterator[str]:
    if text_of(node).startswith("\\u{"):
        yield "not a documented escape"


def _catch(node: Node, _script: _Script) -> Iterator[str]:
    if node.child_by_field_name("parameter") is None:
        yield "catch without a parameter is not documented"


_CHECKS: dict[str, Callable[[Node, _Script], Iterator[str]]] = {
    "arrow_function": _function,
    "await_expression": _await,
    "call_expression": _call,
    "catch_clause": _catch,
    "escape_sequence": _escape,
    "function_declaration": _function,
    "function_expression": _function,
    "identifier": _identifier,
    "import_statement": _import,
    "member_expression": _member,
    "new_expression": _new,
    "number": _number,
    "regex": _regex,
    "rest_pattern": _rest,
    "subscript_expression": _subscript,
}


def main() -> int:
    found = 0
    for name in NAMES:
        for form, source in (("in full", linked(name)), ("as uploaded", assemble(name))):
            for finding in check(source):
                print(f"cf_functions/{name}, {form}, line {finding.line}: {finding.message}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
