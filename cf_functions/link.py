"""Joins a function with the library pieces it uses into one script, as CloudFront wants it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tree_sitter import Node

from cf_functions.javascript import (
    ENTRY_POINT,
    child_of,
    declared_names,
    identifiers,
    parse,
    text_of,
    top_level_names,
)


class LinkError(Exception):
    """The files do not make one script."""


@dataclass
class Module:
    """One file: what it imports, and its top-level declarations, all by name."""

    path: Path
    library: dict[str, Path] = field(default_factory=dict)
    runtime: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, Node] = field(default_factory=dict)


def link(entry: Path) -> str:
    """The entry's handler and what it reaches, nothing else."""
    owners = _owners(_modules(entry))
    if ENTRY_POINT not in owners:
        raise LinkError(f"{entry}: declares no {ENTRY_POINT}")
    reached = list(_reached(ENTRY_POINT, owners, set()))
    imports = {line for name in reached for line in _runtime_imports(owners[name], name)}
    pieces = [text_of(owners[name].pieces[name]) for name in reached]
    return "\n\n".join(["\n".join(sorted(imports)), *pieces]) + "\n"


def _modules(entry: Path) -> list[Module]:
    found: dict[Path, Module] = {}
    waiting = [entry.resolve()]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = _module(path)
            waiting += found[path].library.values()
    return list(found.values())


def _module(path: Path) -> Module:
    module = Module(path)
    for statement in parse(path.read_text(encoding="utf-8")).named_children:
        if statement.type == "import_statement":
            _add_import(statement, module)
        elif statement.type != "comment":
            _add_piece(statement.child_by_field_name("declaration") or statement, module)
    return module


def _add_import(statement: Node, module: Module) -> None:
    origin = text_of(child_of(statement, "source")).strip("'")
    for name in declared_names(statement):
        if origin.startswith("."):
            module.library[name] = (module.path.parent / origin).resolve()
        else:
            module.runtime[name] = origin


def _add_piece(statement: Node, module: Module) -> None:
    names = top_level_names(statement)
    if len(names) != 1:
        line = statement.start_point.row + 1
        raise LinkError(f"{module.path}:{line}: at the top, only functions and single constants")
    module.pieces[names.pop()] = statement


def _owners(modules: list[Module]) -> dict[str, Module]:
    """All pieces end up in one scope, so a name may be declared once only."""
    owners: dict[str, Module] = {}
    for module in modules:
        for name in module.pieces:
            if name in owners:
                raise LinkError(f"{name}: in both {owners[name].path} and {module.path}")
            owners[name] = module
    for module in modules:
        for name, origin in module.library.items():
            if name not in owners or owners[name].path != origin:
                raise LinkError(f"{module.path}: {origin} does not declare {name}")
    return owners


def _reached(name: str, owners: dict[str, Module], seen: set[str]) -> Iterator[str]:
    """What a piece uses comes before it, so that each constant is there when it is read."""
    seen.add(name)
    module = owners[name]
    for word in dict.fromkeys(identifiers(module.pieces[name])):
        if word not in seen and (word in module.pieces or word in module.library):
            yield from _reached(word, owners, seen)
    yield name


def _runtime_imports(module: Module, name: str) -> Iterator[str]:
    used = set(identifiers(module.pieces[name]))
    for bound, origin in module.runtime.items():
        if bound in used:
            yield f"import {bound} from '{origin}';"
