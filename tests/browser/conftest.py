"""A real browser before the whole system: the site published, the edge in front of it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from config.environments import LOCAL
from local.edge.server import LocalEdge
from local.seeds import creators
from local.status import StatusPage
from operations.site.publish import publish
from tests.browser.visitor import FLAGS, Visitor
from tests.engines import require
from tests.system import System

Visit = Callable[..., Visitor]

# Machines are shared, and a function's first call has to wake it.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    require(chromium, "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def edge(system: System) -> Iterator[LocalEdge]:
    publish(system.cloud.client, LOCAL)
    creators.seed(system.cloud)
    edge = LocalEdge(system.cloud, 0, pages=StatusPage)
    edge.start()
    yield edge
    edge.stop()


@contextmanager
def visits(browser: Browser, edge: LocalEdge) -> Iterator[Visit]:
    """Opens pages, each in a browser of its own; at the end none of them may have complained."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def visit(path: str, **options: Any) -> Visitor:
        contexts.append(browser.new_context(base_url=edge.url, **options))
        visitors.append(Visitor(contexts[-1].new_page()))
        visitors[-1].go(path)
        return visitors[-1]

    yield visit
    for context in contexts:
        context.close()
    assert not [complaint for visitor in visitors for complaint in visitor.complaints]


@pytest.fixture
def visit(browser: Browser, edge: LocalEdge) -> Iterator[Visit]:
    with visits(browser, edge) as visit:
        yield visit
