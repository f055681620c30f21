"""Bad networks and full boards: the messages that a player sees."""

import json

from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.players import play_snake


def test_offline_at_the_end_it_waits_and_is_sent_once(visit: Visit) -> None:
    visitor = visit("/snake.html")
    context = visitor.page.context
    play_snake(visitor.page, 1, once_fed=lambda: context.set_offline(True))
    visitor.expect_ticket("waiting")
    assert "You are offline" in visitor.ticket()
    context.set_offline(False)
    visitor.expect_ticket("ranked")
    answered = [request for request in visitor.sent("/api/scores/") if request.response()]
    assert len(answered) == 1
    assert len([row for row in visitor.board() if "You" in row]) == 1


def test_with_no_edge_to_be_reached_the_game_is_played_all_the_same(visit: Visit) -> None:
    visitor = visit("/snake.html")
    visitor.page.route("**/api/get-start*", lambda route: route.abort())
    play_snake(visitor.page, 1)
    visitor.expect_ticket("unranked")
    assert not visitor.sent("/api/scores/")
    visitor.page.unroute_all()
    visitor.page.get_by_role("button", name="Play again").click()
    visitor.expect_ticket("punched")


def test_a_page_of_which_a_part_is_missing_says_so(visit: Visit) -> None:
    page = visit("/").page
    page.route("**/ui/board.js", lambda route: route.abort())
    page.clock.install()
    page.goto("/snake.html")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.clock.fast_forward("00:10")
    expect(page.get_by_role("alert")).to_contain_text("Part of this page could not be loaded")
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_board_that_cannot_be_reached_says_so_and_can_be_asked_again(visit: Visit) -> None:
    visitor = visit("/")
    visitor.page.route("**/api/ranking/**", _fail)
    visitor.go("/bricks.html")
    failed = visitor.page.get_by_text("The leaderboard could not be loaded.")
    expect(failed).to_be_visible(timeout=20_000)
    visitor.page.unroute_all()
    visitor.page.get_by_role("button", name="Try again").click()
    expect(visitor.page.locator("#panel table, #panel .nobody")).to_be_visible()
    expect(failed).to_be_hidden()


def _fail(route: Route) -> None:
    error = {"error": {"code": "internal", "message": "of no use"}}
    route.fulfill(status=403, content_type="application/json", body=json.dumps(error))


def test_a_board_being_fetched_and_an_empty_one(visit: Visit) -> None:
    visitor = visit("/")
    held: list[Route] = []
    visitor.page.route("**/api/ranking/**", lambda route: held.append(route))
    visitor.go("/snake.html")
    panel = visitor.page.locator("#panel")
    expect(panel).to_have_attribute("aria-busy", "true")
    expect(panel.get_by_text("Loading the leaderboard…")).to_be_attached()
    empty = {
        "gameId": "snake",
        "period": "all",
        "order": [["score", "desc"], ["timeMs", "asc"]],
        "topN": 100,
        "items": [],
        "updatedAt": None,
    }
    held[0].fulfill(json=empty)
    expect(panel.get_by_text("No scores yet.")).to_be_visible()
    expect(panel).to_have_attribute("aria-busy", "false")
