"""Shortens a script for upload: CloudFront counts every byte, comments included.

General minifiers are no use here: to save bytes they turn async functions into closures and
put `await` where the runtime does not take it. This one keeps every expression as it stands.

Renaming needs no scope analysis, because a name becomes the same short name wherever it stands
within one top-level declaration. That, and dropping line ends, relies on what lint.py forbids:
shorthand properties, destructuring, dynamic code, a statement without its semicolon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from string import ascii_lowercase, ascii_uppercase

from tree_sitter import Node

from cf_functions.javascript import (
    ENTRY_POINT,
    declared_names,
    identifiers,
    parse,
    text_of,
    top_level_names,
)

Names = dict[str, str]

_PRINTING_ORDER = ("import_statement", "lexical_declaration", "function_declaration")
_PLAIN = {"expression_statement", "return_statement", "throw_statement"}


class ShadowingError(Exception):
    def __init__(self, names: set[str]) -> None:
        super().__init__(f"{', '.join(sorted(names))}: a local name hides a top-level one")


def minify(script: str) -> str:
    root = parse(script)
    pieces = [piece for piece in root.named_children if piece.type != "comment"]
    pieces.sort(key=_place)
    top_level = {name for piece in pieces for name in top_level_names(piece)}
    shared = _shortened(top_level - {ENTRY_POINT}, identifiers(root), ascii_uppercase)
    printed = _Printed()
    for piece in pieces:
        printed.add(piece, shared | _short_locals(piece, top_level))
    return printed.text


def _place(piece: Node) -> int:
    if piece.type not in _PRINTING_ORDER:
        line = piece.start_point.row + 1
        raise ValueError(f"line {line}: at the top, only imports, constants and functions")
    return _PRINTING_ORDER.index(piece.type)


def _short_locals(piece: Node, top_level: set[str]) -> Names:
    declared = declared_names(piece) - top_level_names(piece)
    if declared & top_level:
        raise ShadowingError(declared & top_level)
    return _shortened(declared, identifiers(piece), ascii_lowercase)


def _shortened(declared: set[str], used: list[str], alphabet: str) -> Names:
    """The more often a name is used, the shorter it becomes."""
    taken = set(used) - declared
    free = (name for name in _short_names(alphabet) if name not in taken)
    by_use = [name for name, _ in Counter(used).most_common() if name in declared]
    return dict(zip(by_use, free, strict=False))


def _short_names(alphabet: str) -> Iterator[str]:
    """a, b, … z, a0, b0, …: never a reserved word, never a name of the other alphabet."""
    yield from alphabet
    for number in count():
        yield from (f"{letter}{number}" for letter in alphabet)


class _Printed:
    def __init__(self) -> None:
        self.text = ""
        self._end_of_constants = 0

    def add(self, piece: Node, names: Names) -> None:
        end = piece.start_byte
        for leaf in _needed_leaves(piece):
            self._add_leaf(leaf, names, apart=leaf.start_byte > end)
            end = leaf.end_byte

    def _add_leaf(self, leaf: Node, names: Names, *, apart: bool) -> None:
        text = text_of(leaf)
        if leaf.type == "identifier":
            text = names.get(text, text)
        if text == "const" and self._follows_constants():
            self.text, text = self.text.removesuffix(";"), ","
        elif text == "}":
            self.text = self.text.removesuffix(";")
        elif apart and _would_merge(self.text[-1], text[0]):
            self.text += " "
        self.text += text
        if text == ";" and leaf.parent and leaf.parent.children[0].type == "const":
            self._end_of_constants = len(self.text)

    def _follows_constants(self) -> bool:
        return self.text.endswith(";") and len(self.text) == self._end_of_constants


def _needed_leaves(node: Node) -> Iterator[Node]:
    if node.type == "comment":
        return
    if not node.children:
        yield node
    for child in node.named_children if _needs_no_braces(node) else node.children:
        yield from _needed_leaves(child)


def _needs_no_braces(node: Node) -> bool:
    """Whether this is the block of an `if` without `else`, holding one plain statement."""
    parent = node.parent
    if node.type != "statement_block" or parent is None or parent.type != "if_statement":
        return False
    if parent.child_by_field_name("alternative") is not None:
        return False
    statements = [child for child in node.named_children if child.type != "comment"]
    return [one.type in _PLAIN and one.children[-1].type == ";" for one in statements] == [True]


def _would_merge(left: str, right: str) -> bool:
    words = all(character.isalnum() or character in "_$" for character in (left, right))
    return words or (left == right and left in "+-/")
