"""The documented example works and handles errors."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from tests.sdk import example
from tests.sdk.node import HERE, ROOT, SDK, node


def test_it_plays(tmp_path: Path, edge_functions: Path) -> None:
    script = tmp_path / "page.mjs"
    script.write_text(example.script(), encoding="utf-8")
    (tmp_path / "htmlgame.min.js").write_bytes((SDK / "dist" / "htmlgame.min.js").read_bytes())
    ids = json.dumps(example.ids())
    done = subprocess.run(
        [str(node()), "--no-warnings", str(HERE / "example.mjs"), str(script), ids],
        capture_output=True,
        text=True,
        env={"HTMLGAME_EDGE_FUNCTIONS": str(edge_functions), "HTMLGAME_SDK": ""},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["told"][0] == "You are number 1!"
    assert told["told"][1] == "You have been better than that."
    assert told["told"][2] == "The network is away; try again."
    assert told["ranking"] == ["花子: 20"]


def test_every_code_the_module_knows_is_explained() -> None:
    source = (SDK / "htmlgame.js").read_text(encoding="utf-8")
    known = set(re.findall(r'HtmlgameError\("(\w+)"', source))
    known |= set(re.findall(r'code [=!]== "(\w+)"', source)) - {"below_threshold"}
    explained = (ROOT / "docs" / "reference" / "sdk.md").read_text(encoding="utf-8")
    assert len(known) > 9
    for code in known:
        assert f"`{code}`" in explained, code


def test_every_code_of_the_edge_is_explained() -> None:
    edge = (ROOT / "cf_functions" / "README.md").read_text(encoding="utf-8")
    codes = set(re.findall(r"^\| \d{3} \| `(\w+)` \|", edge, re.MULTILINE)) - {"below_threshold"}
    explained = (ROOT / "docs" / "reference" / "sdk.md").read_text(encoding="utf-8")
    assert len(codes) > 12
    for code in codes:
        assert f"`{code}`" in explained, code
