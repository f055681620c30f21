"""Turns files into Markdown documents that keep each text's line."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.bootstrap import ROOT

_IGNORED_COMMENT: Final = re.compile(r"^\s*(noqa|type:|pragma|mypy:|ruff:|!)")
_NOT_PROSE: Final = re.compile(r"[{}<>=\\]|^\W")
_FEWEST_WORDS: Final = 4
_JAVASCRIPT: Final = re.compile(
    r"//(?P<line>[^\n]*)|/\*\*?(?P<block>.*?)\*/"
    r"|'(?P<single>(?:\\.|[^'\\\n])*)'|\"(?P<double>(?:\\.|[^\"\\\n])*)\"|`(?P<template>(?:\\.|[^`\\])*)`",
    re.DOTALL,
)
_JAPANESE: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_SPELLED: Final = {
    term.lower(): term
    for term in ("CloudFormation", "CloudFront", "CloudWatch", "DynamoDB", "GitHub", "JavaScript")
}
"""A function's name has no capitals."""


@dataclass(frozen=True)
class Fragment:
    line: int
    text: str


@dataclass(frozen=True)
class Document:
    path: Path
    text: str
    lines: tuple[int, ...] = ()
    """The line in the file of each line of the text; empty for a page, whose lines agree."""

    def where(self, line: int) -> str:
        of_file = self.lines[line - 1] if self.lines else line
        return f"{self.path.relative_to(ROOT)}:{of_file}"


def document(path: Path) -> Document:
    text = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".md":
            return Document(path, text)
        case ".py":
            return _assembled(path, python_fragments(text, tests="tests" in path.parts))
        case _:
            return _assembled(path, javascript_fragments(text))


def _assembled(path: Path, fragments: Iterable[Fragment]) -> Document:
    text: list[str] = []
    lines: list[int] = []
    for fragment in fragments:
        for number, line in enumerate([*fragment.text.splitlines(), ""]):
            text.append(line)
            lines.append(fragment.line + number)
    return Document(path, "\n".join(text), tuple(lines) or (1,))


def python_fragments(source: str, *, tests: bool = False) -> Iterator[Fragment]:
    """Docstrings, comments, strings that read like sentences, and the names of tests."""
    yield from _comments(source)
    tree = ast.parse(source)
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and tests and node.name.startswith("test_"):
            yield Fragment(node.lineno, _words_of(node.name))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(id(node.value))
            if isinstance(node.value.value, str):
                yield Fragment(node.lineno, _dedented(node.value.value))
        if isinstance(node, ast.JoinedStr):
            inside |= {id(value) for value in node.values}
            yield from _sentences(node.lineno, _joined(node))
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in inside
        ):
            yield from _sentences(node.lineno, node.value)


def _words_of(test: str) -> str:
    words = test.removeprefix("test_").split("_")
    return " ".join(_SPELLED.get(word, word) for word in words)


def _comments(source: str) -> Iterator[Fragment]:
    block: list[str] = []
    begun = last = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or _IGNORED_COMMENT.match(token.string[1:]):
            continue
        line, column = token.start
        alone = not token.line[:column].strip()
        if block and not (alone and line == last + 1):
            yield Fragment(begun, "\n".join(block))
            block = []
        begun, last = (line if not block else begun), line
        block.append(token.string[1:].strip())
    if block:
        yield Fragment(begun, "\n".join(block))


def _joined(node: ast.JoinedStr) -> str:
    parts = (value.value if isinstance(value, ast.Constant) else "`value`" for value in node.values)
    return "".join(str(part) for part in parts)


def _sentences(line: int, text: str) -> Iterator[Fragment]:
    if _JAPANESE.search(text) or _reads_like_a_sentence(text.strip()):
        yield Fragment(line, _dedented(text))


def _reads_like_a_sentence(text: str) -> bool:
    words = text.replace("`value`", "").strip()
    return len(text.split()) >= _FEWEST_WORDS and not _NOT_PROSE.search(words)


def _dedented(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def javascript_fragments(source: str) -> Iterator[Fragment]:
    for match in _JAVASCRIPT.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        if match["line"] is not None:
            yield Fragment(line, match["line"].strip())
        elif match["block"] is not None:
            yield Fragment(line, re.sub(r"(?m)^\s*\*? ?", "", match["block"]).strip())
        else:
            said = next(part for part in match.groups()[2:] if part is not None)
            yield from _sentences(line, re.sub(r"\$\{[^}]*\}", "`value`", said))
