"""A changed ranking is forgotten soon, once a window, and within the month's budget."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config.capabilities import scores
from lambdas.scores.invalidation import Later, RankingCache
from lambdas.scores.ledger_table import InvalidationLedger, ledger_key
from lambdas.shared.dynamo.items import packed
from lambdas.shared.values.clock import from_iso
from local.scores.boards import scratch_table

NOW = from_iso("2026-11-21T12:00:00.000Z")
WINDOW = 60_000


class CloudFront:
    def __init__(self) -> None:
        self.asked: list[Any] = []

    def create_invalidation(self, **request: Any) -> None:
        self.asked.append(request)


@pytest.fixture
def cloudfront() -> CloudFront:
    return CloudFront()


@pytest.fixture
def table(dynamodb: Any) -> Iterator[InvalidationLedger]:
    with scratch_table(dynamodb, "scores") as board:
        yield InvalidationLedger(dynamodb, board._name)


def instance(
    table: InvalidationLedger,
    cloudfront: CloudFront,
    budget: int = 1000,
    on_budget_spent: Callable[[], object] = lambda: None,
    later: Later | None = None,
) -> RankingCache:
    client: Any = cloudfront
    return RankingCache(
        table,
        lambda: client,
        distribution_id="D1",
        ranking_path="/api/ranking",
        window_ms=WINDOW,
        budget=budget,
        on_budget_spent=on_budget_spent,
        later=later,
    )


def test_one_wildcard_path_covers_all_boards_of_a_game(
    table: InvalidationLedger, cloudfront: CloudFront
) -> None:
    assert instance(table, cloudfront).forget("snake", NOW)
    [request] = cloudfront.asked
    assert request["DistributionId"] == "D1"
    assert request["InvalidationBatch"]["Paths"]["Items"] == ["/api/ranking/snake/*"]


def test_a_game_invalidates_once_a_window_however_many_instances_ask(
    table: InvalidationLedger, cloudfront: CloudFront
) -> None:
    one, other = instance(table, cloudfront), instance(table, cloudfront)
    moments = [NOW, NOW + 1, NOW + WINDOW - 1, NOW + WINDOW, NOW + WINDOW + 1]
    assert [one.forget("snake", moment) for moment in moments] == [True, False, False, True, False]
    assert not other.forget("snake", NOW + WINDOW + 2)
    assert other.forget("snake", NOW + 2 * WINDOW)
    assert other.forget("tetris", NOW)


def test_an_instance_that_knows_the_answer_does_not_ask_the_table(
    table: InvalidationLedger, cloudfront: CloudFront
) -> None:
    one, other = instance(table, cloudfront), instance(table, cloudfront)
    one.forget("snake", NOW)
    other.forget("snake", NOW + 1)
    table.spent.writes = 0
    for later in range(2, 1000):
        one.forget("snake", NOW + later)
        other.forget("snake", NOW + later)
    assert table.spent.writes == 0


def test_over_the_months_budget_the_caches_own_age_does_it(
    table: InvalidationLedger, cloudfront: CloudFront
) -> None:
    for turn in range(3):
        assert instance(table, cloudfront, budget=3).forget("snake", NOW + turn * WINDOW)
    spent = instance(table, cloudfront, budget=3)
    table.spent.writes = 0
    asked = [spent.forget("snake", NOW + turn * WINDOW) for turn in range(3, 10)]
    assert not any(asked)
    assert table.spent.writes == 1
    next_month = from_iso("2026-12-01T00:00:00.000Z")
    assert spent.forget("snake", next_month)
    assert len(cloudfront.asked) == 4


def test_spending_is_kept_until_the_month_is_over_and_not_for_ever(
    table: InvalidationLedger, cloudfront: CloudFront
) -> None:
    """DynamoDB deletes the month's item when its `expires` has passed."""
    begin, end = from_iso("2026-12-01T00:00:00.000Z"), from_iso("2027-01-01T00:00:00.000Z")
    instance(table, cloudfront).forget("snake", begin)
    item = table._client.get_item(TableName="scores", Key=packed(ledger_key("2026-12")))["Item"]
    expires_ms = int(item["expires"]["N"]) * 1000
    assert end < expires_ms < from_iso("2027-03-01T00:00:00.000Z")


def test_a_spent_budget_is_reported_and_an_open_window_is_not(
    table: InvalidationLedger, cloudfront: CloudFront
) -> None:
    told: list[str] = []
    one = instance(table, cloudfront, budget=1, on_budget_spent=lambda: told.append("one"))
    assert one.forget("snake", NOW)
    other = instance(table, cloudfront, budget=1, on_budget_spent=lambda: told.append("other"))
    assert not other.forget("snake", NOW + 1)
    assert told == []
    assert not other.forget("snake", NOW + WINDOW + 1)
    assert not one.forget("tetris", NOW + WINDOW + 1)
    assert told == ["other", "one"]


def test_changes_within_a_window_ask_for_one_invalidation_at_its_end(
    table: InvalidationLedger, cloudfront: CloudFront
) -> None:
    put_off: list[tuple[str, int]] = []

    def later(game_id: str, at_ms: int) -> None:
        put_off.append((game_id, at_ms))

    one, other = (instance(table, cloudfront, later=later) for _ in range(2))
    assert one.forget("snake", NOW)
    assert put_off == []
    for moment in range(NOW + 1, NOW + 50):
        assert not one.forget("snake", moment)
        assert not other.forget("snake", moment)
    assert put_off == [("snake", NOW + WINDOW)]
    at_the_end = instance(table, cloudfront)
    assert at_the_end.forget(*put_off[0])
    assert len(cloudfront.asked) == 2
    assert not one.forget("snake", NOW + WINDOW + 1)
    assert not other.forget("snake", NOW + WINDOW + 1)
    assert put_off[1:] == [("snake", NOW + 2 * WINDOW)]


def test_the_end_of_a_window_is_asked_for_in_one_write_of_each_instance(
    table: InvalidationLedger, cloudfront: CloudFront
) -> None:
    one = instance(table, cloudfront, later=lambda *_: None)
    one.forget("snake", NOW)
    table.spent.writes = 0
    one.forget("snake", NOW + 1)
    assert 0 < table.spent.writes <= scores.PUT_OFF["dynamodb.writes"]  # moto bills half a unit
    table.spent.writes = 0
    for moment in range(NOW + 2, NOW + 1000):
        one.forget("snake", moment)
    assert table.spent.writes == 0


def test_a_spent_budget_puts_nothing_off(table: InvalidationLedger, cloudfront: CloudFront) -> None:
    put_off: list[tuple[str, int]] = []
    one, other = (
        instance(table, cloudfront, budget=1, later=lambda *each: put_off.append(each))
        for _ in range(2)
    )
    assert one.forget("snake", NOW)
    for moment in (NOW + 1, NOW + WINDOW, NOW + WINDOW + 1):
        assert not one.forget("snake", moment)
        assert not other.forget("snake", moment)
    assert put_off == []
