"""Read units of a logged request, by DynamoDB's published rules."""

from typing import Any

import pytest

from local.cloud import Cloud
from local.status.clients import Clients
from local.status.panels.scores import Panels
from local.status.panels.scores.boards import Boards

LINE = {"game": "snake", "periods": ["all", "2026-11"], "rru": 1.0}


@pytest.fixture
def panels(cloud: Cloud) -> Panels:
    panels = Panels(Clients(cloud))
    boards = {"G#snake#P#all": (1, 20_000), "G#snake#P#2026-11": (1, 8_000)}
    panels._boards = Boards(boards, [])
    return panels


@pytest.mark.parametrize(
    ("change", "units"),
    [
        ({}, 2.5 + 1.0),
        ({"rru": 2.0}, 2 * 3.5),
        ({"periods": None, "period": "all", "rru": 0.5}, 2.5),
        ({"periods": ["2026-12"]}, None),
        ({"rru": 0}, None),
    ],
)
def test_as_many_queries_are_billed_by_the_size_of_their_boards(
    panels: Panels, change: dict[str, Any], units: float | None
) -> None:
    assert panels.billed_read_units(LINE | change) == units
