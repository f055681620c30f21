"""A visitor of an arcade page, with the requests that the page makes."""

from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, expect

FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
# Of sites that have a project for the game, once the page is there.
TELEMETRY: Final = "/sdk/telemetry.min.js"
# The way to an account, once the page is there.
ACCOUNT: Final = ("/players.json", "/players/button.js")
# Chromium itself logs each answer above 399 and each request without one.
_OF_THE_NETWORK: Final = "Failed to load resource"
# The tests' own eyes do that.
_OF_THE_TESTS: Final = "Canvas2D: Multiple readback operations"


class Visitor:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.refused: list[str] = []
        self.requests: list[Request] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request))

    def go(self, path: str) -> None:
        self.page.goto(path)
        # The frame is laid out by a module, so whoever sees the foot's words sees everything.
        self.page.wait_for_selector("#foot p")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.text.startswith(_OF_THE_NETWORK):
            self.refused.append(message.text)
        elif message.type in ("error", "warning") and not message.text.startswith(_OF_THE_TESTS):
            self.complaints.append(message.text)

    @property
    def state(self) -> str:
        """The state of the field: ready, starting, playing, paused or over."""
        return str(self.page.evaluate("document.body.dataset.state"))

    def expect_ticket(self, state: str, within_ms: float = 15_000) -> None:
        ticket = self.page.locator("#ticket")
        expect(ticket).to_have_attribute("data-state", state, timeout=within_ms)

    def ticket(self) -> str:
        return self.page.locator("#ticket").inner_text()

    def board(self) -> list[str]:
        """The rows of the board as they read."""
        expect(self.page.locator("#panel tbody tr").first).to_be_visible()
        return self.page.locator("#panel tbody tr").all_inner_texts()

    def points(self) -> str:
        return self.page.locator("#hud dd .unseen").first.inner_text()

    def own_row(self) -> str:
        row = self.page.locator("#panel tr.mine")
        expect(row).to_be_visible()
        return row.inner_text()

    def sent(self, part: str) -> list[Request]:
        return [request for request in self.requests if part in request.url]

    def files(self) -> list[bytes]:
        """The page and all it is made of, uncompressed; without what comes after it, if at all."""
        answers = [request.response() for request in self.requests]
        return [
            answer.body()
            for answer in answers
            if answer
            and "/api/" not in answer.url
            and not answer.url.endswith((TELEMETRY, *ACCOUNT))
        ]

    def leave_untold(self) -> None:
        """From the next page on: a site that has no project for its games."""
        self.page.route("**/telemetry.json", lambda route: route.fulfill(json={}))

    def asked_in_the_last_play(self) -> list[str]:
        """Everything but where telemetry goes, which is read once a page, when it is idle."""
        asked = [urlsplit(request.url).path for request in self.requests]
        paths = [path for path in asked if path not in {"/telemetry.json", *ACCOUNT}]
        names = [path.split("/")[2] if path.startswith("/api/") else path for path in paths]
        return names[len(names) - 1 - names[::-1].index("get-start") :]
