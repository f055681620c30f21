"""Characters and accounts in a browser: a sign-up, a second device, a phone, no network."""

import json
import re
import secrets
from typing import Final

import pytest
from playwright.sync_api import Page, Route, expect

from config.capabilities import players as manifest
from local.bootstrap import ROOT
from local.edge.server import LocalEdge
from local.twins.players import Twins
from tests.browser.conftest import Visit
from tests.browser.players import play_snake
from tests.browser.test_looks import violations
from tests.browser.visitor import PHONE, Visitor
from tests.e2e.test_players import until
from tests.system import System

PAGE: Final = "/characters.html"


def say(visitor: Visitor, text: str) -> str:
    """The character's answer, which is the last line of the log."""
    page = visitor.page
    lines = page.locator(".log > div.them")
    expect(lines.first).to_be_visible()
    before = lines.count()
    page.get_by_label(re.compile("Your message|メッセージ")).fill(text)
    page.keyboard.press("Enter")
    expect(lines).to_have_count(before + 1)
    return lines.last.inner_text()


def sign_in_with_x(visitor: Visitor, handle: str) -> None:
    page = visitor.page
    page.locator("button.account").click()
    page.get_by_role("button", name=re.compile("Sign in with X|Link X")).click()
    page.get_by_label("Handle").fill(handle)
    page.get_by_role("button", name="Authorize app").click()
    expect(page.locator("dialog .identities li b", has_text="X")).to_be_visible()


def leave_for_privy(visitor: Visitor, email: str) -> None:
    page = visitor.page
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{PAGE}")


def points(visitor: Visitor) -> str:
    return visitor.page.locator("dialog .facts dd").first.inner_text()


def own_board_id(page: Page) -> str:
    script = """async () => {
        const key = JSON.parse(localStorage.getItem("htmlgame.player")).key;
        const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
        const text = btoa(String.fromCharCode(...new Uint8Array(digest)));
        return text.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
    }"""
    return str(page.evaluate(script))


