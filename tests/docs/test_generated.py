"""Pages hold what their generator would write today."""

import re

import pytest

from config.prices import FreeTier
from local.bootstrap import ROOT
from operations import cost_page
from operations.bill import Month, bill, dollars
from operations.docs import COSTS, PageError, drawn, rendered


def test_the_costs_are_those_of_the_units_and_prices_as_they_are() -> None:
    page = COSTS.read_text(encoding="utf-8")
    assert rendered(page, cost_page.sections()) == page, "stale: make docs writes it anew"


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_price_that_a_readme_names_is_the_one_that_is_reckoned(readme: str) -> None:
    [named] = re.findall(r"\$(\d+)", (ROOT / readme).read_text(encoding="utf-8"))
    assert int(named) == round(dollars(bill(Month(plays=1_000_000)), FreeTier.ALWAYS))


def test_the_drawings_are_those_of_their_script() -> None:
    for path, svg in drawn().items():
        assert path.read_text(encoding="utf-8") == svg, "stale: make docs draws it anew"


def test_a_stale_table_is_replaced_and_the_rest_left_alone() -> None:
    page = "before\n<!-- generated: t -->\nold\n<!-- end: t -->\nafter\n"
    fresh = rendered(page, {"t": "new"})
    assert fresh == page.replace("old", "new")
    assert rendered(fresh, {"t": "new"}) == fresh


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("nothing", "on one side only: t"),
        ("<!-- generated: t --><!-- generated: u -->", "on one side only: u"),
        ("<!-- generated: t -->", "has no <!-- end: t -->"),
    ],
)
def test_a_page_that_does_not_fit_its_tables_is_told(page: str, complaint: str) -> None:
    with pytest.raises(PageError, match=complaint):
        rendered(page, {"t": "new"})
