"""The prose rules refuse the sentences they are made for, wherever a reader may meet them."""

from typing import Any

import pytest

from local.bootstrap import ROOT
from tests.prose.documents import Document, document, javascript_fragments, python_fragments
from tests.prose.linter import data, files, lint

PAGE = ROOT / "docs" / "README.md"


def complaints(*texts: str) -> list[list[str]]:
    """The linter's complaints about each text."""
    documents = [Document(PAGE, text) for text in texts]
    found: list[list[str]] = [[] for _ in texts]
    for complaint in lint(documents):
        found[next(i for i, each in enumerate(documents) if each is complaint.document)].append(
            str(complaint)
        )
    return found


def test_every_sample_is_refused_as_written_and_passes_as_rewritten() -> None:
    samples = data("samples")
    written = complaints(*(each["written"] for each in samples))
    better = complaints(*(each["better"] for each in samples))
    assert all(written), samples
    assert better == [[] for _ in samples]


@pytest.mark.parametrize("name", ["english", "japanese"])
def test_every_rule_refuses_its_own_example(name: str) -> None:
    rules: list[dict[str, Any]] = data(name)
    wrong = complaints(*(_as_written(rule, "wrong") for rule in rules))
    right = complaints(*(_as_written(rule, "right") for rule in rules))
    for rule, refused in zip(rules, wrong, strict=True):
        assert any(rule["use"] in each for each in refused), rule
    assert right == [[] for _ in rules]


def _as_written(rule: dict[str, Any], key: str) -> str:
    return f"# {rule[key]}" if rule.get("heading") else str(rule[key])


def test_a_term_has_one_spelling() -> None:
    wrong, right, command, action = complaints(
        "It calls dynamodb from Javascript.",
        "It calls DynamoDB.",
        "Run aws dynamodb scan.",
        "It lacks dynamodb:Query.",
    )
    assert len(wrong) == 2
    assert not right
    assert not command, "commands keep their spelling"
    assert not action, "so do actions of IAM"


def test_a_sentence_has_at_most_thirty_words() -> None:
    longest = " ".join(["word"] * 30) + "."
    fits, exceeds = complaints(longest, f"word {longest}")
    assert not fits
    assert "31 words" in exceeds[0]


def test_two_sentences_are_counted_apart() -> None:
    half = " ".join(["Word"] * 20) + "."
    assert complaints(f"{half} {half}") == [[]]


def test_code_and_addresses_are_left_alone() -> None:
    [found] = complaints(
        "Use `htmlgame things` as in [the guide](https://desk.example/house):\n\n"
        "```\nmend the wire\n```\n"
    )
    assert found == []


@pytest.mark.parametrize("text", ["- a desk", "| a desk |\n|---|\n| b |", "## A desk", "> a desk"])
def test_lists_tables_headings_and_quotes_are_read(text: str) -> None:
    [found] = complaints(text)
    assert found


def test_a_phrase_is_found_across_the_end_of_a_line() -> None:
    [found] = complaints("They are in the\nhands of the operator.")
    assert found


def test_a_complaint_names_its_line() -> None:
    [[found]] = complaints("One.\n\nTwo\nis a desk.\n")
    assert found.startswith("docs/README.md:4: ")


SOURCE = '''\
"""The desk of a module."""

LIMIT = 3  # a desk


def test_a_desk_is_refused() -> None:
    """One line.

    The desk of a docstring.
    """
    raise ValueError(f"{LIMIT} is above the limit of the desk here")
'''


def test_docstrings_comments_messages_and_test_names_are_read() -> None:

    fragments = list(python_fragments(SOURCE, tests=True))
    lines = [
        fragment.line + number
        for fragment in fragments
        for number, line in enumerate(fragment.text.splitlines())
        if "desk" in line
    ]
    assert sorted(lines) == [1, 3, 6, 9, 11]
    assert "test" not in {fragment.text for fragment in python_fragments(SOURCE)}


def test_a_test_name_is_read_with_the_terms_capitals() -> None:
    [fragment] = python_fragments("def test_a_call_of_dynamodb_fails(): pass", tests=True)
    assert fragment.text == "a call of DynamoDB fails"


def test_a_complaint_about_a_source_names_the_line_in_the_file() -> None:
    source = ROOT / ".local" / "prose_sample.py"
    source.write_text(SOURCE)
    try:
        found = [str(each).partition(": ")[0] for each in lint([document(source)])]
    finally:
        source.unlink()
    assert found == [f".local/prose_sample.py:{line}" for line in (3, 1, 9, 11)]


def test_code_is_not_prose() -> None:
    fragments = python_fragments('NAME = "desk"\nQUERY = "SELECT * FROM desk WHERE id = {x}"\n')
    assert list(fragments) == []


def test_comments_and_words_of_scripts_are_read() -> None:
    lines = ("// a desk", "const a = 'https://desk.example';", "/** A desk", " * here. */")
    source = "\n".join([*lines, "say('切符は入鋏');", ""])
    texts = [fragment.text for fragment in javascript_fragments(source)]
    assert texts == ["a desk", "A desk\nhere.", "切符は入鋏"]


def test_the_scope_reads_every_page() -> None:
    read = {str(path.relative_to(ROOT)) for path in files()}
    assert {"README.md", "README.ja.md", "docs/README.md", "docs/reference/cli.md"} <= read


def test_every_folder_that_is_left_out_exists() -> None:
    for pattern in data("scope")["unchecked"]:
        assert any(ROOT.glob(pattern)), f"{pattern} matches no file: remove its line"
