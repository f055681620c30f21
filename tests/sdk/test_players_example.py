"""The page in docs/reference/players.md works as it is."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import Page
from tests.sdk.node import HERE, ROOT, SDK, node


def page() -> str:
    shown = Page(ROOT / "docs" / "reference" / "players.md")
    [html] = [block.text for block in shown.blocks if block.language == "html"]
    return html


def said(tmp_path: Path, *answers: dict[str, Any]) -> list[dict[str, str]]:
    """What the page shows after each message, with the server's answers to the messages."""
    script = page().partition('<script type="module">\n')[2].partition("</script>")[0]
    (tmp_path / "page.mjs").write_text(script, encoding="utf-8")
    (tmp_path / "players.min.js").write_bytes((SDK / "dist" / "players.min.js").read_bytes())
    arguments = [str(tmp_path / "page.mjs"), json.dumps(answers)]
    done = subprocess.run(
        [str(node()), "--no-warnings", str(HERE / "players-example.mjs"), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown: list[dict[str, str]] = json.loads(done.stdout)
    return shown


def test_it_signs_in_talks_and_shows_the_points(tmp_path: Path) -> None:
    stats = {"totalPoints": 7, "intimacyLevel": 1}
    answer = {"status": 200, "body": {"reply": "Hi!", "stats": stats}}
    [first, second] = said(tmp_path, answer, answer)
    assert (first["reply"], first["me"]) == ("Hi!", "7 points, level 1")
    assert first["asked"] == "sign-in session chat"
    assert second["asked"] == "chat"


@pytest.mark.parametrize(
    ("code", "shown"), [("asleep", "Miko is asleep."), ("daily_limit", "Try again (daily_limit).")]
)
def test_it_handles_refusals(tmp_path: Path, code: str, shown: str) -> None:
    refusal = {"status": 429, "body": {"error": {"code": code, "message": "later"}}}
    [only] = said(tmp_path, refusal)
    assert only["reply"] == shown
    assert only["me"] == "Not signed in"


def test_every_code_of_the_api_is_explained() -> None:
    source = (ROOT / "lambdas" / "players" / "errors.py").read_text(encoding="utf-8")
    explained = (ROOT / "docs" / "reference" / "players.md").read_text(encoding="utf-8")
    codes = {line.split('"')[1] for line in source.splitlines() if "    code = " in line}
    assert len(codes) > 30
    assert not {code for code in codes if f"`{code}`" not in explained}
