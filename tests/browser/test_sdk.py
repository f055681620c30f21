"""The SDK in a real browser: the documentation's page, and what only a browser does."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from config.capabilities import creators, telemetry
from lambdas.shared.dynamo.items import packed
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import project_item
from local.edge.server import LocalEdge
from tests.sdk import example
from tests.sdk.node import SDK
from tests.system import System

# Its five seconds, but for those who wait for tests.
PAGE = example.page().replace("5000", "1200")
TELLING = """<!doctype html><script type="module">
import { connectTelemetry } from "./telemetry.min.js";
window.telemetry = connectTelemetry({ projectId: "%s" });
telemetry.track("death", { stage: 1 });
await telemetry.flush();
document.title = "told";
</script>"""
PROJECT = Project(
    id="0190a5b0-0000-7000-8000-0000000005d5",
    creator_id="11111111-2222-4333-8444-555555555555",
    name="Snake",
    events=("death", "level_up"),
    created_at="2026-11-21T12:00:00.000Z",
)


@pytest.fixture
def context(browser: Browser, edge: LocalEdge) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=edge.url)
    context.route("**/example/*", _serve)
    yield context
    context.close()


def _serve(route: Route) -> None:
    name = route.request.url.rpartition("/")[2]
    if name.endswith(".js"):
        route.fulfill(path=SDK / "dist" / name, content_type="text/javascript")
    else:
        page = PAGE if name == "game.html" else TELLING % PROJECT.id
        route.fulfill(body=page, content_type="text/html")


def opened(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/example/game.html")
    expect(page.locator("#start")).to_be_enabled()
    return page


def play(page: Page, clicks: int) -> None:
    page.click("#start")
    for _ in range(clicks):
        page.click("#target")
    expect(page.locator("#target")).to_be_disabled()


def told(page: Page, text: str) -> None:
    expect(page.locator("#message")).to_have_text(re.compile(text), timeout=20_000)


def test_the_page_plays_and_knows_the_player_again(context: BrowserContext) -> None:
    page = opened(context)
    page.fill("#name", "花子")
    page.locator("#name").blur()
    play(page, 4)
    told(page, r"You are number \d+!")
    play(page, 2)
    told(page, "You have been better than that")
    page.reload()
    expect(page.locator("#name")).to_have_value("花子")


def test_tabs_opened_at_once_are_one_player(context: BrowserContext) -> None:
    pages = [context.new_page() for _ in range(2)]
    for page in pages:
        page.goto("/example/game.html", wait_until="commit")
    for page in pages:
        expect(page.locator("#start")).to_be_enabled()
    for page in pages:
        page.click("#start")
    for page in pages:
        told(page, "You are number|You have been better")
    assert len({page.locator("#name").input_value() for page in pages}) == 1


def test_a_network_that_is_away_at_the_end_is_waited_for(context: BrowserContext) -> None:
    page = opened(context)
    page.click("#start")
    expect(page.locator("#target")).to_be_enabled()
    page.click("#target")
    context.set_offline(offline=True)
    told(page, "trying again")
    context.set_offline(offline=False)
    told(page, r"You are number \d+!")


def test_without_storage_a_page_plays_as_well(context: BrowserContext) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } })"
    )
    page = opened(context)
    play(page, 1)
    told(page, r"You are number \d+!")


def test_waiting_events_are_sent_when_the_page_closes(
    system: System, edge: LocalEdge, context: BrowserContext
) -> None:
    assert edge
    dynamodb = system.cloud.client("dynamodb")
    found = system.parameter(creators.TABLE.parameter)
    dynamodb.put_item(TableName=found, Item=packed(project_item(PROJECT)))
    page = context.new_page()
    page.goto("/example/telling.html")
    expect(page).to_have_title("told")
    page.evaluate("telemetry.track('level_up', { by: 'beacon' })")
    page.close(run_before_unload=True)
    table = system.parameter(telemetry.TABLE.parameter)
    for _ in range(100):
        rows = dynamodb.scan(TableName=table)["Items"]
        if any("beacon" in json.dumps(row.get("data", {})) for row in rows):
            return
        time.sleep(0.1)
    pytest.fail("the beacon did not arrive")
