"""Functions share the account's concurrency so that scores keep a part of it."""

from dataclasses import replace

import pytest

from config.capabilities.data import API as DATA
from config.capabilities.scores import PUT_SCORE, RANKING_SHARE, SUBMISSION_SHARE, Scores
from config.capabilities.telemetry import ENDPOINT, INGEST, Telemetry
from config.concurrency import SECONDS, UNRESERVED, limit_of, within
from config.environments import DELIVERED, LOCAL
from config.manifests import FUNCTIONS
from config.settings import Throttle

TELEMETRY = Telemetry(issuer="https://example.com")


def at_once(throttle: Throttle) -> float:
    """How many requests run at once where the throttle lets through what it can."""
    return max(throttle.burst, throttle.requests_per_second * SECONDS)


def test_telemetry_leaves_scores_a_share_of_a_new_account() -> None:
    """Lambda runs ten requests at once there, and limits no function."""
    assert DELIVERED.concurrency == 10
    assert at_once(within(TELEMETRY, ENDPOINT.share, DELIVERED)) <= 5
    scores = DELIVERED.settings(Scores)
    assert at_once(within(scores.submissions, SUBMISSION_SHARE, DELIVERED)) <= 2
    assert at_once(within(scores.rankings, RANKING_SHARE, DELIVERED)) <= 3
    assert all(limit_of(function, DELIVERED) is None for function in FUNCTIONS)


def test_a_larger_account_limits_functions_and_has_the_configured_throttles() -> None:
    large = replace(DELIVERED, concurrency=1000)
    throttle = within(TELEMETRY, ENDPOINT.share, large)
    assert (throttle.requests_per_second, throttle.burst) == (200, 400)
    assert (limit_of(INGEST, large), limit_of(DATA, large)) == (300, 100)
    assert limit_of(PUT_SCORE, large) is None


@pytest.mark.parametrize("concurrency", [10, 99, 100, 150, 220, 221, 500, 1000, 10_000])
def test_lambda_accepts_the_limits_of_every_account(concurrency: int) -> None:
    environment = replace(DELIVERED, concurrency=concurrency)
    limits = [limit_of(function, environment) or 0 for function in FUNCTIONS]
    assert not sum(limits) or concurrency - sum(limits) >= UNRESERVED
    assert bool(sum(limits)) == (concurrency > 220)


def test_a_throttle_is_never_raised() -> None:
    slow = Throttle(requests_per_second=1, burst=1)
    throttle = within(slow, ENDPOINT.share, replace(DELIVERED, concurrency=1000))
    assert (throttle.requests_per_second, throttle.burst) == (1, 1)


def test_a_laptop_has_no_limits_but_the_throttles() -> None:
    assert within(TELEMETRY, ENDPOINT.share, LOCAL) is TELEMETRY
    assert limit_of(INGEST, LOCAL) is None
