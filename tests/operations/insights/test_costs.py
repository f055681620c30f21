"""make cost counts requests and runs, by options of their own."""

import pytest

from config.environments import DELIVERED
from operations.cli.main import run
from operations.costs.bill import parts
from operations.costs.month import month_of
from operations.insights.costs import counted


def test_a_billion_requests_cost_a_cent_and_a_half_a_million_at_most() -> None:
    from operations.costs.bill import at_list_price
    from operations.costs.month import Month

    dollars = at_list_price(counted(1e9, 30, 90), Month(plays=0))
    assert 4.5 < dollars < 14
    assert at_list_price(counted(1e9, 30, 14), Month(plays=0)) < dollars / 2


def test_both_switches_are_options(capsys: pytest.CaptureFixture[str]) -> None:
    month = month_of({"plays": "0", "logged": "1e9", "function_runs": "1000", "cached_runs": "10"})
    found = {part.name: part.usage for part in parts(month, DELIVERED)}
    assert found["insights, failures"]["lambda.requests"] == 100_000
    assert found["functions"]["lambda.requests"] == 2010
    assert run(["cost", "--plays=0", "--logged=1,000,000", "--function-runs=5"]) == 0
    shown = capsys.readouterr().out
    assert "1,000,000 requests counted" in shown
    assert "5 runs of functions" in shown


def test_without_them_nothing_is_billed() -> None:
    names = {part.name for part in parts(month_of({"plays": "1000"}), DELIVERED)}
    assert not names & {"insights", "insights, failures", "functions"}
