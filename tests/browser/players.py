"""Players with hands and eyes: they see what the page shows and use its keys, mouse and glass."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator, Page

_EYES: Final = (Path(__file__).parent / "eyes.js").read_text()
_MOST_LOOKS: Final = 4000
_HEADINGS: Final = {
    "ArrowUp": (0, -1),
    "ArrowRight": (1, 0),
    "ArrowDown": (0, 1),
    "ArrowLeft": (-1, 0),
}
_COLUMNS, _ROWS, _MINES = 9, 12, 18
_POINTS: Final = 5
_MOST_TRIES: Final = 4
_PLAY: Final = re.compile(r"^(Play|プレイ)$")
_AGAIN: Final = re.compile(r"^(Play again|もう一度プレイ)$")

_MOMENT_MS: Final = 40  # no hand is quicker
_SHORTEST_PLAY_MS: Final = 1000

Cell = tuple[int, int]


def _state(page: Page) -> str:
    return str(page.evaluate("document.body.dataset.state"))


def _keys(page: Page) -> Callable[[str], None]:
    return page.keyboard.press


def play_snake(
    page: Page,
    fruits: int = 2,
    hands: Callable[[Page], Callable[[str], None]] = _keys,
    once_fed: Callable[[], None] = lambda: None,
) -> None:
    """Eats so many fruits, then goes on straight until the wall; whoever ate none tries again."""
    page.get_by_role("button", name=_PLAY).click()
    for _ in range(_MOST_TRIES):
        page.wait_for_selector("body[data-state=playing]")
        eaten = _snake_life(page, fruits, hands(page))
        if eaten:
            once_fed()
        page.wait_for_selector("body[data-state=over]", timeout=15_000)
        if eaten:
            return
        page.get_by_role("button", name=_AGAIN).click()
    raise AssertionError("no fruit in so many tries")


def _snake_life(page: Page, fruits: int, steer: Callable[[str], None]) -> int:
    snake, eaten = _Snake(), 0
    for _ in range(_MOST_LOOKS):
        seen = page.evaluate(_EYES)
        eaten = seen["points"] // _POINTS
        if seen["state"] != "playing" or eaten >= fruits:
            break
        turn = snake.look(seen)
        if turn:
            steer(turn)
    return eaten


class _Snake:
    """Follows the head, which looks like the rest of the body, by where it can have gone."""

    def __init__(self) -> None:
        self._head: Cell = (8, 8)
        self._heading = self._asked = "ArrowRight"

    def look(self, seen: Any) -> str | None:
        body = {(x, y) for x, y in seen["body"]}
        self._follow(body)
        if self._heading != self._asked or not seen["fruit"]:
            return None
        wish = self._wish(tuple(seen["fruit"]), body)
        if wish == self._heading:
            return None
        self._asked = wish
        return wish

    def _follow(self, body: set[Cell]) -> None:
        for heading in (self._asked, self._heading, self._asked, self._heading):
            while _ahead(self._head, heading) in body:
                self._head, self._heading = _ahead(self._head, heading), heading

    def _wish(self, fruit: Cell, body: set[Cell]) -> str:
        def far(heading: str) -> int:
            x, y = _ahead(self._head, heading)
            return abs(x - fruit[0]) + abs(y - fruit[1])

        dx, dy = _HEADINGS[self._heading]
        ways = [name for name, way in _HEADINGS.items() if way != (-dx, -dy)]
        free = [name for name in ways if _ahead(self._head, name) not in body]
        # A straight line is worth a detour: each turn is a key that has to come in time.
        return min(free or ways, key=lambda name: (far(name), name != self._heading))


def _ahead(cell: Cell, heading: str) -> Cell:
    dx, dy = _HEADINGS[heading]
    return cell[0] + dx, cell[1] + dy


def swipes(page: Page) -> Callable[[str], None]:
    """Turns by a finger that stays on the glass."""
    touch = page.context.new_cdp_session(page)
    box = page.locator("#field").bounding_box()
    assert box
    finger = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})

    def swipe(heading: str) -> None:
        dx, dy = _HEADINGS[heading]
        finger.update(x=finger["x"] + 30 * dx, y=finger["y"] + 30 * dy)
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [finger]})

    return swipe


def finger(page: Page, target: Locator, *, hold_ms: int) -> None:
    """Rests on something for a while."""
    touch = page.context.new_cdp_session(page)
    box = target.bounding_box()
    assert box
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    page.wait_for_timeout(hold_ms)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def play_bricks(page: Page) -> None:
    """Serves every ball with the space bar, and keeps the paddle under none of them for long."""
    page.get_by_role("button", name=_PLAY).click()
    page.wait_for_selector("body[data-state=playing]")
    box = page.locator("#field").bounding_box()
    assert box
    for look in range(_MOST_LOOKS):
        if _state(page) != "playing":
            return
        page.keyboard.press("Space")
        page.mouse.move(box["x"] + box["width"] * (0.03 + 0.94 * (look % 2)), box["y"] + 20)
        page.wait_for_timeout(250)


def play_minesweeper(
    page: Page,
    press: Callable[[float, float], None] | None = None,
    *,
    moment_ms: int = _MOMENT_MS,
) -> None:
    """Opens what must be safe by the numbers that can be seen, until the field is cleared."""
    press = press or page.mouse.click
    page.locator("#field").scroll_into_view_if_needed()
    boxes = [square.bounding_box() for square in page.locator(".mines button").all()]

    def open_square(at: int) -> None:
        page.wait_for_timeout(moment_ms)
        box = boxes[at]
        assert box
        press(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    open_square(_COLUMNS * 6 + 4)
    page.wait_for_timeout(_SHORTEST_PLAY_MS)
    for _ in range(_COLUMNS * _ROWS):
        looks = page.locator(".mines button").evaluate_all("all => all.map(b => b.dataset.look)")
        if _state(page) == "over":
            return
        safe = safe_squares(looks)
        assert safe, "a field that has to be guessed"
        for at in safe:
            open_square(at)


def safe_squares(looks: list[str]) -> set[int]:
    """The squares that the numbers prove safe."""
    hidden = {at for at, look in enumerate(looks) if look in ("closed", "flag")}
    facts = [
        (frozenset(_around(at) & hidden), 0 if look == "clear" else int(look))
        for at, look in enumerate(looks)
        if look == "clear" or look.isdecimal()
    ]
    facts.append((frozenset(hidden), _MINES))
    known = {(squares, many) for squares, many in facts if squares}
    while True:
        safe = {at for squares, many in known if many == 0 for at in squares}
        if safe:
            return safe
        mines = {at for squares, many in known if many == len(squares) for at in squares}
        told = {(squares - mines, many - len(squares & mines)) for squares, many in known}
        told |= {
            (outer - inner, most - least)
            for inner, least in told
            for outer, most in told
            if inner < outer
        }
        told = {(squares, many) for squares, many in told if squares}
        if told == known:
            return set()
        known = told


def _around(at: int) -> set[int]:
    x, y = at % _COLUMNS, at // _COLUMNS
    return {
        row * _COLUMNS + column
        for row in range(max(0, y - 1), min(_ROWS, y + 2))
        for column in range(max(0, x - 1), min(_COLUMNS, x + 2))
        if (row, column) != (y, x)
    }
