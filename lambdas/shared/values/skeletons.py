"""Names that look alike have the same skeleton: that of Unicode's UTS #39, with three additions.

Compatible characters count as one, marks that change nothing visible are left out, and so are
joiners between letters. A skeleton is compared and never shown.
"""

from functools import lru_cache
from typing import Final

_ASCII: Final = (
    *(("0", "O"), ("1", "l"), ("I", "l"), ("|", "l")),
    *(("m", "rn"), ("%", "o/O"), ('"', "''"), ("`", "'")),
)
"""The part of Unicode's table that ASCII names need. Most boards need no more."""
_KEPT: Final = 2048
"""A warm function meets the same names again and again."""


@lru_cache(maxsize=_KEPT)
def skeleton(name: str) -> str:
    if name.isascii():
        return _ascii_skeleton(name)
    # Its table would slow down the start of a function.
    from lambdas.shared.values.unicode_skeletons import unicode_skeleton

    return unicode_skeleton(name)


def _ascii_skeleton(name: str) -> str:
    """Takes a third of the time of str.translate."""
    for source, prototype in _ASCII:
        name = name.replace(source, prototype)
    return name
