"""Every game, played through with real keys, mouse and fingers, ends on the board."""

import re

import pytest
from playwright.sync_api import expect

from local.edge.server import LocalEdge
from tests.browser.conftest import Visit
from tests.browser.players import (
    finger,
    play_bricks,
    play_minesweeper,
    play_snake,
    swipes,
)
from tests.browser.visitor import PHONE
from tests.system import System


def test_a_snake_by_arrow_keys_costs_three_requests_of_which_one_reaches_the_origin(
    visit: Visit, edge: LocalEdge, system: System
) -> None:
    system.origin.submit("snake", "all", "y" * 22, score=1, time_ms=5000, play="somebody")
    visitor = visit("/")
    visitor.leave_untold()
    visitor.go("/snake.html")
    visitor.board()
    before = edge.origin_requests
    play_snake(visitor.page)
    visitor.expect_ticket("ranked")
    assert visitor.asked_in_the_last_play() == ["get-start", "get-end", "scores"]
    assert edge.origin_requests == before + 1
    # A refusal names the threshold of today, which is never higher than that of all time.
    assert visitor.sent("/scores/snake/daily,weekly,monthly,all/")
    assert visitor.points() in visitor.own_row()
    visitor.page.get_by_role("tab", name="Today").click()
    assert "You" in visitor.own_row()


def test_a_snake_by_swipes_on_a_phone(visit: Visit) -> None:
    visitor = visit("/snake.html", **PHONE, locale="ja-JP")
    play_snake(visitor.page, fruits=1, hands=swipes)
    visitor.expect_ticket("ranked")
    assert "検証済" in visitor.page.locator("#ticket .stamp").inner_text()


def test_a_minefield_by_mouse(visit: Visit) -> None:
    visitor = visit("/minesweeper.html")
    play_minesweeper(visitor.page)
    visitor.expect_ticket("ranked")
    shown = visitor.ticket()
    [attested] = re.findall(r"(\d+\.\d) s", shown)
    assert attested in visitor.own_row()
    assert re.search(r"[\w-]{8}…[\w-]{4}", shown)
    visitor.page.get_by_role("button", name="New field").click()
    assert visitor.page.locator("#hud dd .unseen").all_inner_texts()[1] == "0.0"


def test_a_minefield_by_finger_and_its_flags_by_a_long_press(visit: Visit) -> None:
    visitor = visit("/minesweeper.html", **PHONE)
    square = visitor.page.locator(".mines button").nth(3)
    finger(visitor.page, square, hold_ms=500)
    assert square.get_attribute("data-look") == "flag"
    finger(visitor.page, square, hold_ms=500)
    assert square.get_attribute("data-look") == "closed"
    play_minesweeper(visitor.page, visitor.page.touchscreen.tap)
    visitor.expect_ticket("ranked")


def test_a_minefield_by_keys(visit: Visit) -> None:
    visitor = visit("/minesweeper.html")
    page = visitor.page
    page.locator(".mines button").first.focus()
    for key in ("ArrowRight", "ArrowDown", "f"):
        page.keyboard.press(key)
    at = page.locator(".mines button").nth(10)
    expect(at).to_be_focused()
    expect(at).to_have_attribute("aria-label", "Row 2, column 2: flagged")
    for key in ("f", "Enter"):
        page.keyboard.press(key)
    expect(at).to_have_attribute("aria-label", re.compile("Row 2, column 2: (clear|[1-8])"))
    assert visitor.state == "playing"


def test_bricks_by_mouse_and_space_bar(visit: Visit) -> None:
    visitor = visit("/bricks.html")
    play_bricks(visitor.page)
    visitor.expect_ticket("ranked")
    assert visitor.points() in visitor.own_row()


def test_a_pause_stops_the_field_and_the_clock(visit: Visit) -> None:
    visitor = visit("/snake.html")
    page = visitor.page
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector("body[data-state=playing]")
    page.keyboard.press("p")
    before = page.locator("#hud dl").inner_text()
    page.wait_for_timeout(400)
    assert (visitor.state, page.locator("#hud dl").inner_text()) == ("paused", before)
    page.get_by_role("button", name="Resume").click()
    assert visitor.state == "playing"


@pytest.mark.parametrize("game", ["snake", "bricks"])
def test_a_fixed_seed_is_for_practice_alone(visit: Visit, game: str) -> None:
    """The same field each time, and so nothing for the board."""
    visitor = visit(f"/{game}.html?seed=1")
    visitor.page.get_by_role("button", name="Play", exact=True).click()
    visitor.expect_ticket("practice")
    assert not visitor.sent("/api/get-start")
