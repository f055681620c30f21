"""The functions' table contains the library's data."""

import json
from importlib.metadata import version
from importlib.resources import files

from lambdas.shared.values import confusables
from local.confusables import data, write


def test_the_module_is_up_to_date() -> None:
    assert write.PATH.read_text(encoding="utf-8") == write.module()


def test_the_version_of_unicode_is_that_of_the_library() -> None:
    assert version("confusable-homoglyphs") == "3.3.1", "name its version of Unicode in data.py"
    assert confusables.UNICODE == data.UNICODE == "15.1.0"


def test_every_link_of_the_library_is_a_source_and_its_prototype() -> None:
    file = files("confusable_homoglyphs") / "confusables.json"
    links = json.loads(file.read_text(encoding="utf-8"))
    sources = data._prototypes(data._links())
    assert len(sources) == sum(map(len, links.values())) / 2 == 6307
    assert not sources.keys() & set(sources.values())
    assert all(len(source) == 1 for source in sources)


def test_well_known_prototypes_are_on_the_right_side() -> None:
    known = {"m": "rn", "1": "l", "I": "l", "0": "O", "\u0430": "a", "\u03bf": "o", "ロ": "口"}
    assert known.items() <= data.prototypes().items()


def test_characters_that_normalization_replaces_are_left_out() -> None:
    assert not {"\uff21", "\U0001d400", "\u2160"} & data.prototypes().keys()
