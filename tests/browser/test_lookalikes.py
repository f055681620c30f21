"""A name that imitates another one on the board is shown with a mark."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from config.games import load_games
from lambdas.scores.rules import Entry, rank_key
from lambdas.scores.table import board_key
from local.edge.server import LocalEdge
from tests.browser.conftest import Visit
from tests.browser.test_looks import violations
from tests.browser.visitor import PHONE
from tests.system import System

GAME = "bricks"
HONEST = "Wonderful Anna of Bricks"
IMITATION = HONEST.replace("A", "\u0410")
MARKS = {"en-US": "Look-alike", "ja-JP": "類似名"}


@pytest.fixture
def imitated(system: System, edge: LocalEdge) -> Iterator[None]:
    order = tuple(load_games()[GAME].order)
    rows = [
        (board_key(GAME, system.origin.ranking(GAME, period).body["period"]), entry)
        for period in load_games()[GAME].periods
        for entry in (player(order, HONEST, 9000), player(order, IMITATION, 9001))
    ]
    for row in rows:
        system.table.put(*row, None)
    forget_rankings(system, edge)
    yield
    for row in rows:
        system.table.evict(*row)
    forget_rankings(system, edge)


def forget_rankings(system: System, edge: LocalEdge) -> None:
    system.cloud.client("cloudfront").create_invalidation(
        DistributionId=system.parameter("/htmlgame/front-stack/cf-dist-id"),
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": [f"/api/ranking/{GAME}/*"]},
            "CallerReference": str(uuid4()),
        },
    )
    edge.refresh()


def player(order: tuple[tuple[str, str], ...], name: str, score: int) -> Entry:
    entry = Entry(
        user_id=f"player-{score:015d}",
        user_name=name,
        score=score,
        time_ms=600_000,
        updated_at="2026-11-21T12:00:00.000Z",
        rk="",
        play="0123456789ab.012345",
    )
    return replace(entry, rk=rank_key(order, score=score, time_ms=600_000, updated_at_ms=0))


@pytest.mark.usefixtures("imitated")
@pytest.mark.parametrize("locale", MARKS)
def test_the_mark_fits_a_phone_beside_a_long_name(visit: Visit, locale: str) -> None:
    visitor = visit(f"/{GAME}.html", **PHONE, locale=locale, reduced_motion="reduce")
    page = visitor.page
    row = page.locator("#panel tbody tr").filter(has_text=IMITATION)
    mark = row.get_by_text(MARKS[locale], exact=True)
    expect(mark).to_be_visible()
    assert page.get_by_text(MARKS[locale], exact=True).count() == 1
    expect(page.get_by_role("rowheader", name=f"{IMITATION} {MARKS[locale]}")).to_be_visible()
    expect(page.locator(".alikes")).to_contain_text(MARKS[locale])
    assert within(mark, row.locator("th"))
    assert not violations(page)
    page.set_viewport_size({"width": 340, "height": 700})
    assert within(mark, row.locator("th"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.usefixtures("imitated")
def test_the_front_page_marks_it_too(visit: Visit) -> None:
    page = visit("/", **PHONE).page
    leader = page.locator(".leaders li").filter(has_text=IMITATION)
    expect(leader.get_by_text(MARKS["en-US"], exact=True)).to_be_visible()
    assert not violations(page)


def within(inner: Locator, outer: Locator) -> bool:
    """Whether nothing of it is cut off at the sides."""
    small, large = inner.bounding_box(), outer.bounding_box()
    assert small is not None
    assert large is not None
    right = (small["x"] + small["width"], large["x"] + large["width"])
    return large["x"] <= small["x"] and right[0] <= right[1] + 1
