"""Names as other people see them. tests/sdk checks the browser's rule by the same cases."""

import json
import unicodedata
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.names import clean_name, cleaned

CASES: Final = json.loads((Path(__file__).parents[3] / "names.json").read_text(encoding="utf-8"))
HARD: Final = (
    "ae1 \u0301\u0308\u200b\u200c\u200d\ufe0f\u20e3\u2764\u2028\ufeff\u3164"
    "\u062e\u06cc\u0915\u094d\u09b0\ufffc\uff21\u2800\x85"
    "\U0001f468\U0001f469\U0001f3fd\U0001f3f4\U000e0067\U000e0062\U000e007f"
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_name_is_cleaned(case: dict[str, Any]) -> None:
    if case["name"] is None:
        with pytest.raises(Malformed, match="no visible character"):
            clean_name(case["raw"])
    else:
        assert clean_name(case["raw"]) == case["name"]


def test_a_long_name_is_refused_with_its_field() -> None:
    assert clean_name("a" * 24) == "a" * 24
    with pytest.raises(Malformed, match=r"^nick: 25 characters; at most 24$"):
        clean_name("a" * 25, "nick")


@given(st.text(max_size=40) | st.text(HARD, max_size=20))
def test_a_cleaned_name_stays_as_it_is(raw: str) -> None:
    name = cleaned(raw)
    assert cleaned(name) == name
    assert unicodedata.is_normalized("NFKC", name)
    assert name == name.strip()
    assert not any(unicodedata.category(each) in {"Cc", "Cn", "Co", "Cs"} for each in name)
    assert not set(name) & set("\u200b\u202e\u2066\ufeff\u3164\ufffc\u2800\u00ad")
