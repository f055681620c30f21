"""Pages name existing links, tests and commands, and their code parses."""

import ast
import json
import re
import xml.etree.ElementTree as ET
from importlib.util import find_spec

import pytest
import yaml
from click import Context

from local.bootstrap import ROOT
from operations.cli.main import root
from tests.docs.pages import Page, pages

PAGES = pages()
OUTSIDE = ("https://", "http://", "mailto:")


@pytest.fixture(params=PAGES, ids=str)
def page(request: pytest.FixtureRequest) -> Page:
    chosen: Page = request.param
    return chosen


def test_every_relative_link_resolves(page: Page) -> None:
    for _, target in page.links():
        if target.startswith(OUTSIDE):
            continue
        file, _, anchor = target.partition("#")
        there = (page.path.parent / file).resolve() if file else page.path
        assert there.is_relative_to(ROOT), f"{target} leads out of the repository"
        assert there.exists(), f"{target} leads nowhere"
        if anchor and there.suffix == ".md":
            assert anchor in Page(there).anchors(), f"{target}: no such heading"


def test_every_image_is_there_and_well_formed(page: Page) -> None:
    for target in page.images():
        if not target.startswith(OUTSIDE):
            path = page.path.parent / target
            assert path.exists(), target
            if path.suffix == ".svg":
                ET.parse(path)


def test_every_test_that_is_named_exists(page: Page) -> None:
    named = re.compile(r"`(test_\w+)`")
    for text, target in page.links():
        for name in named.findall(text):
            assert name in _tests_in(page, target), f"{name} is not in {target}"
    linked = {name for text, _ in page.links() for name in named.findall(text)}
    assert set(named.findall(page.prose)) == linked, "a test is named without a link to its file"


def _tests_in(page: Page, target: str) -> set[str]:
    tree = ast.parse((page.path.parent / target).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_make_command_exists(page: Page) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    assert page.make_targets() <= known


def test_every_module_and_operators_command_exists(page: Page) -> None:
    for module in page.modules():
        assert find_spec(module), f"python -m {module}"
    assert page.operator_commands() <= set(root.list_commands(Context(root)))


def test_every_code_block_parses(page: Page) -> None:
    for block in page.blocks:
        if block.language == "json":
            json.loads(block.text)
        if block.language == "yaml":
            yaml.safe_load(block.text)
        if block.language == "python":
            ast.parse(block.text)


def test_no_path_of_somebodys_machine(page: Page) -> None:
    found = re.findall(r"(?<![\w.:~/-])/(?:home|Users|work|root|mnt)/\S*", page.text)
    assert not found


def test_both_readmes_say_the_same_commands_and_lead_to_the_same_pages() -> None:
    english, japanese = Page(ROOT / "README.md"), Page(ROOT / "README.ja.md")
    commands = re.compile(r"^make [^#\n]*?(?= *#| *$)", re.MULTILINE)

    def said(page: Page) -> list[str]:
        return [command for block in page.blocks for command in commands.findall(block.text)]

    def targets(page: Page) -> set[str]:
        return {target for _, target in page.links()} - {"README.md", "README.ja.md"}

    assert said(english) == said(japanese) != []
    assert english.make_targets() == japanese.make_targets()
    assert targets(english) == targets(japanese)
    assert "README.ja.md" in {target for _, target in english.links()}


def test_every_page_is_in_the_index() -> None:
    index = Page(ROOT / "docs" / "README.md")
    named = {target.partition("#")[0] for _, target in index.links()}
    docs = ROOT / "docs"
    written = {path for suffix in ("md", "yaml") for path in docs.rglob(f"*.{suffix}")}
    assert {str(path.relative_to(docs)) for path in written} - {"README.md"} <= named


def test_pages_were_found() -> None:
    names = {str(page) for page in PAGES}
    assert {"README.md", "docs/explanation/security.md", "cf_functions/README.md"} <= names


def test_the_threat_table_names_a_test_for_every_threat() -> None:
    text = Page(ROOT / "docs" / "explanation" / "security.md").text
    table = text.partition("## Threats")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 20
    for row in rows:
        attack, dies_at, shown_by = (cell.strip() for cell in row.strip("|").split("|"))
        assert attack
        assert dies_at
        assert re.search(r"\[`test_\w+`\]\(", shown_by), row
