"""Skeletons of names that are not ASCII, and the scripts that such names mix."""

import re
import unicodedata
from typing import Final

from lambdas.shared.values.confusables import PROTOTYPES

_LETTER: Final = "\u0620-\u109f\u1780-\u18aa\ua8e0-\ua8ff"
"""Of scripts whose spelling needs joiners, as in names.py."""
_UNSEEN: Final = re.compile(
    # a choice between text and picture
    "[\ufe0e\ufe0f]"
    # joiners, but not those of emoji
    f"|\u200c|(?<=[{_LETTER}])\u200d+"
)
_REPEATED_MARK: Final = re.compile("([\u0300-\u036f])\\1+")
_DOT_ON_DOT: Final = re.compile("(?<=[ij\u0237])\u0307")
"""A dot above an i replaces the dot that it has."""

_EAST_ASIAN: Final = {
    *("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL")
}
"""Their languages mix these scripts with each other, and with Latin."""


def unicode_skeleton(name: str) -> str:
    """Repeats the rule, because what one step leaves may concern another."""
    before, skeleton = None, name
    while skeleton != before:
        before, skeleton = skeleton, _once(skeleton)
    return skeleton


def _once(text: str) -> str:
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKD", text))
    alike = unicodedata.normalize("NFKD", plain.translate(PROTOTYPES))
    return _DOT_ON_DOT.sub("", _REPEATED_MARK.sub(r"\1", alike))


def mixes_scripts(name: str) -> bool:
    """Whether it mixes scripts that no language writes together, such as Latin and Cyrillic."""
    plain = unicodedata.normalize("NFKC", name)
    scripts = {_script(character) for character in plain if character.isalpha()}
    others = scripts - _EAST_ASIAN
    return len(others) > 1 or (scripts != others and bool(others - {"LATIN"}))


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
