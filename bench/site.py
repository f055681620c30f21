"""The arcade in a browser: bytes of each page, and requests of a visit and a play."""

import gzip
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from bench.report import table
from config.environments import LOCAL
from local.cloud import running_cloud
from local.deploy import Deployment
from local.edge.server import LocalEdge
from operations.site.publish import publish
from tests.browser.players import play_snake
from tests.browser.visitor import FLAGS, Visitor

_PAGES: Final = ("/", "/snake.html", "/minesweeper.html", "/bricks.html")


def run() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("the site: apt-get install chromium")
        return
    with _site() as edge, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        _pages(browser, edge)
        _play(browser, edge)
        browser.close()


@contextmanager
def _site() -> Iterator[LocalEdge]:
    with tempfile.TemporaryDirectory() as folder, running_cloud(Path(folder)) as cloud:
        Deployment(cloud).bring_up_to_date()
        publish(cloud.client, LOCAL)
        edge = LocalEdge(cloud, 0)
        edge.start()
        yield edge
        edge.stop()


def _pages(browser: Browser, edge: LocalEdge) -> None:
    columns = ["page", "files", "bytes", "gzip", "API requests", "to an origin: first", "then"]
    rows = [_page(browser, edge, path) for path in _PAGES]
    table("Pages, in English; telemetry, where it is on, comes after them", columns, rows)


def _page(browser: Browser, edge: LocalEdge, path: str) -> tuple[object, ...]:
    first = _visit(browser, edge, path)
    then = _visit(browser, edge, path)
    files = then[0].files()
    squeezed = sum(len(gzip.compress(content)) for content in files)
    called = then[0].sent("/api/")
    row = (path, len(files), sum(map(len, files)), squeezed, len(called), first[1], then[1])
    for visitor, _ in (first, then):
        visitor.page.context.close()
    return row


def _visit(browser: Browser, edge: LocalEdge, path: str) -> tuple[Visitor, int]:
    """A new visitor, and the number of requests that reach an origin."""
    before = edge.origin_requests
    visitor = Visitor(browser.new_context(base_url=edge.url).new_page())
    visitor.leave_untold()
    visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")
    return visitor, edge.origin_requests - before


def _play(browser: Browser, edge: LocalEdge) -> None:
    visitor, _ = _visit(browser, edge, "/snake.html")
    before = edge.origin_requests
    play_snake(visitor.page)
    visitor.expect_ticket("ranked")
    asked = visitor.asked_in_the_last_play()
    rows = [(name, asked.count(name)) for name in dict.fromkeys(asked)]
    reached = edge.origin_requests - before
    table(
        "Requests of a play, from its start to the leaderboard",
        ["request", "times"],
        [*rows, ("to the origin", reached)],
    )
