"""CONTRIBUTING.md shows parts of the capability that tests/e2e deploys."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from local.bootstrap import ROOT
from tests.e2e.toy import SOURCES

PAGE: Final = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLE: Final = PAGE.partition("## Add a capability")[2].partition("\n## ")[0]


def shown() -> Iterator[tuple[str, str]]:
    """Each file that the page shows, with its code there."""
    for section in re.split(r"^```$", EXAMPLE, flags=re.MULTILINE):
        text, found, code = section.partition("```python\n")
        if found:
            yield re.findall(r"`([\w/]+\.py)`", text)[-1], code


@pytest.mark.parametrize("file", [file for file, _ in shown()])
def test_the_page_shows_a_part_of_the_file(file: str) -> None:
    for block in dict(shown())[file].split("\n\n\n"):
        assert block.strip("\n") in SOURCES[file]


def test_the_page_shows_the_manifest_whole() -> None:
    assert dict(shown())["config/capabilities/notes.py"] == SOURCES["config/capabilities/notes.py"]
    assert len(dict(shown())) == 6
