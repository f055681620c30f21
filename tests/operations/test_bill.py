"""A bill is units times prices: what it must say of months that can be reckoned by hand."""

from dataclasses import replace

import pytest

from config import units
from config.environments import DELIVERED
from config.ops import Ops
from config.prices import FreeTier, price_table
from config.telemetry import Telemetry
from operations.bill import Line, Month, at_rest, bill, by_service, dollars, on_a_plan

MILLION = 1_000_000
WITH_TELEMETRY = replace(DELIVERED, telemetry=Telemetry(issuer="https://example.com"))
ARCHIVING = replace(DELIVERED, telemetry=Telemetry(issuer="https://example.com", archive=True))
PLAIN = Month(plays=MILLION, boards=1, views=0, accepted=0)


def amounts(month: Month) -> dict[str, float]:
    return {line.price.id: line.amount for line in bill(month)}


def of(month: Month, price: str) -> float:
    rest = at_rest(month.games, WITH_TELEMETRY if month.events else DELIVERED)
    return amounts(month).get(price, 0) - rest[price]


def test_a_play_is_three_requests_and_seven_reads_at_the_edge() -> None:
    assert of(PLAIN, "cloudfront.requests") == 3 * MILLION
    assert of(PLAIN, "cloudfront.functions") == 3 * MILLION
    assert of(PLAIN, "cloudfront.store_reads") == 7 * MILLION
    assert of(PLAIN, "http_api.requests") == of(PLAIN, "lambda.requests") == MILLION
    assert of(PLAIN, "dynamodb.writes") == 0


def test_each_board_more_is_read_at_the_edge_and_in_the_table() -> None:
    two = replace(PLAIN, boards=2)
    assert of(two, "cloudfront.store_reads") - of(PLAIN, "cloudfront.store_reads") == MILLION
    assert of(two, "dynamodb.reads") == 2 * of(PLAIN, "dynamodb.reads") == 5 * MILLION


def test_what_the_edge_refuses_reaches_nothing_behind_it() -> None:
    refused = replace(PLAIN, forwarded=0)
    assert of(refused, "cloudfront.requests") == 3 * MILLION
    assert of(refused, "http_api.requests") == of(refused, "dynamodb.reads") == 0
    more = replace(refused, refused=MILLION)
    assert of(more, "cloudfront.functions") == 4 * MILLION
    assert of(more, "http_api.requests") == 0


def test_only_rankings_the_cache_has_not_are_read() -> None:
    views = replace(PLAIN, plays=100, views=10, cached=0.9)
    assert of(views, "cloudfront.requests") == 300 + 1000
    assert of(views, "http_api.requests") == pytest.approx(100 + 100)


def test_invalidations_stay_within_what_is_free() -> None:
    crowded = replace(PLAIN, accepted=1, games=50)
    assert of(crowded, "cloudfront.paths") == 1000
    assert of(replace(crowded, plays=10), "cloudfront.paths") == 10


def test_lambda_is_billed_by_memory_and_time() -> None:
    faster = replace(PLAIN, billed_ms=40)
    saved = of(PLAIN, "lambda.gb_seconds") - of(faster, "lambda.gb_seconds")
    assert saved == pytest.approx(MILLION * 0.020 * 0.25)


def test_a_free_tier_is_taken_off_once_and_never_below_nothing() -> None:
    price = price_table().prices["http_api.requests"]
    assert Line(price, 3 * MILLION).cost(FreeTier.NONE) == 3
    assert Line(price, 3 * MILLION).cost(FreeTier.ALWAYS) == 3
    assert Line(price, 3 * MILLION).cost(FreeTier.FIRST_YEAR) == 2
    assert Line(price, 10).cost(FreeTier.FIRST_YEAR) == 0


def test_a_month_without_players_costs_cents_and_every_tier_costs_less_than_the_last() -> None:
    for plays in (0, 1000, MILLION):
        costs = [dollars(bill(Month(plays=plays)), tier) for tier in FreeTier]
        assert costs == sorted(costs, reverse=True)
    assert 0 < dollars(bill(Month(plays=0)), FreeTier.ALWAYS) < 0.25


