"""The page in docs/start/add-your-game.md works unchanged as a game with a board."""

from playwright.sync_api import Browser, Route, expect

from local.bootstrap import ROOT
from local.edge.server import LocalEdge
from tests.docs.pages import Page

SHOWN = Page(ROOT / "docs" / "start" / "add-your-game.md")
# The game of the page is not deployed here, and nobody wants to wait ten seconds.
HERE = {'game: "taps"': 'game: "snake"', "10_000": "1_200"}


def test_the_game_of_the_docs_is_played_and_ranked(browser: Browser, edge: LocalEdge) -> None:
    [html] = [block.text for block in SHOWN.blocks if block.language == "html"]
    for shown, here in HERE.items():
        assert shown in html
        html = html.replace(shown, here)

    def serve(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html")

    context = browser.new_context(base_url=edge.url)
    page = context.new_page()
    page.route("**/taps.html", serve)
    page.goto("/taps.html")
    page.click("#tap")
    expect(page.locator("#message")).to_have_text("Go!")
    for _ in range(5):
        page.click("#tap")
    expect(page.locator("#message")).to_have_text("5 taps: ranked", timeout=15_000)
    assert page.locator("#board li").count() >= 1
    context.close()


ARCADE = Page(ROOT / "docs" / "guides" / "arcade.md")
HOUSE = {"id: 'taps'": "id: 'snake'", "10_000": "1_200", "['all', 'daily']": "['all']"}


def test_the_docs_game_has_the_arcade_around_it(browser: Browser, edge: LocalEdge) -> None:
    [script] = [block.text for block in ARCADE.blocks if block.language == "js"]
    for shown, here in HOUSE.items():
        assert shown in script
        script = script.replace(shown, here)

    def serve(route: Route) -> None:
        route.fulfill(body=script, content_type="text/javascript")

    context = browser.new_context(base_url=edge.url)
    page = context.new_page()
    page.route("**/games/snake/main.js", serve)
    page.goto("/snake.html")
    page.get_by_role("button", name="Play", exact=True).click()
    for _ in range(5):
        page.get_by_role("button", name="Tap", exact=True).click()
    expect(page.locator("#ticket")).to_have_attribute("data-state", "ranked", timeout=15_000)
    expect(page.locator("#panel tr.mine")).to_contain_text("5")
    context.close()
