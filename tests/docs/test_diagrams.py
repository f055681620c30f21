"""Diagrams name what is deployed."""

import re

from cf_functions.assemble import NAMES
from config.manifests import FUNCTIONS
from local.bootstrap import ROOT
from tests.docs.pages import Page

ARCHITECTURE = Page(ROOT / "docs" / "explanation" / "architecture.md")


LAMBDAS = {"put-score", "get-ranking", "trim-top", "rotate-keys", "drift-guard"}


def test_the_architecture_names_functions_that_exist() -> None:
    [flowchart] = [block.text for block in ARCHITECTURE.blocks if "flowchart" in block.text]
    deployed = {function.name.removeprefix("htmlgame-") for function in FUNCTIONS}
    assert deployed >= LAMBDAS
    assert all(name in flowchart for name in LAMBDAS)
    assert all(f"<br>{name} " in flowchart for name in NAMES)


def test_the_flowchart_connects_only_nodes_that_it_declares() -> None:
    [flowchart] = [block.text for block in ARCHITECTURE.blocks if "flowchart" in block.text]
    declared = set(re.findall(r"(\w+)[\[(]", flowchart))
    for line in flowchart.splitlines():
        ends = re.fullmatch(r" +([\w &]+?) -[-.].*> (\w+)", line)
        if ends:
            assert {*ends[1].split(" & "), ends[2]} <= declared, line
