"""Names that look alike have one skeleton, and names that do not have several."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.values.confusables import PROTOTYPES
from lambdas.shared.values.names import clean_name, cleaned
from lambdas.shared.values.skeletons import skeleton
from lambdas.shared.values.unicode_skeletons import mixes_scripts, unicode_skeleton

ALIKE = {
    "Cyrillic a": ("Anna", "\u0410nn\u0430"),
    "Cyrillic alone": ("Max", "\u041c\u0430\u0445"),
    "Cyrillic i with a dot more": ("Rita", "R\u0456\u0307ta"),
    "Greek": ("Alex", "\u0391lex"),
    "Armenian": ("Bono", "B\u0585n\u0585"),
    "full width": ("Anna", "\uff21\uff4e\uff4e\uff41"),
    "mathematical": ("Anna", "\U0001d400nna"),
    "one, l and I": ("Al1ce", "AlIce"),
    "a bar": ("Bil1", "Bil|"),
    "nought": ("B0B", "BOB"),
    "rn and m": ("modern", "modem"),
    "rn and a Cyrillic name's m": ("Mornа", "Моmа"),
    "quotation marks": ("it's", "it\u2019s"),
    "dotless i": ("ida", "\u0131da"),
    "a dot on a dot": ("ida", "i\u0307da"),
    "an accent twice": ("Andr\u00e9", "Andr\u00e9\u0301"),
    "a composed and a loose accent": ("Andr\u00e9", "Andre\u0301"),
    "katakana and ideographs": ("タロウ", "夕口ウ"),
    "katakana and hiragana": ("ヘルパー", "へルパー"),
    "long vowel and one": ("スター", "スタ一"),
    "Arabic and Persian digits": ("\u0661\u0664", "\u06f1\u06f4"),
    "a joiner where nothing joins": ("\u062f\u0627\u0648\u062f", "\u062f\u200c\u0627\u0648\u062f"),
    "a heart as text and as picture": ("a\u2764", "a\u2764\ufe0f"),
}

UNLIKE = {
    "case": ("ann", "Ann"),
    "an accent": ("Andre", "Andr\u00e9"),
    "a Turkish dot on a capital": ("Ibrahim", "\u0130brahim"),
    "voiced kana": ("か", "が"),
    "small kana": ("つ", "っ"),
    "letters": ("Anna", "Anne"),
    "names of one script": ("Аня", "Anya"),
    "families": (
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\U0001f468\U0001f469\U0001f467",
    ),
    "flags of England and Scotland": (
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    ),
}

MIXED = {"\u0410nna", "\u0391lex", "B\u0585n\u0585", "я花", "Ωmega"}
NOT_MIXED = {
    "Anna",
    "Аня",
    "Ωμέγα",
    "タロウ",
    "山田々太郎",
    "Taro太郎",
    "김Kim",
    "\uff21nna",
    "a1❤️",
}

HARD = "aAiIlLmnr01|oOeé\u0301\u0307\u0131\u0410\u0430\u0456\u03bf\u200c\u200d\ufe0fタ夕ー一خ"
names = st.text(max_size=24) | st.text(HARD, max_size=12)


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert one != other
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), UNLIKE.values(), ids=UNLIKE)
def test_names_that_a_reader_can_distinguish_have_two(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize("name", sorted(MIXED))
def test_scripts_that_no_language_mixes_are_noticed(name: str) -> None:
    assert mixes_scripts(name)


@pytest.mark.parametrize("name", sorted(NOT_MIXED))
def test_a_name_in_one_script_or_in_those_of_one_language_mixes_none(name: str) -> None:
    assert not mixes_scripts(name)


@given(names)
def test_a_skeleton_is_its_own_skeleton(name: str) -> None:
    assert skeleton(skeleton(name)) == skeleton(name)


@given(names, names)
def test_a_skeleton_of_two_names_follows_from_their_skeletons(one: str, other: str) -> None:
    assert skeleton(one + " " + other) == skeleton(skeleton(one) + " " + skeleton(other))


@given(names)
def test_a_name_and_its_spellings_have_one_skeleton(name: str) -> None:
    forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert {skeleton(form) for form in forms} == {skeleton(name)}


@given(st.text(st.characters(max_codepoint=127), max_size=24))
def test_an_ascii_name_needs_no_table(name: str) -> None:
    assert skeleton(name) == unicode_skeleton(name)


@pytest.mark.parametrize("step", range(16))
def test_every_character_has_the_skeleton_of_its_prototype(step: int) -> None:
    for point in sorted(PROTOTYPES)[step::16]:
        one = unicode_skeleton(chr(point))
        assert one == unicode_skeleton(PROTOTYPES[point]) == unicode_skeleton(one)


def test_a_cleaned_name_that_looks_like_another_is_not_changed() -> None:
    for one, other in ALIKE.values():
        for name in (cleaned(one), cleaned(other)):
            assert clean_name(name) == name


def test_the_table_is_loaded_by_the_first_name_that_is_not_ascii() -> None:
    script = """
import sys
from lambdas.shared.values.skeletons import skeleton
table = "lambdas.shared.values.confusables"
skeleton("Anna 1")
assert table not in sys.modules and "unicodedata" not in sys.modules
skeleton("\\u0410nna")
assert table in sys.modules
"""
    subprocess.run([sys.executable, "-S", "-c", script], check=True)
