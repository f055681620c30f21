"""One rule for names that other people see. sdk/htmlgame.js has the same; tests compare the two."""

import re
import unicodedata
from typing import Final

from lambdas.shared.http.errors import Malformed

LONGEST_NAME: Final = 24

_SPACES: Final = re.compile(
    "[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
)
_BLANK: Final = {
    *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc",
    *"\U00013441\U00013442\U00016fe4\U0001d159",
    *map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE0F), *range(0xE0100, 0xE01F0))),
}
"""Letters, marks and symbols that look like nothing. NFKC and categories do not find them."""
_HIDDEN_CATEGORIES: Final = {"Cc", "Cf", "Cn", "Co", "Cs"}

_IN_CONTEXT: Final = "[\u200c\u200d\ufe0f\U000e0020-\U000e007f]"
_PICTURE: Final = "[\u2190-\u2bff\U0001f000-\U0001faff]"
_LETTER: Final = "[\u0620-\u109f\u1780-\u18aa\ua8e0-\ua8ff]"
"""Of scripts whose spelling needs joiners, from Arabic to Burmese, and their neighbours."""
_MEANT: Final = re.compile(
    "("
    # the flags of England, Scotland and Wales
    "\U0001f3f4[\U000e0030-\U000e007a]+\U000e007f"
    # keycaps
    "|[0-9#*]\ufe0f\u20e3"
    # emoji, alone or joined to families
    f"|{_PICTURE}(?:\ufe0f?\u200d(?={_PICTURE})|\ufe0f)"
    # one joiner between two letters
    f"|{_LETTER}[\u200c\u200d](?=[\u200c\u200d]*{_LETTER})"
    f")|{_IN_CONTEXT}"
)
"""Where a joiner, a variation selector or a tag changes what is shown. Elsewhere it goes."""


def clean_name(raw: str, field: str = "name") -> str:
    """Returns the name without characters that hide, reorder or look like nothing."""
    name = cleaned(raw)
    if all(unicodedata.category(character)[0] in "CMZ" for character in name):
        raise Malformed(field, f"no visible character; give 1 to {LONGEST_NAME} characters")
    if len(name) > LONGEST_NAME:
        raise Malformed(field, f"{len(name)} characters; at most {LONGEST_NAME}")
    return name


def cleaned(raw: str) -> str:
    """Repeats the rule, because characters that a removal brings together may compose."""
    before, name = None, raw
    while name != before:
        before, name = name, _cleaned_once(name)
    return name


def _cleaned_once(text: str) -> str:
    normal = _SPACES.sub(" ", unicodedata.normalize("NFKC", text))
    shown = "".join(filter(_may_stay, normal))
    return _MEANT.sub(r"\1", shown).strip(" ")


def _may_stay(character: str) -> bool:
    if re.match(_IN_CONTEXT, character):
        return True
    return character not in _BLANK and unicodedata.category(character) not in _HIDDEN_CATEGORIES
