"""Makers at their page: what they see, what they change, and what nobody ever sees again."""

import json
import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from config.capabilities.telemetry import Telemetry
from config.environments import LOCAL
from local.edge.server import LocalEdge
from local.seeds.creators import CREATOR
from tests.browser.conftest import Visit
from tests.browser.players import play_snake
from tests.browser.test_looks import violations
from tests.browser.visitor import PHONE, Visitor
from tests.e2e.creator import Creator, until
from tests.system import System


@pytest.fixture
def demo(system: System, edge: LocalEdge) -> Creator:
    return Creator(edge.url, system.cloud.issuer, CREATOR)


def address() -> str:
    return f"maker-{secrets.token_hex(4)}@example.org"


def sign_in(visit: Visit, email: str, **options: Any) -> Visitor:
    visitor: Visitor = visit("/creator.html", **options)
    visitor.page.locator(".sign-in input[type=email]").fill(email)
    visitor.page.locator(".sign-in button").click()
    expect(visitor.page.locator(".side")).to_be_visible()
    expect(visitor.page.locator("#workspace")).not_to_contain_text("Loading…")
    return visitor


def made_project(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_sessions_arrive_in_the_statistics_of_the_project(visit: Visit, demo: Creator) -> None:
    project_id = projects()["snake"]
    before = today(demo, project_id)
    player = visit("/snake.html")
    play_snake(player.page)
    player.expect_ticket("ranked")
    maker = sign_in(visit, CREATOR)
    tile = maker.page.locator(".tiles dd").first
    expect(tile).to_be_visible()
    # Leaving the page is what sends the last of it, and ends the session.
    player.page.goto("about:blank")
    after = until(
        lambda: today(demo, project_id),
        lambda now: (
            now["sessionSeconds"]["count"] > before["sessionSeconds"]["count"]
            and now["scores"]["count"] > before["scores"]["count"]
            and events(now) >= events(before) + 2
        ),
    )
    assert after["sessions"] == before["sessions"] + 1
    # On a busy machine the snake may lose a round before the one that ranks.
    for event in ("start", "game_over"):
        assert after["events"][event] > before["events"].get(event, 0)
    assert after["scores"]["count"] == before["scores"]["count"] + 1
    total = demo.good("GET", f"/analytics/summary?projectId={project_id}")["total"]
    expect(tile).to_have_text(f"{total['sessions']:,}", timeout=60_000)


def test_telemetry_identifies_players_by_a_secret_that_no_board_shows(visit: Visit) -> None:
    player = visit("/snake.html")
    key = told_key(player)
    assert key == player.page.evaluate("localStorage.getItem('arcade.telling')")
    assert key not in player.page.content()
    public = player.page.evaluate(
        "import('/sdk/htmlgame.min.js').then(async (sdk) =>"
        " (await sdk.connect({ game: 'snake' })).player.id)"
    )
    assert public
    assert key != public
    player.go("/bricks.html")
    assert told_key(player) == key
    assert told_key(visit("/snake.html")) != key


def test_without_storage_each_page_has_a_new_player(visit: Visit) -> None:
    player = visit("/")
    player.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } })"
    )
    keys = []
    for _ in range(2):
        player.go("/snake.html")
        keys.append(told_key(player))
    assert len(set(keys)) == 2
    assert all(len(key) == 36 for key in keys)


def told_key(player: Visitor) -> str:
    """The request that begins a session, once a play starts."""
    page = player.page
    with page.expect_request("**/api/telemetry/session") as asked:
        page.get_by_role("button", name="Play", exact=True).click()
    begun: Any = asked.value.post_data_json
    return str(begun["playerKey"])


def events(day: Any) -> int:
    return sum(day["events"].values())


def projects() -> Any:
    return LOCAL.settings(Telemetry).projects


def today(creator: Creator, project_id: str) -> Any:
    days = creator.good("GET", f"/analytics/summary?projectId={project_id}")["days"]
    nothing = {"sessions": 0, "events": {}, "scores": {"count": 0}, "sessionSeconds": {"count": 0}}
    latest = max((each["day"] for each in days), default="")
    last = creator.good("GET", f"/analytics/summary?projectId={project_id}")["to"]
    return days[-1] if days and latest == last else nothing


