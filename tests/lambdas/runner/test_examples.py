"""The functions that come as examples do what their own examples say."""

import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.runner.functions import version_in, written
from lambdas.runner.sandbox import run
from lambdas.runner.schema import problem_of_value
from local.bootstrap import ROOT

FOLDERS = sorted((ROOT / "examples" / "functions").iterdir())
PATIENT_MS = 20_000


def pushed(folder: Path) -> Any:
    said = json.loads((folder / "function.json").read_text(encoding="utf-8"))
    return {**said, "source": (folder / "function.js").read_text(encoding="utf-8")}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_example_gives_its_output(folder: Path) -> None:
    version = version_in(json.dumps(pushed(folder)).encode(), now="now", by="ann")
    assert version.examples
    for example in version.examples:
        assert problem_of_value(version.schema, example.input, "input") is None
        assert problem_of_value(version.context_schema, example.context, "context") is None
        ran = run(version.source, written(example.input), written(example.context), PATIENT_MS)
        assert ran.failed is None
        assert json.loads(ran.answer) == example.output


def test_a_roll_depends_on_its_seed_alone() -> None:
    source = pushed(ROOT / "examples" / "functions" / "loot-table")["source"]
    table = [{"item": str(number), "weight": 1} for number in range(50)]

    def rolled(seed: str) -> str:
        given = written({"seed": seed, "table": table, "rolls": 20})
        return run(source, given, "null", PATIENT_MS).answer

    assert rolled("chest-0001") == rolled("chest-0001")
    assert rolled("chest-0001") != rolled("chest-0002")
    found = set(json.loads(rolled("chest-0003"))["items"])
    assert len(found) > 10


def test_there_are_three() -> None:
    assert len(FOLDERS) == 3
