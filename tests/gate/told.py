"""Differences between templates as people read them: which resource, which property."""

from collections.abc import Iterator
from typing import Any

from tests.gate.changes import ABSENT, Change, changes
from tests.gate.templates import Stacks

Json = Any


def differences(before: Stacks, now: Stacks) -> Iterator[str]:
    for change in changes(before, now):
        match change.path:
            case (stack,):
                yield f"{stack}: this stack is {_fate(change)}"
            case (stack, "Resources", name):
                kind = _resource(before, now, stack, name)["Type"]
                yield f"{stack}: {name} ({kind}) is {_fate(change)}{_like(change, before, now)}"
            case (stack, "Resources", name, *path):
                kind = _resource(before, now, stack, name)["Type"]
                rest = Change(tuple(path), change.before, change.now)
                yield f"{stack}: {name} ({kind}): {rest}"
            case (stack, *path):
                yield f"{stack}: {Change(tuple(path), change.before, change.now)}"


def _fate(change: Change) -> str:
    return "gone" if change.now == ABSENT else "new"


def _resource(before: Stacks, now: Stacks, stack: str, name: str) -> Json:
    found = before[stack]["Resources"].get(name)
    return now[stack]["Resources"][name] if found is None else found


def _like(change: Change, before: Stacks, now: Stacks) -> str:
    """A resource that is the same but for its logical id."""
    if change.now != ABSENT:
        return ""
    stack = change.path[0]
    for name, resource in now[stack]["Resources"].items():
        if resource == change.before and name not in before[stack]["Resources"]:
            return f": its logical id is now {name}"
    return ""