def test_anonymous_play_becomes_an_account_that_a_second_browser_shares_and_deletes(
    visit: Visit, system: System, edge: LocalEdge
) -> None:
    handle = f"x{secrets.token_hex(4)}"
    first = visit("/snake.html")
    play_snake(first.page)
    first.expect_ticket("ranked")
    first.go(PAGE)
    say(first, "I have just played snake")
    sign_in_with_x(first, handle)
    earned = points(first)
    row = own_board_id(first.page)

    second = visit(PAGE)
    sign_in_with_x(second, handle)
    assert points(second) == earned
    assert own_board_id(second.page) == row
    until(lambda: f"U#{row}" in str(system.raw_rows("G#snake#P#all")))
    distribution = system.parameter("/htmlgame/front-stack/cf-dist-id")
    system.cloud.client("cloudfront").create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/api/ranking/snake/*"]},
            "CallerReference": "a test of accounts",
        },
    )
    edge.refresh()

    def is_shown() -> bool:
        # A browser shows a board that it has read before, and reads it again for the next time.
        second.go("/snake.html")
        second.board()
        return second.page.locator("#panel tr.mine").count() == 1

    until(is_shown)
    assert "You" in second.own_row()

    second.go(PAGE)
    second.page.locator("button.account").click()
    second.page.get_by_role("button", name="Delete my account").click()
    second.page.get_by_role("button", name="Delete everything").click()
    expect(second.page.get_by_text("Your account is deleted.")).to_be_visible()
    assert row not in str(system.raw_rows("G#snake#P#all"))
    table = system.parameter(manifest.TABLE.parameter)
    left = str(system.cloud.client("dynamodb").scan(TableName=table)["Items"])
    assert handle not in left
    assert row not in left


def test_privy_signs_in_and_an_account_of_x_is_merged_with_it(visit: Visit) -> None:
    handle, email = f"x{secrets.token_hex(4)}", f"{secrets.token_hex(4)}@example.org"
    first = visit(PAGE)
    first.page.locator("button.account").click()
    first.page.get_by_role("button", name="Sign in with Privy").click()
    leave_for_privy(first, email)
    dialog = first.page.locator("dialog")
    expect(dialog.locator(".identities li b", has_text="Privy")).to_be_visible()
    expect(dialog.locator(".facts dd.long")).to_have_text(re.compile("^0x[0-9a-f]{40}$"))
    assert first.page.url.endswith(PAGE)

    second = visit(PAGE)
    sign_in_with_x(second, handle)
    dialog = second.page.locator("dialog")
    dialog.get_by_role("button", name="Link Privy").click()
    leave_for_privy(second, email)
    expect(dialog.get_by_role("alert")).to_contain_text("another account")
    dialog.get_by_role("button", name="Merge with the account at Privy").click()
    leave_for_privy(second, email)
    names = dialog.locator(".identities li b")
    expect(names.filter(has_text="Privy")).to_be_visible()
    expect(names.filter(has_text="X")).to_be_visible()


def test_a_link_with_someone_elses_token_signs_nobody_in(visit: Visit, system: System) -> None:
    [twins] = [each for each in system.cloud.twins if isinstance(each, Twins)]
    token = twins.privy.token("mallory@example.org")
    visitor = visit(f"{PAGE}?privy=guessed#privy={token}")
    expect(visitor.page.locator("button.account")).to_have_text("Sign in")
    expect(visitor.page.locator("dialog")).to_have_count(0)
    assert not visitor.sent("/api/players/sign-in")


def test_the_character_reacts_to_scores_without_asking_the_model(visit: Visit) -> None:
    visitor = visit("/snake.html")
    play_snake(visitor.page)
    visitor.expect_ticket("ranked")
    visitor.go(PAGE)
    expect(visitor.page.locator(".log")).to_contain_text("Snake")
    assert not visitor.sent("/api/chat")
    chip = visitor.page.get_by_role("button", name=re.compile("I reached .* in Snake"))
    chip.click()
    expect(visitor.page.locator(".log > div")).to_have_count(3)


def test_a_conversation_goes_on_after_a_reload_and_with_the_other_character(visit: Visit) -> None:
    visitor = visit(PAGE)
    answer = say(visitor, "remember this")
    visitor.go(PAGE)
    log = visitor.page.locator(".log")
    expect(log).to_contain_text("remember this")
    assert answer.split("\n")[0][:12] in log.inner_text()
    visitor.page.get_by_label("Garo").check()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Garo")
    expect(log).not_to_contain_text("remember this")


def test_whoever_signs_in_next_does_not_see_what_was_said(visit: Visit) -> None:
    visitor = visit(PAGE)
    say(visitor, "a secret")
    visitor.page.locator("button.account").click()
    visitor.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(visitor.page.locator(".log > div")).to_have_count(1)
    expect(visitor.page.locator(".log")).not_to_contain_text("a secret")
    expect(visitor.page.locator(".standing")).to_have_text("")


def test_a_deletion_shows_this_browsers_key_and_the_next_game_makes_another(
    visit: Visit,
) -> None:
    visitor = visit(PAGE)
    page = visitor.page
    page.evaluate("localStorage.setItem('arcade.telling', 'canary-of-this-browser')")
    say(visitor, "forget me")
    page.locator("button.account").click()
    page.get_by_role("button", name="Delete my account").click()
    with page.expect_request(lambda request: request.method == "DELETE") as deletion:
        page.get_by_role("button", name="Delete everything").click()
    shown = json.loads(deletion.value.post_data or "")["playerKeys"]
    assert len({each["projectId"] for each in shown}) == 3
    assert {each["playerKey"] for each in shown} == {"canary-of-this-browser"}
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    assert page.evaluate("localStorage.getItem('arcade.telling')") is None


def test_on_a_phone_in_japanese_it_shuts_nobody_out(visit: Visit) -> None:
    visitor = visit(PAGE, **PHONE, locale="ja-JP", color_scheme="dark", reduced_motion="reduce")
    assert say(visitor, "こんにちは")
    assert not violations(visitor.page)
    visitor.page.locator("button.account").click()
    expect(visitor.page.get_by_role("button", name="アカウントを削除")).to_be_visible()
    assert not violations(visitor.page)
    visitor.page.set_viewport_size({"width": 340, "height": 700})
    wide, window = visitor.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window


def test_it_is_used_by_keys_alone(visit: Visit) -> None:
    page = visit(PAGE).page
    expect(page.locator(".log > div")).to_have_count(1)
    page.get_by_label("Your message").focus()
    page.keyboard.type("typed by hand")
    page.keyboard.press("Enter")
    expect(page.locator(".log > div.them")).to_have_count(2)
    expect(page.get_by_label("Your message")).to_be_focused()
    assert page.locator(".log").get_attribute("role") == "log"


def test_without_a_network_the_message_stays_and_is_sent_later(visit: Visit) -> None:
    visitor = visit(PAGE)
    say(visitor, "first")
    visitor.page.context.set_offline(True)
    expect(visitor.page.locator(".notice")).to_contain_text("You are offline.")
    field = visitor.page.get_by_label("Your message")
    field.fill("kept until then")
    visitor.page.keyboard.press("Enter")
    visitor.page.context.set_offline(False)
    expect(visitor.page.locator(".notice")).to_have_text("")
    expect(field).to_have_value("kept until then")
    field.press("Enter")
    expect(visitor.page.locator(".log > div.them")).to_have_count(3)


@pytest.mark.parametrize(
    ("code", "says"),
    [("asleep", "The characters are asleep."), ("daily_limit", "enough for today")],
)
def test_over_the_budget_the_character_sleeps(visit: Visit, code: str, says: str) -> None:
    visitor = visit(PAGE)
    say(visitor, "are you awake?")

    def refuse(route: Route) -> None:
        route.fulfill(
            status=503 if code == "asleep" else 429,
            headers={"Retry-After": "40000", "Content-Type": "application/json"},
            body=json.dumps({"error": {"code": code, "message": "tomorrow"}}),
        )

    visitor.page.route("**/api/chat", refuse)
    visitor.page.get_by_label("Your message").fill("and now?")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".notice")).to_contain_text(says)
    expect(visitor.page.locator(".face")).to_have_attribute("data-emotion", "asleep")
    expect(visitor.page.get_by_label("Your message")).to_have_value("and now?")


