"""The games' rules and the arcade's other pure modules, tried in Node."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from local.bootstrap import ROOT
from local.cloud import NODE

ARCADE: Final = ROOT / "arcade"
_HERE: Final = Path(__file__).parent
_KEY: Final = re.compile(r"""(?:\bt\(|data-t(?:-label)?=|'data-t(?:-label)?': )["']([\w.]+)["']""")


@pytest.mark.parametrize("path", sorted(_HERE.glob("*.mjs")), ids=lambda path: path.stem)
def test_module(path: Path) -> None:
    command = [str(NODE / "node"), "--test", "--test-reporter=dot", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


def test_every_word_that_is_asked_for_is_in_the_dictionary() -> None:
    english = "".join(path.read_text() for path in ARCADE.glob("words/*en.js"))
    sources = [*ARCADE.glob("*.html"), *ARCADE.rglob("*.js")]
    asked = {key for path in sources for key in _KEY.findall(path.read_text())}
    assert len(asked) > 40
    assert not {key for key in asked if f"  {key}: " not in english and f"'{key}'" not in english}


@pytest.mark.parametrize("path", sorted(ARCADE.glob("*.html")), ids=lambda path: path.stem)
def test_a_page_has_nothing_inline_and_names_only_what_is_there(path: Path) -> None:
    page = path.read_text()
    assert not re.search(r"<style|<script>|\son\w+=|\sstyle=", page)
    named = re.findall(r'(?:src|href)="(/[^"]*)"', page)
    missing = [name for name in named if not name.startswith("/sdk/") and not _file(name).is_file()]
    assert not missing


def _file(address: str) -> Path:
    return ARCADE / (address.removeprefix("/") or "index.html")
