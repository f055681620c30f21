"""How two documents differ: as lines for people, or as a patch."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

Json = Any
ABSENT: Final = "<absent>"
_MOST_SHOWN: Final = 300

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    path: Path
    before: Json
    now: Json

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: was {_shown(self.before)}, is {_shown(self.now)}"


def _shown(value: Json) -> str:
    text = value if value == ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def changes(before: Json, now: Json, path: Path = ()) -> Iterator[Change]:
    """Each change, as near to the leaves as possible."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted({*before, *now}):
            yield from changes(before.get(name, ABSENT), now.get(name, ABSENT), (*path, name))
    elif isinstance(before, list) and isinstance(now, list):
        yield from _changes_of_lists(before, now, path)
    elif not _same(before, now):
        yield Change(path, before, now)


def _changes_of_lists(before: list[Json], now: list[Json], path: Path) -> Iterator[Change]:
    gone = [(place, each) for place, each in enumerate(before) if not _among(each, now)]
    new = [(place, each) for place, each in enumerate(now) if not _among(each, before)]
    if len(gone) == len(new) == 1:
        yield from changes(gone[0][1], new[0][1], (*path, str(gone[0][0])))
        return
    yield from (Change((*path, str(place)), each, ABSENT) for place, each in gone)
    yield from (Change((*path, str(place)), ABSENT, each) for place, each in new)
    if not gone and not new and not _same(before, now):
        yield Change(path, before, now)


def _among(value: Json, others: list[Json]) -> bool:
    return any(_same(value, each) for each in others)


def _same(one: Json, other: Json) -> bool:
    """To Python 1, 1.0 and True are equal; to a template they are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def unkept(before: Json, now: Json, path: Path = ()) -> Iterator[Change]:
    """Values that an answer no longer contains; members of an object may be added."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name, value in before.items():
            yield from unkept(value, now.get(name, ABSENT), (*path, name))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for place, pair in enumerate(zip(before, now, strict=True)):
            yield from unkept(*pair, (*path, str(place)))
    else:
        yield from changes(before, now, path)


def patch_between(base: Json, other: Json) -> Json:
    """Returns the members to merge into `base` to get `other`; `<absent>` deletes a member."""
    if not isinstance(base, dict) or not isinstance(other, dict):
        return other
    patch = {name: ABSENT for name in base if name not in other}
    for name, value in other.items():
        if name not in base:
            patch[name] = value
        elif not _same(value, base[name]):
            patch[name] = patch_between(base[name], value)
    return patch


def patched(base: Json, patch: Json) -> Json:
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return patch
    result = {name: value for name, value in base.items() if patch.get(name) != ABSENT}
    for name, value in patch.items():
        if value != ABSENT:
            result[name] = patched(result[name], value) if name in result else value
    return result
