"""make screenshots: docs/images/arcade.png, of the make dev that runs here."""

import argparse
import shutil
import sys
from typing import Final

from playwright.sync_api import sync_playwright

from local.bootstrap import ROOT
from tests.browser.players import play_minesweeper
from tests.browser.visitor import FLAGS, Visitor

PICTURE: Final = ROOT / "docs" / "images" / "arcade.png"
_NAME: Final = "Mio"
# A quick player, but a human one.
_MOMENT_MS: Final = 900
_SETTLED_MS: Final = 1500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", help="such as http://localhost:8000")
    site = parser.parse_args().site
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("apt-get install chromium fonts-inter fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(base_url=site, viewport={"width": 1120, "height": 886})
        visitor = Visitor(page)
        visitor.go("/minesweeper.html")
        page.locator(".player").click()
        page.get_by_label("Playing as").fill(_NAME)
        page.get_by_role("button", name="Save name").click()
        page.get_by_role("button", name="Close").click()
        play_minesweeper(page, moment_ms=_MOMENT_MS)
        visitor.expect_ticket("ranked")
        page.mouse.move(0, 0)
        page.wait_for_timeout(_SETTLED_MS)
        page.screenshot(path=PICTURE)
        browser.close()
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