def test_behind_each_chart_lies_a_table_with_the_same_figures(visit: Visit, demo: Creator) -> None:
    page = sign_in(visit, CREATOR).page
    page.locator(".side").get_by_role("link", name="Bricks").click()
    expect(page.locator("figure")).to_have_count(5)
    summary = demo.good("GET", f"/analytics/summary?projectId={projects()['bricks']}")
    events = page.locator("figure").filter(has_text="game_over")
    events.locator("summary").click()
    rows = events.locator("tbody tr").all_inner_texts()
    shown = dict(row.split("\t") for row in rows)
    counts = {name: int(count.replace(",", "")) for name, count in shown.items()}
    assert counts == summary["total"]["events"]
    columns = page.locator("figure").first.locator("rect")
    assert columns.count() == page.locator("figure").first.locator("tbody tr").count() == 30
    page.get_by_role("button", name="7 days").click()
    expect(page.locator("figure").first.locator("rect")).to_have_count(7)


def test_a_project_is_made_changed_and_found_again(visit: Visit, system: System) -> None:
    email = address()
    visitor = sign_in(visit, email)
    page = visitor.page
    made_project(page, "Tower of Ångström")
    page.get_by_label("Events", exact=True).first.fill("start, boss_down\ngame_over")
    page.get_by_label("keep forever").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    creator = Creator(page.url.partition("/creator")[0], system.cloud.issuer, email)
    [listed] = creator.good("GET", "/projects")["projects"]
    project = creator.good("GET", f"/project/{listed['id']}")
    assert project["events"] == ["start", "boss_down", "game_over"]
    assert project["retention"]["scoreDays"] is None
    page.reload()
    expect(page.get_by_role("heading", name="Tower of Ångström")).to_be_visible()
    page.get_by_role("link", name="Statistics").click()
    expect(page.get_by_text("No sessions in these days")).to_be_visible()
    expect(page.get_by_text(f"projectId: '{listed['id']}'")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Events", exact=True).first.fill("No")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(re.compile(r"Refused: events\[0\]"))).to_be_visible()


def test_changes_made_elsewhere_are_not_overwritten(visit: Visit, system: System) -> None:
    email = address()
    page = sign_in(visit, email).page
    made_project(page, "Two tabs")
    creator = Creator(page.url.partition("/creator")[0], system.cloud.issuer, email)
    [listed] = creator.good("GET", "/projects")["projects"]
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    creator.good("PUT", f"/project/{listed['id']}", {"name": "Other tab"})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This project was changed somewhere else")).to_be_visible()
    assert creator.good("GET", f"/project/{listed['id']}")["name"] == "Other tab"


def test_a_key_goes_in_and_is_never_seen_again(visit: Visit) -> None:
    secret = f"s3cret-{secrets.token_hex(8)}"
    visitor = sign_in(visit, address())
    page = visitor.page
    answers: list[str] = []
    page.on(
        "response", lambda answer: answers.append(answer.url) if "/api/" in answer.url else None
    )
    page.get_by_role("link", name="Shared keys").click()
    expect(page.get_by_text("No keys yet.")).to_be_visible()
    page.get_by_label("Name").fill("game api key")
    page.get_by_label("Value").fill(secret)
    page.get_by_role("button", name="Save key").click()
    expect(page.get_by_text("GAME_API_KEY", exact=True)).to_be_visible()
    expect(page.get_by_label("Value")).to_have_value("")
    assert secret not in seen(page)
    page.reload()
    expect(page.get_by_text("GAME_API_KEY", exact=True)).to_be_visible()
    assert secret not in seen(page)
    assert not [request for request in visitor.requests if secret in request.url]
    page.get_by_role("button", name="Delete GAME_API_KEY").click()
    expect(page.get_by_text("GAME_API_KEY", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete GAME_API_KEY").click()
    expect(page.get_by_text("No keys yet.")).to_be_visible()
    page.get_by_role("link", name="Log").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    assert "Key saved" in page.locator("tbody tr").last.inner_text()


def seen(page: Page) -> str:
    """All that the page and its memory hold."""
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, location.href])")
    fields = page.evaluate("[...document.querySelectorAll('input')].map((each) => each.value)")
    return f"{page.content()} {kept} {json.dumps(fields)}"


def test_a_deleted_project_and_an_erased_maker_ask_twice(visit: Visit, system: System) -> None:
    email = address()
    page = sign_in(visit, email).page
    made_project(page, "Short-lived")
    page.get_by_role("button", name="Delete this project").click()
    confirm = page.get_by_role("dialog")
    expect(confirm.get_by_role("button", name="Delete")).to_be_disabled()
    confirm.get_by_role("textbox").fill("Short-lived")
    confirm.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="New project")).to_be_visible()
    page.get_by_role("link", name="Log").click()
    page.get_by_role("button", name="Delete everything").click()
    confirm.get_by_role("textbox").fill(email)
    confirm.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_text(re.compile("^Deleted"))).to_be_visible(timeout=60_000)
    creator = Creator(page.url.partition("/creator")[0], system.cloud.issuer, email)
    items = creator.good("GET", "/creator/audit")["items"]
    assert not any("projectId" in item for item in items)


