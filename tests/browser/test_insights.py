"""The page of Insights: a game's requests arrive in it, and functions are written and run there."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from config.capabilities import insights
from lambdas.shared.api_users.api_keys import new_key
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.users import Key, User
from tests.browser.conftest import Visit
from tests.browser.players import play_snake
from tests.browser.test_looks import violations
from tests.browser.visitor import PHONE, Visitor
from tests.system import System

WITHIN_MS = 60_000
"""From the request to its row, on this machine."""


def key_of(system: System, role: str) -> tuple[str, str]:
    """A new API user, and its key."""
    name = system.parameter(insights.KEYS.parameter)
    keys, key = KeyTable(system.cloud.client("dynamodb"), name), new_key()
    user = keys.create(User(id=f"{role}{time.time_ns()}", role=role, limit=1000))
    keys.add_key(user, Key(key.prefix, key.hash, "2026-11-21T00:00:00+00:00"), 0)
    return user.id, key.text


@pytest.fixture(scope="module")
def admin(system: System) -> str:
    return key_of(system, "admin")[1]


def opened(visit: Visit, key: str, **options: object) -> Visitor:
    visitor = visit("/insights.html", **options)
    visitor.page.locator(".sign-in input").fill(key)
    visitor.page.locator(".sign-in button").click()
    expect(visitor.page.locator(".side")).to_be_visible()
    return visitor


def go(page: Page, place: str) -> None:
    page.evaluate("(place) => { location.hash = place }", place)
    expect(page.locator(".content")).not_to_contain_text(re.compile("Loading…|読み込み"))


def test_a_game_in_a_browser_is_in_the_page_within_a_minute(visit: Visit, admin: str) -> None:
    player = visit("/snake.html")
    play_snake(player.page)
    player.expect_ticket("ranked")
    [asked] = player.sent("/api/scores/")[-1:]
    answer = asked.response()
    assert answer is not None
    request_id = answer.headers["x-amz-cf-id"]
    page = opened(visit, admin).page
    go(page, f"#/requests?id={request_id}")
    # The first page of requests asks again by itself.
    row = page.locator("tbody tr")
    expect(row).to_have_count(1, timeout=WITHIN_MS)
    expect(row).to_contain_text("python-put-score")
    expect(row).to_contain_text("PUT /api/scores/{gameId}/{period}/{userId}")
    expect(row).to_contain_text("200")
    go(page, "#/")
    table = page.locator(".wide").last
    expect(table.get_by_role("link", name="python-put-score")).to_be_visible()
    expect(table.get_by_role("link", name="javascript-get-start")).to_be_visible()
    table.get_by_role("link", name="python-put-score").click()
    expect(page.get_by_role("heading", name="python-put-score")).to_be_visible()
    with page.expect_download() as saved:
        go(page, "#/")
        page.get_by_role("button", name="CSV", exact=True).click()
    assert saved.value.path().read_text().startswith("function,requests,failed,hits,")


def test_a_function_is_written_run_and_switched_in_the_page(visit: Visit, system: System) -> None:
    user_id, key = key_of(system, "user")
    page = opened(visit, key).page
    go(page, f"#/functions/{user_id}")
    expect(page.get_by_text("No function yet.")).to_be_visible()
    page.get_by_label("Function").fill("greet")
    page.get_by_role("button", name="Write a function").click()
    source = page.get_by_label("function.js", exact=True)
    source.fill("function handler( {")
    page.get_by_role("button", name="Push a new version").click()
    expect(page.locator(".says.bad")).to_contain_text("SyntaxError")
    source.fill(
        "function handler(input) { console.log('seen', input.n); return { twice: input.n * 2 } }"
    )
    page.get_by_role("button", name="Push a new version").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Input, as JSON").fill('{"n": 21}')
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text('"twice": 42')).to_be_visible()
    page.reload()
    page.locator("details summary").first.click()
    expect(page.get_by_text("info: seen 21")).to_be_visible()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("button", name="Run this one")).to_be_visible()


def test_a_user_sees_its_own_rows_alone(visit: Visit, system: System, admin: str) -> None:
    own = opened(visit, key_of(system, "user")[1]).page
    expect(own.get_by_text("No request yet")).to_be_visible()
    go(own, "#/requests")
    expect(own.get_by_text("No such request in this time.")).to_be_visible()
    own.get_by_label("When").select_option("Whole day")
    own.get_by_label("Day", exact=True).fill("2026-11-01")
    own.get_by_role("button", name="Filter").click()
    expect(own.get_by_label("Day", exact=True)).to_have_value("2026-11-01")
    expect(own.get_by_text("No such request in this time.")).to_be_visible()
    every = opened(visit, admin).page
    expect(every.locator(".tiles")).to_be_visible(timeout=WITHIN_MS)
    go(every, "#/requests?when=last&status=2xx")
    with every.expect_download() as saved:
        every.get_by_role("button", name="CSV").click()
    head, *lines = saved.value.path().read_text().splitlines()
    assert head == "ms,id,fn,route,status,duration,result,bytes,error"
    assert lines


def test_a_wrong_key_is_refused_and_a_right_one_forgotten(visit: Visit, admin: str) -> None:
    page = visit("/insights.html").page
    page.locator(".sign-in input").fill(admin[:-1] + ("0" if admin[-1] != "0" else "1"))
    page.locator(".sign-in button").click()
    expect(page.locator(".says.bad")).to_contain_text("API key")
    page.locator(".sign-in input").fill(admin)
    page.locator(".sign-in button").click()
    page.get_by_role("button", name="Forget the key").click()
    expect(page.locator(".sign-in")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('insights.key')") == ""


@pytest.mark.parametrize(("locale", "scheme"), [("en-US", "light"), ("ja-JP", "dark")])
def test_it_shuts_nobody_out_and_fits_a_phone(
    visit: Visit, system: System, locale: str, scheme: str
) -> None:
    user_id, key = key_of(system, "admin")
    look = {"locale": locale, "color_scheme": scheme, "reduced_motion": "reduce"}
    page = opened(visit, key, **PHONE, **look).page
    places = ("#/", "#/fn/python-put-score", "#/requests", f"#/functions/{user_id}/javascript-new")
    for place in places:
        go(page, place)
        assert not violations(page), place
        wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, place