def test_a_site_without_players_says_so_and_offers_no_sign_in(visit: Visit) -> None:
    visitor = visit("/snake.html")
    visitor.page.route("**/players.json", lambda route: route.fulfill(body="{}"))
    visitor.go(PAGE)
    expect(visitor.page.get_by_text("This site has no characters.")).to_be_visible()
    expect(visitor.page.locator("button.account")).to_have_count(0)


def test_the_page_of_the_docs_works_as_it_is_pasted(visit: Visit) -> None:
    text = (ROOT / "docs" / "reference" / "players.md").read_text(encoding="utf-8")
    [pasted] = re.findall(r"```html\n(.*?)```", text, re.DOTALL)
    module = (ROOT / "sdk" / "dist" / "players.min.js").read_text(encoding="utf-8")
    page = visit(PAGE).page
    page.route("**/pasted/", lambda route: route.fulfill(body=pasted, content_type="text/html"))
    page.route(
        "**/pasted/players.min.js",
        lambda route: route.fulfill(body=module, content_type="text/javascript"),
    )
    page.goto("/pasted/")
    page.get_by_label("Say something").fill("hello from the docs")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#reply")).not_to_have_text("")
    expect(page.locator("#me")).to_have_text(re.compile(r"^\d+ points, level 1$"))