def test_a_sign_in_lasts_as_long_as_the_tab_and_can_be_ended(visit: Visit) -> None:
    visitor = sign_in(visit, CREATOR)
    page = visitor.page
    page.reload()
    expect(page.locator(".side")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".sign-in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.locator(".sign-in")).to_be_visible()


def test_an_expired_token_is_renewed_and_the_request_sent_again(visit: Visit) -> None:
    visitor = sign_in(visit, CREATOR)
    refused: list[str] = []

    def once(route: Route) -> None:
        if refused:
            route.fallback()
        else:
            refused.append(route.request.url)
            route.fulfill(status=401, body='{"message":"Unauthorized"}')

    visitor.page.route("**/api/creator/env", once)
    visitor.page.get_by_role("link", name="Shared keys").click()
    expect(visitor.page.get_by_label("Value")).to_be_visible()
    expect(visitor.page.locator(".list .note, .list .keys")).not_to_have_text("Loading…")
    assert refused
    assert visitor.sent("grant_type=refresh_token")


def test_an_expired_session_leads_back_to_the_sign_in_form(visit: Visit) -> None:
    page = sign_in(visit, CREATOR).page
    page.reload()
    expect(page.locator(".side")).to_be_visible()
    refused = {"error_code": "refresh_token_not_found", "msg": "Invalid Refresh Token"}
    page.route(
        "**/token?grant_type=refresh_token", lambda route: route.fulfill(status=400, json=refused)
    )
    page.route("**/api/creator/env", lambda route: route.fulfill(status=401, json={}))
    page.get_by_role("link", name="Shared keys").click()
    expect(page.locator(".sign-in")).to_be_visible()


def test_a_reload_without_a_network_signs_nobody_out(visit: Visit) -> None:
    page = sign_in(visit, CREATOR).page
    page.route("**/token?grant_type=refresh_token", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text(re.compile("could not find out"))).to_be_visible()
    page.unroute("**/token?grant_type=refresh_token")
    page.reload()
    expect(page.locator(".side")).to_be_visible()


def test_without_a_network_it_says_so_and_tries_again(visit: Visit) -> None:
    visitor = visit("/creator.html")
    visitor.page.route("**/api/projects", lambda route: route.abort())
    visitor.page.locator(".sign-in button").click()
    expect(visitor.page.get_by_text("No connection. Nothing was sent.")).to_be_visible()
    visitor.page.unroute("**/api/projects")
    visitor.page.get_by_role("button", name="Try again").click()
    expect(visitor.page.get_by_role("heading", name="Snake")).to_be_visible()


@pytest.mark.parametrize(
    ("config", "says"), [("{}", "no page for creators"), ("<html>", "could not find out")]
)
def test_a_site_without_telemetry_says_so(visit: Visit, config: str, says: str) -> None:
    visitor = visit("/")
    visitor.page.route("**/telemetry.json", lambda route: route.fulfill(body=config))
    visitor.go("/creator.html")
    expect(visitor.page.get_by_text(re.compile(says))).to_be_visible()
    visitor.go("/snake.html")
    expect(visitor.page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert not visitor.sent("/api/telemetry")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_shuts_nobody_out(visit: Visit, scheme: str) -> None:
    still = {"color_scheme": scheme, "reduced_motion": "reduce"}
    page = visit("/creator.html", **still).page
    expect(page.locator(".sign-in form")).to_be_visible()
    assert not violations(page)
    page = sign_in(visit, CREATOR, **still).page
    snake = projects()["snake"]
    for place in (snake, f"{snake}/settings", f"{snake}/keys", "keys", "log", "new"):
        page.goto(f"/creator.html#/{place}")
        expect(page.locator(".view > *").first).to_be_visible()
        expect(page.locator("#workspace")).not_to_contain_text("Loading…")
        assert not violations(page), place
    page.goto(f"/creator.html#/{snake}/settings")
    page.get_by_role("button", name="Delete this project").click()
    assert not violations(page)


@pytest.mark.parametrize("place", ["", "#/keys", "#/log", "#/new"])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_a_phone_in_both_languages(visit: Visit, place: str, *, dark: bool) -> None:
    options = {**PHONE, "color_scheme": "dark" if dark else "light", "locale": "ja-JP"}
    page = sign_in(visit, CREATOR, **options).page
    page.goto(f"/creator.html{place}")
    expect(page.locator(".content h1")).to_be_visible()
    for _ in range(2):
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        assert "{" not in page.locator("#workspace").inner_text()
        page.get_by_role("button", name=re.compile("English|日本語")).click()
