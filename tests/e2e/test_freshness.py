"""Rankings and thresholds follow scores without an operator, and without a night in between."""

import json
from collections.abc import Iterator

import pytest

from config.capabilities import scores
from lambdas.scores.table import board_key
from lambdas.shared.edge_store import period_key
from local.scores.boards import fill
from local.scores.origin import ScoreOrigin
from tests.e2e.conftest import System
from tests.e2e.visitor import eventually


def test_a_score_within_a_window_is_invalidated_at_its_end(
    system: System, origin: ScoreOrigin
) -> None:
    def at_windows_ends() -> int:
        lines = system.log_lines(scores.REFRESH_RANKING.name)
        return sum('"invalidated":true' in line for line in lines)

    earlier = at_windows_ends()
    for score in range(1, 4):
        origin.submit("snake", "all", "w" * 22, score=score, time_ms=5000, play=f"end{score}")
    assert eventually(lambda: at_windows_ends() > earlier)


@pytest.fixture
def no_window(system: System) -> Iterator[None]:
    """Whatever was published for other tests."""
    client, name = system.cloud.client("lambda"), scores.PUT_SCORE.name
    found = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    system.clear("THRESHOLDS")
    for variables in (found | {"THRESHOLD_WINDOW_SECONDS": "0"}, found):
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}
        )
        if variables is not found:
            yield


@pytest.mark.usefixtures("no_window")
def test_a_board_that_fills_up_has_a_threshold_within_seconds(
    system: System, origin: ScoreOrigin
) -> None:
    period: str = origin.ranking("minesweeper", "weekly").body["period"]
    key = board_key("minesweeper", period)
    system.clear(key)
    fill(system.table, key, scores.FULL_BOARD - 1)
    origin.submit("minesweeper", "weekly", "l" * 22, score=1, time_ms=90_000, play="fills")
    entry = period_key("minesweeper", "weekly")
    assert eventually(lambda: "thr" in json.loads(system.edge_values()[entry]))
    assert json.loads(system.edge_values()[entry])["thr"][0] == 100_000 + scores.FULL_BOARD - 2
    system.clear(key)
