"""--follow shows each request and each run once, as they arrive in any order."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from local.access.running import running_site
from operations.insights.commands import followed as requests_followed
from operations.runner.commands import followed as runs_followed


def row(ms: int) -> dict[str, Any]:
    return {"id": f"r{ms}", "ms": ms}


def answering(*answers: list[dict[str, Any]]) -> Callable[[], list[dict[str, Any]]]:
    left = iter(answers)
    return lambda: next(left)


def test_new_requests_are_shown_once_and_late_ones_too() -> None:
    waits: list[float] = []
    newer = answering([row(5), row(4)], [row(5), row(1), row(4)], [row(6), row(5)])
    found = requests_followed([row(4), row(3)], newer, waits.append)
    assert [each["ms"] for each in islice(found, 5)] == [3, 4, 5, 1, 6]
    assert len(waits) == 3
    assert min(waits) > 0


def test_new_runs_are_shown_once() -> None:
    waits: list[float] = []
    found = runs_followed(answering([row(1)], [], [row(1), row(2)]), waits.append)
    assert [each["ms"] for each in islice(found, 2)] == [1, 2]
    assert len(waits) == 2


def test_the_first_rows_are_shown_before_it_waits() -> None:
    def never() -> list[dict[str, Any]]:
        raise AssertionError

    assert next(requests_followed([row(1)], never)) == row(1)


def test_local_commands_ask_the_site_that_runs(tmp_path: Path) -> None:
    assert running_site(tmp_path) == "http://localhost:8000"
    (tmp_path / "ready").write_text("http://localhost:8123")
    assert running_site(tmp_path) == "http://localhost:8123"
