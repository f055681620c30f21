"""Mutants of Python files: mutmut's operators, and a few that it leaves out.

Runs in an environment of its own and reads `{"files": […], "sample": n, "seed": n}`.

The runner of mutmut mutates function bodies alone. This program also mutates limits at the top
of a module and bodies of decorated functions. A mutant is one edit of a file, so any test command
can judge it.
"""

import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor, OuterFunctionProvider
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

_TYPE_NAME = re.compile(r"_?[A-Z][a-z]\w*")
_SENTENCE = re.compile(r"""["'][A-Z].* .*\.["']""")
_LOGGERS = {"logger", "log"}
_NOTHING_IGNORED = IgnoredCode(set(), set(), set())


def without_statement(node: cst.Expr) -> Iterator[cst.CSTNode]:
    """A call that is made for its effect is not made."""
    if isinstance(node.value, cst.Call):
        yield cst.Pass()


def without_guard(node: cst.If) -> Iterator[cst.CSTNode]:
    yield node.with_changes(test=cst.Name("False"))


def without_element(node: cst.Dict | cst.Set | cst.List) -> Iterator[cst.CSTNode]:
    if len(node.elements) > 1:
        for place in range(len(node.elements)):
            yield node.with_changes(elements=[*node.elements[:place], *node.elements[place + 1 :]])


OPERATORS = [
    *mutation_operators,
    (cst.Expr, without_statement),
    (cst.If, without_guard),
    ((cst.Dict, cst.Set, cst.List), without_element),
]


class Visitor(MutationVisitor):
    METADATA_DEPENDENCIES = (PositionProvider, OuterFunctionProvider, ParentNodeProvider)

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef):
            return False
        return bool(super()._skip_node_and_children(node)) or _names_a_type(node)

    def _should_mutate_node(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Assign | cst.AnnAssign) and self._is_constant(node):
            return False
        return bool(super()._should_mutate_node(node)) and not self._is_wording(node)

    def _is_constant(self, node: cst.CSTNode) -> bool:
        """True outside functions: a None there fails at import, and would only raise the score."""
        above = self.get_metadata(ParentNodeProvider, node, None)
        while above is not None and not isinstance(above, cst.FunctionDef):
            above = self.get_metadata(ParentNodeProvider, above, None)
        return above is None

    def _is_wording(self, node: cst.CSTNode) -> bool:
        """A sentence, of an error or a log line perhaps: tests pin its facts, not its words."""
        if not isinstance(node, cst.BaseString):
            return False
        if isinstance(node, cst.SimpleString) and _SENTENCE.fullmatch(node.value):
            return True
        above = self.get_metadata(ParentNodeProvider, node, None)
        while above is not None and not isinstance(above, cst.BaseStatement):
            if isinstance(above, cst.Raise) or (isinstance(above, cst.Call) and _logs(above)):
                return True
            above = self.get_metadata(ParentNodeProvider, above, None)
        return False


def _names_a_type(node: cst.CSTNode) -> bool:
    match node:
        case cst.AnnAssign(annotation=cst.Annotation(annotation=cst.Name("TypeAlias"))):
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(name))]):
            return bool(_TYPE_NAME.fullmatch(name))
    return False


def _logs(call: cst.Call) -> bool:
    match call.func:
        case cst.Attribute(value=cst.Name(name)):
            return name in _LOGGERS
    return False


class Source:
    def __init__(self, path: str) -> None:
        self.path = path
        self.text = Path(path).read_text(encoding="utf-8")
        wrapper = MetadataWrapper(cst.parse_module(self.text))
        visitor = Visitor(OPERATORS, _NOTHING_IGNORED)
        self._module = wrapper.visit(visitor)
        by_node: dict[int, list[Mutation]] = defaultdict(list)
        for mutation in visitor.mutations:
            by_node[id(mutation.original_node)].append(mutation)
        self.sites = list(by_node.values())

    def edit(self, mutation: Mutation) -> dict[str, Any] | None:
        """None where the result is no Python, or no change."""
        replaced = self._module.deep_replace(mutation.original_node, mutation.mutated_node)
        mutated = replaced.code
        try:
            compile(mutated, self.path, "exec")
        except (SyntaxError, ValueError):
            return None
        if mutated == self.text:
            return None
        start, end, replacement = _difference(self.text, mutated)
        return {"path": self.path, "start": start, "end": end, "replacement": replacement}


def _difference(before: str, after: str) -> tuple[int, int, str]:
    shorter = min(len(before), len(after))
    start = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    behind = next(
        (n for n in range(shorter - start) if before[-1 - n] != after[-1 - n]), shorter - start
    )
    return start, len(before) - behind, after[start : len(after) - behind]


def main() -> None:
    asked = json.load(sys.stdin)
    chance = random.Random(asked["seed"])
    sources = [Source(path) for path in asked["files"]]
    places = [(source, site) for source in sources for site in source.sites]
    edits: list[dict[str, Any]] = []
    for source, site in chance.sample(places, len(places)):
        if len(edits) == asked["sample"]:
            break
        edit = source.edit(chance.choice(site))
        if edit is not None:
            edits.append(edit)
    json.dump({"places": len(places), "mutants": edits}, sys.stdout)


if __name__ == "__main__":
    main()
