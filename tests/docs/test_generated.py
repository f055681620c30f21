"""Pages hold what their generator would write today."""

import re
from pathlib import Path

import pytest

from config.prices import FreeTier, price_table
from local.bootstrap import ROOT
from operations.costs.bill import bill, dollars
from operations.costs.month import Month
from operations.docs.generate import GENERATED, PageError, rendered


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_tables_are_those_that_their_sources_give(path: Path) -> None:
    """Costs from units and prices, checks from make verify-aws."""
    page = path.read_text(encoding="utf-8")
    assert rendered(page, GENERATED[path]()) == page, "stale: run make docs"


YOU_PAY = {
    "store API calls": 0.393,
    "function invocations": (3 - 2) * 0.10,  # millions
    "store reads": (8 - 2) * 0.03,
    "sent to the origin": 0.02,
    "HTTP API requests": 1.40,
    "Lambda invocations": (1.401851 - 1) * 0.20,
    "read units": 6.402525 * 0.125,
    "write units": 1.4443 * 0.625,
    "point-in-time recovery": 0.0019,
    "alarms": (11 - 10) * 0.10,
    "S3 storage": 0.1 * 0.023,
}
"""For a million plays, beyond the free tier. tests/operations/costs/test_bill.py has amounts."""


def test_the_page_shows_what_a_million_plays_cost_by_hand() -> None:
    usd = sum(YOU_PAY.values())
    first_year = usd - 1.00 - YOU_PAY["S3 storage"]  # a million API requests, five gigabytes
    assert f"| 1,000,000 | ${usd:.2f} | ${first_year:.2f} | $24.86 |" in page("reference/costs.md")


def page(name: str) -> str:
    return " ".join((ROOT / "docs" / name).read_text(encoding="utf-8").split())


def test_a_path_costs_as_many_plays_as_the_decisions_say() -> None:
    """A play more in a month whose invalidations are spent."""
    one, two = (dollars(bill(Month(plays=plays)), FreeTier.NONE) for plays in (1e6, 2e6))
    path = price_table().prices["cloudfront.paths"].of(1, FreeTier.NONE)
    [named] = re.findall(
        r"as some (\d+) plays cost before any free tier", page("explanation/decisions.md")
    )
    assert int(named) == round(path / ((two - one) / 1e6), -2)


@pytest.mark.parametrize(
    ("name", "words", "price", "usd"),
    [
        ("explanation/decisions.md", "half a cent a path beyond", "cloudfront.paths", 0.005),
        ("operate/runbook.md", "costs half a cent", "cloudfront.paths", 0.005),
        ("operate/runbook.md", "they cost ten cents a month", "cloudwatch.alarms", 0.1),
        ("operate/leaving.md", "cannot be read; $1 a month", "kms.keys", 1),
        ("operate/leaving.md", "the key a dollar", "kms.keys", 1),
    ],
)
def test_a_price_in_words_is_the_tables(name: str, words: str, price: str, usd: float) -> None:
    assert words in page(name)
    assert price_table().prices[price].of(1, FreeTier.NONE) == usd


def test_telemetry_adds_what_the_pages_say_while_nobody_plays() -> None:
    with_it, without = (
        dollars(bill(Month(plays=0, more={"events": events})), FreeTier.ALWAYS)
        for events in (10, 0)
    )
    assert "a dollar or two a month" in page("start/deploy.md")
    assert 1 <= with_it - without <= 2


def test_logs_are_free_as_far_as_leaving_says() -> None:
    assert "logs by the gigabyte past the account's first five" in page("operate/leaving.md")
    assert price_table().prices["logs.storage"].free == 5


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_a_readme_names_the_computed_price(readme: str) -> None:
    [named] = re.findall(r"\$(\d+)", (ROOT / readme).read_text(encoding="utf-8"))
    assert int(named) == round(dollars(bill(Month(plays=1_000_000)), FreeTier.ALWAYS))


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
def test_a_page_that_does_not_fit_its_tables_is_refused(page: str, complaint: str) -> None:
    with pytest.raises(PageError, match=complaint):
        rendered(page, {"t": "new"})
