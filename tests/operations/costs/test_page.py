"""The maximum cost, estimated by hand from below."""

import re

import pytest

from operations.costs import page as cost_page

A_DAY = 24 * 3600
WRITE, READ, REQUEST = 0.625e-6, 0.125e-6, 1.2e-6
"""The last is an API's and a Lambda's share."""


@pytest.fixture(scope="module")
def ceiling() -> dict[str, float]:
    """Dollars a day."""
    rows = re.findall(
        r"^\| ([^|]+) \| \d+ \| \$([\d,.]+) \|",
        cost_page.sections()["ceiling"],
        re.MULTILINE,
    )
    return {name: float(dollars.replace(",", "")) for name, dollars in rows}


@pytest.mark.parametrize(
    ("row", "at_least"),
    [
        ("rankings, each for another address", 50 * (2.5 * READ + REQUEST)),
        (
            "plays accepted on 4 full boards, from one address",
            20 * (8 * WRITE + 10 * READ + REQUEST),
        ),
        ("the same, from all lanes", 320 * (8 * WRITE + 10 * READ + REQUEST)),
        ("telemetry, 25 events in each", 83 * (26 * WRITE + REQUEST)),
        ("the same, each event as long as allowed", 83 * (76 * WRITE + REQUEST)),
    ],
)
def test_nothing_that_can_be_sent_costs_more_than_its_row_says(
    ceiling: dict[str, float], row: str, at_least: float
) -> None:
    assert at_least * A_DAY < ceiling[row]


def test_every_row_has_been_looked_at(ceiling: dict[str, float]) -> None:
    assert len(ceiling) == 5