def test_a_plan_takes_the_place_of_cloudfronts_lines_and_of_no_other() -> None:
    [plan] = [plan for plan in price_table().plans if plan.name == "Business"]
    lines = bill(Month(plays=100 * MILLION))
    cloudfront = by_service(lines)["CloudFront"]
    saved = dollars(lines, FreeTier.ALWAYS) - on_a_plan(lines, plan)
    assert saved == pytest.approx(dollars(cloudfront, FreeTier.ALWAYS) - plan.usd, abs=0.01)
    assert [plan.name for plan in price_table().plans if plan.fits] == ["Business", "Premium"]


def test_services_leave_out_nothing_that_costs_a_cent() -> None:
    lines = bill(Month(plays=MILLION))
    shown = [line for lines in by_service(lines).values() for line in lines]
    hidden = dollars(lines, FreeTier.NONE) - dollars(shown, FreeTier.NONE)
    assert 0 <= hidden < 0.02


def test_every_price_says_where_it_was_read() -> None:
    for price in price_table().prices.values():
        assert price.source
        assert price.lasts in ("", "always", "first year")
        assert bool(price.free) == bool(price.lasts)


def test_each_event_is_a_write_and_each_request_one_more() -> None:
    told = replace(PLAIN, events=10, events_a_request=5, plays_a_session=1e9)
    requests = 2 * MILLION
    assert of(told, "http_api.requests") - of(PLAIN, "http_api.requests") == pytest.approx(requests)
    counted = 30 * 24 * 120 * 4
    assert of(told, "dynamodb.writes") == pytest.approx(10 * MILLION + requests + counted * 4)


def test_counters_of_a_quiet_game_cost_no_window_without_a_request() -> None:
    quiet = replace(PLAIN, plays=10, events=1, events_a_request=1, plays_a_session=10)
    assert of(quiet, "lambda.requests") == 10 + (1 + 10 + 1) + 12


def test_firehose_bills_each_row_of_the_archive_as_five_kilobytes() -> None:
    told = replace(PLAIN, events=10, plays_a_session=4, games=3)
    without = {each.price.id: each.amount for each in bill(told)}
    archived = {each.price.id: each.amount for each in bill(told, ARCHIVING)}
    rows = 10 * MILLION + 2 * MILLION / 4
    assert archived["firehose.ingest"] == pytest.approx(rows * 5 * 1024 / units.GB)
    assert archived["firehose.objects"] == 3 * 30 * 24 * 12
    assert "firehose.ingest" not in without
    assert archived["dynamodb.writes"] == without["dynamodb.writes"]


def test_telemetry_brings_a_key_and_what_watches_it() -> None:
    without, beside = at_rest(1), at_rest(1, WITH_TELEMETRY)
    assert (without["kms.keys"], beside["kms.keys"]) == (0, 1)
    assert without["cloudwatch.alarms"] < beside["cloudwatch.alarms"]


def test_alarms_and_metrics_of_a_deploy_without_telemetry_are_free_but_for_one_alarm() -> None:
    watching = [line for line in bill(Month(plays=0)) if line.price.service == "CloudWatch"]
    assert dollars(watching, FreeTier.ALWAYS) == pytest.approx(0.1)


def test_what_is_switched_on_is_billed_once_and_what_is_switched_off_is_not() -> None:
    quiet = Month(plays=0)
    key = price_table().prices["kms.keys"]
    of_telemetry = [line for line in bill(quiet, WITH_TELEMETRY) if line.price == key]
    assert [line.amount for line in of_telemetry] == [1]
    told = dollars(bill(replace(quiet, events=1)), FreeTier.ALWAYS)
    assert dollars(bill(quiet, WITH_TELEMETRY), FreeTier.ALWAYS) == pytest.approx(told)
    assert not [
        line
        for line in bill(quiet, replace(DELIVERED, ops=None))
        if line.price.id.startswith(("cloudwatch.", "budgets."))
    ]


def test_one_own_settings_are_reckoned_with() -> None:
    crowded = replace(PLAIN, accepted=1, games=50)
    wider = replace(DELIVERED, invalidations_a_month=5000, ops=Ops(dashboard=False))
    lines = {line.price.id: line.amount for line in bill(crowded, wider)}
    assert lines["cloudfront.paths"] == 5000
    assert "cloudwatch.dashboards" not in lines


def test_pages_are_billed_where_visits_are_told() -> None:
    visited = replace(PLAIN, plays=0, visits=1000, page_kilobytes=500, page_requests=4)
    assert of(visited, "cloudfront.requests") == 4000
    assert of(visited, "cloudfront.transfer") == pytest.approx(0.5)
    assert units.NOTHING["cloudfront.transfer"] == 0
