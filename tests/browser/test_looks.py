"""Every page supports all languages, colour schemes, screens and assistive tools, in few bytes."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from local.bootstrap import ROOT
from local.edge.server import LocalEdge
from tests.browser.conftest import Visit, visits
from tests.browser.players import play_minesweeper
from tests.browser.visitor import PHONE, Visitor

PAGES: Final = ("/", "/snake.html", "/minesweeper.html", "/bricks.html")
LOOKS: Final = (("en-US", "light"), ("ja-JP", "dark"))
MOST_BYTES: Final = 64_000
_AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE: Final = ("serious", "critical")


def violations(page: Page) -> list[str]:
    page.evaluate(_AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{each['id']}: {node['html']}"
        for each in found["violations"]
        if each["impact"] in _GRAVE
        for node in each["nodes"]
    ]


@pytest.fixture(
    scope="module",
    params=[(path, *look) for path in PAGES for look in LOOKS],
    ids=lambda param: "-".join(param),
)
def seen(request: pytest.FixtureRequest, browser: Browser, edge: LocalEdge) -> Iterator[Visitor]:
    """Each page in each look, as it is when everything has come."""
    path, locale, scheme = request.param
    with visits(browser, edge) as visit:
        visitor = visit(path, locale=locale, color_scheme=scheme, reduced_motion="reduce")
        visitor.page.wait_for_load_state("networkidle")
        yield visitor


def test_a_page_is_light(seen: Visitor) -> None:
    assert sum(map(len, seen.files())) < MOST_BYTES


def test_a_page_shuts_nobody_out(seen: Visitor) -> None:
    assert not violations(seen.page)


def test_a_narrow_screen_does_not_scroll_sideways(seen: Visitor) -> None:
    seen.page.set_viewport_size({"width": 340, "height": 700})
    wide, window = seen.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nor_does_it_in_its_other_states(visit: Visit, scheme: str) -> None:
    still = {"color_scheme": scheme, "reduced_motion": "reduce"}
    visitor = visit("/minesweeper.html", **PHONE, **still, locale="ja-JP")
    page = visitor.page
    play_minesweeper(page, page.touchscreen.tap)
    page.wait_for_selector("body[data-state=over]")
    visitor.page.locator("#ticket summary").click()
    assert not violations(page)
    page.locator(".player").click()
    page.get_by_role("button", name="コードを表示").click()
    assert not violations(page)


def paper(visitor: Visitor) -> str:
    return str(visitor.page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_light_and_dark_by_the_system_and_by_hand(visit: Visit) -> None:
    light, dark = (
        visit("/", color_scheme=scheme, reduced_motion="reduce") for scheme in ("light", "dark")
    )
    by_day, by_night = paper(light), paper(dark)
    assert by_day != by_night
    toggle = light.page.get_by_role("button", name="Theme")
    for expected in (by_day, by_night, by_day):
        toggle.click()
        assert paper(light) == expected
    for _ in range(2):
        toggle.click()
    assert paper(light) == by_night
    light.go("/snake.html")
    assert paper(light) == by_night


def test_english_and_japanese_by_the_browser_and_by_hand(visit: Visit) -> None:
    visitor = visit("/snake.html", locale="ja-JP")
    page = visitor.page
    expect(page.get_by_role("tab", name="今月")).to_be_visible()
    assert page.evaluate("[document.documentElement.lang, document.title]") == [
        "ja",
        "スネーク · htmlgame",
    ]
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("tab", name="Month")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    visitor.go("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Scores you can trust.")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_board_is_walked_by_keys(visit: Visit) -> None:
    visitor = visit("/snake.html")
    tab = visitor.page.get_by_role("tab")
    tab.first.focus()
    visitor.page.keyboard.press("ArrowLeft")
    expect(tab.last).to_be_focused()
    expect(tab.last).to_have_attribute("aria-selected", "true")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("tabpanel")).to_be_focused()
