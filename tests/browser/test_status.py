"""The status page: a developer sees a play as it happens, in every state and on every screen."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from local.edge.server import LocalEdge
from tests.browser.test_looks import violations
from tests.browser.visitor import PHONE
from tests.e2e.player import Player

Open = Callable[..., Page]


@pytest.fixture
def status(browser: Browser, edge: LocalEdge) -> Iterator[Open]:
    """Opens the page, each time in a browser of its own; none of them may have complained."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(base_url=edge.url, **{"reduced_motion": "reduce", **options})
        contexts.append(context)
        page: Page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/status.html")
        expect(page.locator("#state")).not_to_have_text("connecting…")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def played(edge: LocalEdge) -> Player:
    player = Player(edge.url)
    player.play(17)
    player.submit(17, change={"X-Score": "18"})
    return player


def row(page: Page, *words: str) -> Any:
    rows = page.locator("#rows > li:visible")
    for word in words:
        rows = rows.filter(has_text=word)
    return rows.first


def test_a_play_is_seen_as_it_happens_and_why_it_went_as_it_did(
    status: Open, edge: LocalEdge
) -> None:
    page = status()
    expect(page.locator("#state")).to_have_text("live")
    player = Player(edge.url)
    assert player.play(17, "all,monthly").status == 200
    player.submit(17, change={"X-Score": "18"})
    forged = row(page, "bad_signature", player.id)
    expect(forged).to_contain_text("refused")
    expect(forged).to_contain_text("401")
    submitted = row(page, "all,monthly", player.id)
    expect(submitted).to_contain_text("forwarded")
    expect(submitted.locator(".story")).to_be_hidden()
    submitted.locator("summary").click()
    story = submitted.locator(".story")
    for words in ("/api/scores/*", "htmlgame-validate", "k_current", "htmlgame-scores"):
        expect(story).to_contain_text(words)
    # Its line of log comes a look or two later, into what is open already.
    expect(story).to_contain_text("htmlgame-put-score", timeout=60_000)
    expect(story).to_contain_text("write units")
    text = page.content()
    assert not [
        secret for secret in (player.token_end, player.key, player.cookie) if secret in text
    ]


@pytest.mark.usefixtures("played")
def test_each_part_shows_the_deployed_system(status: Open) -> None:
    page = status()
    for part, words in {
        "spent": "put-score",
        "stores": "k_current",
        "distribution": "/api/scores/*",
        "boards": "snake",
        "stacks": "EdgeStack",
    }.items():
        expect(page.locator(f"#{part}")).to_contain_text(words)
    stack = page.locator("#stacks details", has_text="ScoreApiStack")
    stack.locator("summary").click()
    expect(stack).to_contain_text("/htmlgame/score-api/table-name")


@pytest.mark.usefixtures("played")
def test_requests_are_found_by_words_and_by_decision(status: Open) -> None:
    page = status()
    expect(row(page, "get-start")).to_be_visible()
    page.get_by_role("button", name="refused").click()
    expect(row(page, "get-start")).to_have_count(0)
    expect(row(page, "bad_signature")).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#filter")).to_be_focused()
    page.keyboard.type("nothing like it")
    expect(page.locator("#no-rows")).to_contain_text("No request matches this filter")
    page.get_by_role("button", name="Show all").click()
    expect(row(page, "get-start")).to_be_visible()
    expect(page.locator("#filter")).to_have_value("")


def test_paused_it_stands_still(status: Open, edge: LocalEdge) -> None:
    page = status()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#state")).to_contain_text("paused at")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    player = Player(edge.url)
    player.start()
    page.wait_for_timeout(1500)
    assert asked == []
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#state")).to_have_text("live")


def test_input_from_viewers_is_shown_as_text(status: Open, edge: LocalEdge) -> None:
    with socket.create_connection(("127.0.0.1", edge.port)) as viewer:
        viewer.sendall(b"GET /<b>bold</b><img/src=x/onerror=alert(1)> HTTP/1.1\r\nHost: x\r\n\r\n")
        assert viewer.recv(1)
    page = status()
    expect(row(page, "<b>bold</b>")).to_be_visible()
    assert page.locator("#rows b:text-is('bold'), #rows img").count() == 0


def test_it_sends_requests_to_this_edge_alone(status: Open, edge: LocalEdge) -> None:
    page = status()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.locator("#state")).to_have_text("live")
    assert all(url.startswith((edge.url, "data:")) for url in asked)


FEW = 12


def told_otherwise(page: Page, **changes: Any) -> None:
    """With so few requests that axe looks at each in no time."""
    told = page.context.request.get("/status.json").json()
    few = {"requests": told["requests"][:FEW]}
    page.route("**/status.json", lambda route: route.fulfill(json={**told, **few, **changes}))


def live(page: Page) -> None:
    page.locator("#rows summary").first.click()


def paused(page: Page) -> None:
    page.locator("#pause").click()


def stopped(page: Page) -> None:
    cloud = {"url": "http://127.0.0.1:4566", "at": 1_795_262_400, "unreachable": "no connection"}
    told_otherwise(page, cloud=cloud)


def gone(page: Page) -> None:
    page.unroute("**/status.json")
    page.context.set_offline(True)


def bare(page: Page) -> None:
    empty: dict[str, Any] = {"requests": [], "spent": [], "boards": [], "invalidations": []}
    problems = {"distribution": "ParameterNotFound: nothing there"}
    told_otherwise(page, **empty, distribution=None, stores=None, problems=problems)


STATES: tuple[Callable[[Page], None], ...] = (live, paused, stopped, gone, bare)
SAYS: dict[Callable[[Page], None], str] = {
    paused: "paused",
    stopped: "The local cloud at http://127.0.0.1:4566 does not answer",
    gone: "The local edge does not answer",
    bare: "No requests yet",
}


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1500, "height": 900}},
    "dark-phone": {"color_scheme": "dark", **PHONE},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.usefixtures("played")
def test_it_shuts_nobody_out_in_any_state(
    status: Open, look: str, state: Callable[[Page], None]
) -> None:
    page = status(**LOOKS[look])
    expect(page.locator("#rows li").first).to_be_visible()
    told_otherwise(page)
    expect(page.locator("#rows > li").nth(FEW)).not_to_be_attached()
    state(page)
    expect(page.locator("body")).to_contain_text(SAYS.get(state, "live"))
    assert not violations(page)
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window
