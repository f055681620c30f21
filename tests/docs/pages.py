"""The pages people read, and what can be checked of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.bootstrap import ROOT

_LINK: Final = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_IMAGE: Final = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_MAKE: Final = re.compile(r"(?:^|`|\n) *make +([a-z][a-z-]*)")

_MODULE: Final = re.compile(r"python -m ([a-z_]+(?:\.[a-z_]+)*)")
_HTMLGAME: Final = re.compile(
    r"""(?:`|^|bin/)htmlgame +([a-z][a-z-]*)|make cli ARGS="([a-z-]+)""", re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    language: str
    text: str


@dataclass(frozen=True)
class Page:
    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        return [Block(*match) for match in _BLOCK.findall(self.text)]

    @property
    def prose(self) -> str:
        return _BLOCK.sub("", self.text)

    def links(self) -> Iterator[tuple[str, str]]:
        """Text and target."""
        for match in _LINK.finditer(self.prose):
            yield match["text"], match["target"]

    def images(self) -> Iterator[str]:
        for match in _IMAGE.finditer(self.prose):
            yield match[1] or match[2]

    def anchors(self) -> set[str]:
        """The anchors that GitHub makes from headings."""
        return {_anchor(heading) for heading in _HEADING.findall(self.prose)}

    def make_targets(self) -> set[str]:
        return set(_MAKE.findall(self.text))

    def modules(self) -> set[str]:
        """The modules that the page runs with python -m."""
        return set(_MODULE.findall(self.text))

    def operator_commands(self) -> set[str]:
        code = [*(block.text for block in self.blocks), *re.findall(r"`[^`\n]+`", self.prose)]
        return {name for each in code for pair in _HTMLGAME.findall(each) for name in pair if name}


def _anchor(heading: str) -> str:
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")


def pages() -> list[Page]:
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/**/README.md")]
    return [Page(path) for path in sorted(set(found)) if not _built(path.relative_to(ROOT).parts)]


def _built(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part in {"node_modules", "cdk.out"} for part in parts)
