"""make confusables: writes the module from which functions read confusable characters."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.confusables.data import UNICODE, prototypes

PATH: Final = Path(__file__).parents[2] / "lambdas/shared/values/confusables.py"
_WIDTH: Final = 100
_HEAD: Final = f'''\
"""Confusable characters of Unicode {UNICODE}. make confusables writes this file.

Data © Unicode, Inc., under the Unicode License v3 (unicode.org/license.txt), by way of the
package confusable-homoglyphs. It is imported only where a name is not ASCII.
"""

from typing import Final

UNICODE: Final = "{UNICODE}"
_LINES: Final = (
'''
_TAIL: Final = """\
)
\"\"\"A line is a prototype, a tab and the characters that look like it.\"\"\"

PROTOTYPES: Final = {
    ord(source): prototype
    for prototype, _, sources in (line.partition("\\t") for line in _LINES.split("\\n"))
    for source in sources
}
"""


def main() -> None:
    PATH.write_text(module(), encoding="utf-8")
    print(f"written: {PATH.name}")


def module() -> str:
    return _HEAD + "".join(f'    "{part}"\n' for part in _parts(_text())) + _TAIL


def _text() -> str:
    sources: dict[str, str] = {}
    for source, prototype in sorted(prototypes().items()):
        sources[prototype] = sources.get(prototype, "") + source
    return "\n".join(f"{prototype}\t{alike}" for prototype, alike in sorted(sources.items()))


def _parts(text: str) -> Iterator[str]:
    """The text as ASCII literals of the formatter's width."""
    part = ""
    for character in text:
        escaped = _escaped(character)
        if len(part) + len(escaped) > _WIDTH - len('    ""'):
            yield part
            part = ""
        part += escaped
    yield part


def _escaped(character: str) -> str:
    escaped = ascii(character)[1:-1] if character != "'" else character
    return '\\"' if escaped == '"' else escaped


if __name__ == "__main__":
    main()
