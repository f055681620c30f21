"""At a window's end the rankings of a game are invalidated, unless that has happened."""

import importlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.scores.settings import RankingCacheSettings
from lambdas.shared.values.clock import from_iso
from local.scores.boards import scratch_table

NOW = from_iso("2026-11-21T12:00:00.000Z")
SETTINGS = RankingCacheSettings(
    table_name="scores",
    distribution_id="D1",
    ranking_path="/api/ranking",
    invalidation_window_seconds=60,
    invalidations_a_month=10,
)


class Refresh:
    """The function, with a clock that its sleep advances."""

    def __init__(self, module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_ms = NOW
        self.invalidated: list[Any] = []
        self._module = module
        monkeypatch.setattr("time.time_ns", lambda: self.now_ms * 1_000_000)
        monkeypatch.setattr("time.sleep", self._sleep)
        monkeypatch.setattr(module.rankings, "_make_client", lambda: self)
        monkeypatch.setattr(module.rankings, "_no_use_before", {})

    def _sleep(self, seconds: float) -> None:
        assert 0 <= seconds <= 300
        self.now_ms += round(seconds * 1000)

    def create_invalidation(self, **request: Any) -> None:
        self.invalidated.append((self.now_ms, request["InvalidationBatch"]["Paths"]["Items"]))

    def run(self, at_ms: int, **more: Any) -> bool:
        event = {"game": "snake", "at": at_ms, **more}
        answer: dict[str, bool] = self._module.handler(event, None)
        return answer["invalidated"]


@pytest.fixture
def refresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refresh]:
    for name, value in SETTINGS.to_environment().items():
        monkeypatch.setenv(name, value)
    with mock_aws(), scratch_table(boto3.client("dynamodb"), "scores"):
        module = importlib.reload(importlib.import_module("lambdas.scores.refresh_ranking"))
        yield Refresh(module, monkeypatch)


def test_it_waits_for_the_end_of_the_window(refresh: Refresh) -> None:
    assert refresh.run(NOW + 45_000)
    [(at_ms, paths)] = refresh.invalidated
    assert NOW + 45_000 <= at_ms < NOW + 46_000
    assert paths == ["/api/ranking/snake/*"]


def test_an_invocation_that_is_repeated_invalidates_once(refresh: Refresh) -> None:
    assert refresh.run(NOW)
    assert not refresh.run(NOW)
    assert len(refresh.invalidated) == 1


def test_a_moment_far_away_is_not_waited_for(refresh: Refresh) -> None:
    assert refresh.run(NOW + 10**9)
    assert refresh.now_ms == NOW + 300_000


def test_a_change_after_the_games_turn_waits_for_the_next_window(refresh: Refresh) -> None:
    assert refresh.run(NOW)
    began = refresh.now_ms
    assert refresh.run(NOW, again=True)
    [_, (at_ms, _)] = refresh.invalidated
    assert began + 60_000 <= at_ms < began + 61_000
