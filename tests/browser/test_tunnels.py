"""The makers' view of tunnels: hosts and tunnels are added, seen and removed there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_creators import address, sign_in
from tests.browser.test_looks import violations
from tests.browser.visitor import PHONE


def opened(visit: Visit, **options: object) -> Page:
    page = sign_in(visit, address(), **options).page
    expect(page.locator(".sign-in")).to_be_hidden()
    page.evaluate("location.hash = '#/tunnels'")
    expect(page.locator("form")).to_have_count(2)
    return page


def add_host(page: Page, kind: str, name: str) -> None:
    form = page.locator("form").first
    form.locator("select").select_option(kind)
    form.locator("input").fill(name)
    form.locator("button[type=submit], button").first.click()
    expect(page.locator("pre")).to_contain_text(f"/install/{kind}.sh")


def add_tunnel(page: Page, domain: str) -> None:
    form = page.locator("form").last
    expect(form.locator("select").first.locator("option")).not_to_have_count(0)
    form.get_by_placeholder("app.example.com").fill(domain)
    form.get_by_placeholder("localhost:8080").fill("localhost:8080")
    form.locator("button").first.click()
    expect(page.locator(".keys code", has_text=domain)).to_be_visible()


def test_a_home_server_is_added_with_its_tunnel_and_removed(visit: Visit) -> None:
    page = opened(visit)
    add_host(page, "gateway", "vps")
    add_host(page, "agent", "home")
    key = re.search("agt_[a-z0-9]{32}", page.locator("pre").inner_text())
    assert key
    row = page.locator(".keys li", has_text="home")
    expect(row).to_contain_text("waiting for it to connect")
    add_tunnel(page, "app.example.test")
    tunnel = page.locator(".keys li", has_text="app.example.test")
    expect(tunnel).to_contain_text("waiting for a certificate")
    tunnel.get_by_role("button", name="Check the records").click()
    expect(tunnel.locator(".says")).to_contain_text("needs A records for")
    page.reload()
    expect(page.locator(".keys li", has_text="home")).to_be_visible()
    assert key[0] not in page.content()
    for _ in range(2):
        tunnel.get_by_role("button").last.click()
    expect(tunnel).to_have_count(0)


@pytest.mark.parametrize(("locale", "scheme"), [("en-US", "light"), ("ja-JP", "dark")])
def test_it_shuts_nobody_out_and_fits_a_phone(visit: Visit, locale: str, scheme: str) -> None:
    look = {"locale": locale, "color_scheme": scheme, "reduced_motion": "reduce"}
    page = opened(visit, **PHONE, **look)
    add_host(page, "agent", "home-server-of-a-person-with-a-long-name-in-the-house")
    add_tunnel(page, f"a-rather-long-name-of-a-game-{locale.lower()}.example.test")
    assert not violations(page)
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window
