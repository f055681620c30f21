"""The generators that make mutate installs. It runs these checks before it begins."""

from functools import cache
from pathlib import Path

import pytest

from tests.mutation.__main__ import installed
from tests.mutation.mutants import Mutant

PYTHON = '''\
"""A module."""

import functools

LIMIT = 10
Item = dict[str, int]


@functools.cache
def limit(name: str | None) -> int:
    if name == "none":
        print("never", "Nobody reads this sentence.")
        return 0
    headers = {"a": 1, "é": 2}
    if len(headers) > LIMIT:
        raise ValueError(f"too many: {headers} " "of them")
    return LIMIT
'''
JAVASCRIPT = """\
// 🐍 is two of UTF-16's halves.
export function limit(name) {
  return name === "none" ? 0 : 2_000;
}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    (folder / "limits.py").write_text(PYTHON)
    (folder / "limits.js").write_text(JAVASCRIPT)
    return folder


def drawn(root: Path, file: str, sample: int = 1000, seed: int = 1) -> list[Mutant]:
    return installed()(root, [file], sample, seed).mutants


@cache
def edits(root: Path, file: str) -> set[tuple[str, str]]:
    """The edits that any seed draws for the file."""
    return {
        (each.before.strip(), each.after.strip())
        for seed in range(12)
        for each in drawn(root, file, seed=seed)
    }


@pytest.mark.parametrize("file", ["limits.py", "limits.js"])
def test_a_mutant_is_an_edit_of_its_file(root: Path, file: str) -> None:
    text = (root / file).read_text()
    mutants = drawn(root, file)
    assert len(mutants) >= 5
    for each in mutants:
        mutated = each.applied(text)
        assert mutated != text
        assert each.before in text
        assert each.after in mutated


@pytest.mark.parametrize("file", ["limits.py", "limits.js"])
def test_the_same_seed_draws_the_same_and_another_others(root: Path, file: str) -> None:
    first = drawn(root, file, 3, seed=1)
    assert len(first) == 3
    assert drawn(root, file, 3, seed=1) == first
    assert any(drawn(root, file, 3, seed=seed) != first for seed in range(2, 5))


def test_python_is_mutated_inside_and_outside_of_functions(root: Path) -> None:
    found = edits(root, "limits.py")
    for edit in (
        ("LIMIT = 10", "LIMIT = 11"),
        ('if name == "none":', 'if name != "none":'),
        ('if name == "none":', "if False:"),
        ('print("never", "Nobody reads this sentence.")', "pass"),
        ('headers = {"a": 1, "é": 2}', 'headers = {"a": 1, }'),
        ('headers = {"a": 1, "é": 2}', 'headers = {"é": 2}'),
    ):
        assert edit in found


def test_names_of_types_annotations_decorators_and_wording_stay(root: Path) -> None:
    for before, after in edits(root, "limits.py"):
        assert "Item" not in before
        assert "NOBODY" not in after
        assert "functools" not in before
        assert "str | None" in after or "str | None" not in before
        assert not {"XXof themXX", "OF THEM"} & set(after.split('"'))


def test_javascript_is_mutated_by_stryker_and_its_numbers_are_too(root: Path) -> None:
    line = 'return name === "none" ? 0 : 2_000;'
    found = edits(root, "limits.js")
    for after in (
        'return name !== "none" ? 0 : 2_000;',
        'return name === "none" ? 1 : 2_000;',
        'return name === "none" ? 0 : 2001;',
        'return name === "" ? 0 : 2_000;',
        "return false ? 0 : 2_000;",
    ):
        assert (line, after) in found
