"""make screenshots: the pictures of docs/images, from the running make dev."""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

from local.bootstrap import ROOT
from tests.aws_stub import document, running_stub
from tests.browser.players import play_minesweeper
from tests.browser.terminal import terminal
from tests.browser.visitor import FLAGS, Visitor

IMAGES: Final = ROOT / "docs" / "images"
_NAME: Final = "Mio"
_CREATOR: Final = "demo@example.org"
# A quick player, but a human one.
_MOMENT_MS: Final = 900
_SETTLED_MS: Final = 1500
_PATIENCE_MS: Final = 60_000
_FORGED: Final = "fetch('/api/scores/snake/all/me', { method: 'PUT', headers: { 'X-Score': '9' } })"
_DEV: Final = Path(".local") / "dev"
_COMMANDS: Final = {
    "doctor": ("htmlgame doctor", ["doctor", "--local"]),
    "preflight": (
        "make preflight",
        ["preflight", "--assembly", str(_DEV / "cdk.out"), "--environment", "local"],
    ),
}
"""Each command as the picture shows it, and as it runs against the local system."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", help="such as http://localhost:8000")
    site = parser.parse_args().site
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no chromium; fix: apt-get install chromium fonts-inter fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        _arcade(browser, site)
        _status(browser, site)
        _creators(browser, site)
        browser.close()
    for name, (shown, arguments) in _COMMANDS.items():
        _save(f"{name}.svg", terminal(shown, _output(arguments)).encode())


@contextmanager
def _page(browser: Browser, site: str, height: int) -> Iterator[Page]:
    page = browser.new_page(base_url=site, viewport={"width": 1120, "height": height})
    yield page
    page.mouse.move(0, 0)
    page.wait_for_timeout(_SETTLED_MS)


def _arcade(browser: Browser, site: str) -> None:
    with _page(browser, site, 886) as page:
        visitor = Visitor(page)
        visitor.go("/minesweeper.html")
        page.locator(".player").click()
        page.get_by_label("Playing as").fill(_NAME)
        page.get_by_role("button", name="Save name").click()
        page.get_by_role("button", name="Close").click()
        play_minesweeper(page, moment_ms=_MOMENT_MS)
        visitor.expect_ticket("ranked")
    _save("arcade.png", page.screenshot())


def _status(browser: Browser, site: str) -> None:
    with _page(browser, site, 900) as page:
        page.goto("/snake.html")
        page.evaluate(_FORGED)
        page.goto("/status.html")
        page.get_by_role("button", name="Site files").click()
        page.get_by_text("get-start").first.wait_for()
    _save("status.png", page.screenshot())


def _creators(browser: Browser, site: str) -> None:
    with _page(browser, site, 900) as page:
        page.goto("/creator.html")
        page.locator(".sign-in input[type=email]").fill(_CREATOR)
        page.locator(".sign-in button").click()
        expect(page.locator(".tiles dd").first).to_be_visible(timeout=_PATIENCE_MS)
    _save("creators.png", page.screenshot())


def _output(arguments: list[str]) -> str:
    """Runs htmlgame against the local system, and ends with its error if it fails.

    The emulator has no service of flat-rate plans, so a stub answers for it.
    """
    exports = (ROOT / _DEV / "aws.env").read_text(encoding="utf-8")
    local = dict(re.findall(r"^export (\w+)=(\S*)$", exports, re.MULTILINE))
    variables = {name: value.strip("'\"") for name, value in local.items()}
    with running_stub() as stub:
        stub.answers["pricingplanmanager"] = document(200, {"subscriptionSummaries": []})
        ended = subprocess.run(
            [sys.executable, "-m", "operations", *arguments],
            cwd=ROOT,
            env=os.environ | variables | {"AWS_ENDPOINT_URL_PRICING_PLAN_MANAGER": stub.url},
            capture_output=True,
            text=True,
            check=False,
        )
    if ended.returncode:
        sys.exit(f"htmlgame {shlex.join(arguments)} failed:\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def _save(name: str, content: bytes) -> None:
    path = IMAGES / name
    path.write_bytes(content)
    print(f"{path.relative_to(ROOT)}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
