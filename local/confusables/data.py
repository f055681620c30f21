"""Unicode's confusable characters, as the package confusable-homoglyphs has them.

Its file links each character with its prototype in both directions, in the order of Unicode's
confusables.txt. A prototype is never a source, so the file says which end is which.
"""

import json
import unicodedata
from importlib.resources import files
from typing import Any, Final

UNICODE: Final = "15.1.0"
"""Unicode's newest version on 2024-01-30, when confusable-homoglyphs 3.3.1 was made from it."""
_MARK: Final = "\u200e"
"""Unicode's file puts it around characters that are written from right to left."""


def prototypes() -> dict[str, str]:
    """Each source that NFKD leaves as it is, with its prototype in NFKD."""
    return {
        source: unicodedata.normalize("NFKD", prototype)
        for source, prototype in _prototypes(_links()).items()
        if unicodedata.is_normalized("NFKD", source)
    }


def _links() -> dict[str, list[str]]:
    file = files("confusable_homoglyphs") / "confusables.json"
    stored: dict[str, list[dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
    return {one: [other["c"] for other in others] for one, others in stored.items()}


def _prototypes(links: dict[str, list[str]]) -> dict[str, str]:
    """A source has one link. Where its prototype has one too, the source is named first."""
    place = {text: number for number, text in enumerate(links)}
    return {
        text.replace(_MARK, ""): others[0].replace(_MARK, "")
        for text, others in links.items()
        if len(others) == 1 and (len(links[others[0]]) > 1 or place[text] < place[others[0]])
    }
