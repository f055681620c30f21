"""A player's identity after a reload, in another browser, on another device."""

import re

from playwright.sync_api import expect

from local.edge.server import LocalEdge
from tests.browser.conftest import Visit
from tests.browser.players import play_minesweeper
from tests.browser.visitor import Visitor
from tests.system import System


def chip(visitor: Visitor) -> str:
    return visitor.page.locator(".player").inner_text()


def rename(visitor: Visitor, name: str) -> None:
    visitor.page.locator(".player").click()
    visitor.page.get_by_role("dialog").get_by_label("Playing as").fill(name)
    visitor.page.get_by_role("button", name="Save name").click()


def test_a_reload_keeps_the_player_and_a_second_browser_sees_the_score(
    visit: Visit, system: System, edge: LocalEdge
) -> None:
    first = visit("/minesweeper.html")
    rename(first, "  さくら＆Ann ")
    expect(first.page.get_by_text("Saved.")).to_be_visible()
    first.page.get_by_role("button", name="Close").click()
    assert chip(first) == "さくら&Ann"
    play_minesweeper(first.page)
    first.expect_ticket("ranked")
    first.go("/minesweeper.html")
    assert chip(first) == "さくら&Ann"
    assert "さくら&Ann" in first.own_row()

    # Between scores of others a ranking may be as old as its cache allows; here it is invalidated.
    cloudfront = system.cloud.client("cloudfront")
    cloudfront.create_invalidation(
        DistributionId=edge.recent and system.parameter("/htmlgame/front-stack/cf-dist-id"),
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/api/ranking/minesweeper/*"]},
            "CallerReference": "a browser test",
        },
    )
    edge.refresh()
    second = visit("/minesweeper.html")
    [row] = [row for row in second.board() if "さくら&Ann" in row]
    assert "You" not in row


def test_a_player_moves_to_another_device(visit: Visit) -> None:
    first, second = visit("/snake.html"), visit("/bricks.html")
    rename(first, "Traveller")
    first.page.get_by_role("button", name="Show my code").click()
    code = first.page.get_by_label("Player code").input_value()
    second.page.locator(".player").click()
    paste = second.page.get_by_label("Code from the other device")
    paste.fill(code[:-1])
    second.page.get_by_role("button", name="Use this player").click()
    expect(second.page.get_by_text("This is not a player code")).to_be_visible()
    paste.fill(code)
    second.page.get_by_role("button", name="Use this player").click()
    expect(second.page.get_by_text("Welcome back, Traveller.")).to_be_visible()
    assert chip(second) == "Traveller"


def test_a_code_is_gone_from_the_page_once_the_dialog_is_closed(visit: Visit) -> None:
    visitor = visit("/snake.html")
    visitor.page.locator(".player").click()
    visitor.page.get_by_role("button", name="Show my code").click()
    code = visitor.page.get_by_label("Player code").input_value()
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("dialog")).to_have_count(0)
    values = visitor.page.locator("input").evaluate_all("all => all.map(one => one.value)")
    assert code not in values


def test_while_the_player_is_renamed_the_game_waits_and_the_keys_are_letters(visit: Visit) -> None:
    visitor = visit("/snake.html")
    visitor.page.get_by_role("button", name="Play", exact=True).click()
    visitor.page.wait_for_selector("body[data-state=playing]")
    visitor.page.locator(".player").click()
    name = visitor.page.get_by_role("dialog").get_by_label("Playing as")
    name.fill("")
    name.press_sequentially("sad wasp")
    assert name.input_value() == "sad wasp"
    assert visitor.state == "paused"


def test_a_name_given_in_another_tab_is_not_taken_back(visit: Visit) -> None:
    first = visit("/snake.html")
    other = first.page.context.new_page()
    other.goto("/bricks.html")
    other.locator(".player").click()
    other.get_by_role("dialog").get_by_label("Playing as").fill("Sakura")
    other.get_by_role("button", name="Save name").click()
    expect(other.get_by_text("Saved.")).to_be_visible()
    first.page.get_by_role("button", name="Play", exact=True).click()
    first.page.wait_for_selector("body[data-state=playing]")
    other.reload()
    expect(other.locator(".player")).to_have_text("Sakura")


def test_a_name_that_nobody_could_see_is_no_name(visit: Visit) -> None:
    visitor = visit("/snake.html")
    name = visitor.page.get_by_label("Playing as").first
    name.fill("\u200b")
    visitor.page.get_by_role("button", name="Play", exact=True).click()
    expect(visitor.page.get_by_text("This name has no visible characters.")).to_be_visible()
    assert visitor.state == "ready"
    assert re.match(r"Guest \d{3}", chip(visitor))
