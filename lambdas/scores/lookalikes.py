"""Which entries of a board have a name that looks like another, older one."""

from collections.abc import Iterable, Sequence

from lambdas.scores.rules import Entry
from lambdas.shared.values.clock import from_iso
from lambdas.shared.values.skeletons import skeleton


def lookalikes(board: Sequence[Entry]) -> frozenset[str]:
    """The ids of the players whose entries are to be marked. The board is sorted best first.

    Of names that look alike, one stays unmarked, whoever uses it. A name that mixes no scripts
    comes first, then the name of the earliest entry, then that of the best. A board does not
    store who had a name first, and a better play makes an entry a later one.
    """
    by_skeleton: dict[str, list[Entry]] = {}
    for entry in board:
        by_skeleton.setdefault(skeleton(entry.user_name), []).append(entry)
    return frozenset(each.user_id for alike in by_skeleton.values() for each in _marked(alike))


def _marked(alike: Sequence[Entry]) -> Iterable[Entry]:
    if len({entry.user_name for entry in alike}) == 1:
        return ()
    original = min(alike, key=_precedence).user_name
    return (entry for entry in alike if entry.user_name != original)


def _precedence(entry: Entry) -> tuple[bool, int]:
    return _mixes_scripts(entry.user_name), from_iso(entry.updated_at)


def _mixes_scripts(name: str) -> bool:
    if name.isascii():
        return False
    from lambdas.shared.values.unicode_skeletons import mixes_scripts

    return mixes_scripts(name)
