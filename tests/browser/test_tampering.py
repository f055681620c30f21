"""A score changed in the browser's console is refused, and the page says so politely."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.players import play_minesweeper
from tests.browser.visitor import Visitor

# Code for the console that changes the page's own requests on their way.
_TAMPER = """change => {
  const honest = window.fetch;
  const before = {};
  window.fetch = (address, options = {}) => {
    if (!address.includes('/scores/')) return honest(address, options);
    const headers = { ...options.headers };
    const changed = (0, {
      score: () => { headers['X-Score'] = '0'; return address; },
      name: () => { headers['X-Player'] = 'Champion'; return address; },
      player: () => address.replace(/[^/]+$/, 'A'.repeat(22)),
      tokens: () => { Object.assign(headers, window.stolen); return address; },
    }[change])();
    return honest(changed, { ...options, headers });
  };
}"""
_KEEP_TOKENS = """() => {
  const honest = window.fetch;
  window.fetch = (address, options = {}) => {
    if (address.includes('/scores/')) {
      const names = ['X-Token-Start', 'X-Token-End'];
      window.stolen = Object.fromEntries(names.map((name) => [name, options.headers[name]]));
    }
    return honest(address, options);
  };
}"""


def refused(visitor: Visitor) -> str:
    visitor.expect_ticket("refused")
    assert visitor.page.locator("#panel tr.mine.lit").count() == 0
    return visitor.ticket()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("score", "was changed on its way to the server"),
        ("player", "was changed on its way to the server"),
    ],
)
def test_a_change_on_the_way(visit: Visit, change: str, reason: str) -> None:
    visitor = visit("/minesweeper.html")
    visitor.page.evaluate(_TAMPER, change)
    play_minesweeper(visitor.page)
    assert reason in refused(visitor)


def test_the_tokens_of_a_play_before(visit: Visit) -> None:
    visitor = visit("/minesweeper.html")
    visitor.page.evaluate(_KEEP_TOKENS)
    play_minesweeper(visitor.page)
    visitor.expect_ticket("ranked")
    visitor.page.evaluate(_TAMPER, "tokens")
    visitor.page.get_by_role("button", name="New field").click()
    play_minesweeper(visitor.page)
    assert "Play again, and your score will count." in refused(visitor)
