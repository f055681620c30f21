"""A bill is units times prices: the bills of months that are easy to compute by hand."""

from dataclasses import replace

import pytest

from config import units
from config.capabilities.archive import Archive
from config.capabilities.telemetry import Telemetry
from config.environments import COMPLETE, DELIVERED, Environment
from config.ops import Ops
from config.prices import FreeTier, price_table
from operations.costs.bill import Line, at_rest, bill, by_service, dollars, on_a_plan
from operations.costs.month import Month
from tests.stacks.intent import environments, intended
from tests.stacks.intent.rows import table

MILLION = 1_000_000
WITH_TELEMETRY = replace(DELIVERED, capabilities=(Telemetry(issuer="https://example.com"),))
ARCHIVING = replace(DELIVERED, capabilities=(Telemetry(issuer="https://example.com"), Archive()))
PLAIN = Month(plays=MILLION, boards=1, views=0, accepted=0)


def amounts(month: Month) -> dict[str, float]:
    return {line.price.id: line.amount for line in bill(month)}


def of(month: Month, price: str) -> float:
    rest = at_rest(month.games, WITH_TELEMETRY if month["events"] else DELIVERED)
    return amounts(month).get(price, 0) - rest[price]


A_WINDOW_OF_INVALIDATIONS = 60
EVERY_WINDOW = 30 * 24 * 3600 // A_WINDOW_OF_INVALIDATIONS

PLAYED = {
    # each play: start, end, submission to two boards, two reads of a ranking
    "cloudfront.requests": (5_000_000, 5.00),
    "cloudfront.functions": (5_000_000, 0.50),
    "cloudfront.store_reads": (2_000_000 + 2_000_000 + 4_000_000 + 2_000_000, 0.30),
    "cloudfront.transfer": (24, 2.04),  # 1 KB, 1 KB, 6 KB, and 8 KB for each read
    "cloudfront.upload": (1, 0.02),
    # one read in five misses the cache
    "http_api.requests": (1_000_000 + 400_000, 1.40),
    # a fifth of the submissions is claimed, enters each board and moves another row off it;
    # each publication of thresholds reads four boards consistently
    "dynamodb.reads": (1_000_000 * 5 + 400_000 * 2.5 + 525 + 400_000 + 100 * 4 * 5, 0.80),
    "dynamodb.writes": (200_000 + 400_000 * 3 + EVERY_WINDOW + 1_000 + 100, 0.90),
    "cloudfront.paths": (1_000, 5.00),
    # a thousand invalidations wait for their windows' ends, and a hundred trims publish
    "lambda.requests": (1_400_000 + 751 + 1_000 + 100, 0.28),
    "lambda.gb_seconds": (1_400_000 * 0.06 / 4 + 751 * 3 / 4 + 1_000 * 60 / 4 + 100 * 3 / 4, 0.49),
    "logs.ingest": (1.4 * 1.2 + 751 * 1.2e-6, 0.84),
    "logs.storage": (1.4 * 1.2 + 751 * 1.2e-6, 0.05),
    # a describe, a list and an update each day, once for the rotation, and for each publication
    "cloudfront.store_calls": (31 * 3 + 100 * 3, 0.39),
    "cloudwatch.metrics": (10, 3.00),
    "cloudwatch.alarms": (11, 1.10),
    "cloudwatch.dashboards": (1, 3.00),
    "budgets.notifications": (1, 0.00),
    "eventbridge.schedules": (751, 0.00),
    # 431 boards of a year, 100 rows of 220 bytes each
    "dynamodb.storage": (0.009482, 0.00),
    "dynamodb.backup": (0.009482, 0.00),
    "s3.storage": (0.1, 0.00),
}
"""A million plays of one game, computed by hand: amounts, and dollars without any free tier."""

WITH_EVENTS = PLAYED | {
    # 200,000 sessions, and a million requests with ten events each
    "cloudfront.requests": (5_000_000 + 1_400_000, 6.40),
    "cloudfront.transfer": (24 + 1.4, 2.16),
    "cloudfront.upload": (1 + 1.4 + 10 * 0.4, 0.13),
    "http_api.requests": (1_400_000 + 1_400_000, 2.80),
    # each of three games is invalidated once a window; counters are folded by four shards
    "dynamodb.writes": (
        (200_000 + 400_000 * 3 + 3 * EVERY_WINDOW + 1_000 + 100)
        + (200_000 * 5 + 11_000_000 + 4 * 345_600),
        9.32,
    ),
    "dynamodb.reads": (6_400_000 + 2_000 + 3 * 525 + 345_600, 0.84),
    "lambda.requests": (2_800_000 + 345_600 + 172_800 + 2_222 + 1_100, 0.66),
    "lambda.gb_seconds": (
        2_800_000 * 0.06 / 4 + 172_800 * 0.06 / 4 + 2_222 * 3 / 4 + 15_075,
        0.82,
    ),
    "logs.ingest": (2.8 * 1.2 + 0.1728 * 1.2 + 2_222 * 1.2e-6, 1.79),
    "logs.storage": (2.8 * 1.2 + 0.1728 * 1.2 + 2_222 * 1.2e-6, 0.11),
    # 350 bytes of an event for three months, 300 of a session
    "dynamodb.storage": (10.5 + 0.06 + 3 * 0.009482, 2.65),
    "dynamodb.backup": (10.5 + 0.06 + 3 * 0.009482, 2.12),
    "kms.keys": (1, 1.00),
    # a function that is always warm decrypts the token keys every five minutes
    "kms.requests": (30 * 24 * 12, 0.03),
    "cloudwatch.metrics": (12, 3.60),
    "cloudwatch.alarms": (13, 1.30),
    "eventbridge.schedules": (2_222, 0.00),
    # 10.4 million rows of 5 KB each; 40 bytes of each are kept for a year
    "firehose.ingest": (10.4 * 5.12, 1.54),
    "firehose.sorting": (10.4 * 0.04, 0.01),
    "firehose.objects": (3 * 30 * 24 * 12, 0.13),
    "s3.puts": (3 * 30 * 24 * 12, 0.13),
    "s3.storage": (0.1 + 10.4 * 0.04 * 365 / 30, 0.12),
}
"""The same of three games, with ten events a play and the archive."""


@pytest.mark.parametrize(
    ("month", "environment", "wanted"),
    [
        (Month(plays=MILLION), DELIVERED, PLAYED),
        (Month(plays=MILLION, games=3, more={"events": 10}), ARCHIVING, WITH_EVENTS),
    ],
    ids=["played", "with-events"],
)
def test_a_month_costs_what_it_costs_by_hand(
    month: Month, environment: Environment, wanted: dict[str, tuple[float, float]]
) -> None:
    lines = bill(month, environment)
    found = {line.price.id: line.amount for line in lines}
    assert found == pytest.approx({name: amount for name, (amount, _) in wanted.items()})
    costs = {line.price.id: line.cost(FreeTier.NONE) for line in lines}
    assert costs == pytest.approx({name: usd for name, (_, usd) in wanted.items()}, abs=0.006)


@pytest.mark.parametrize(
    ("intent", "environment"),
    [(environments.DELIVERED, DELIVERED), (environments.COMPLETE, COMPLETE)],
    ids=["delivered", "complete"],
)
def test_every_deployed_schedule_is_billed(
    intent: environments.Environment, environment: Environment
) -> None:
    runs_a_month = {
        "rate(1 hour)": 720,
        "rate(15 minutes)": 2880,
        "cron(20 * * * ? *)": 720,
        "cron(10 0 * * ? *)": 30,
        "cron(30 1 * * ? *)": 30,
        "cron(40 3 * * ? *)": 30,
        "rate(30 days)": 1,
    }
    schedules = [
        rule["ScheduleExpression"]
        for rule in table(intended(intent))["AWS::Events::Rule"].values()
        if "ScheduleExpression" in rule
    ]
    runs = sum(runs_a_month[each] for each in schedules)
    rest = at_rest(1, environment)
    assert rest["eventbridge.schedules"] == rest["lambda.requests"] == runs


def test_logs_cost_more_the_longer_they_are_kept() -> None:
    kept = {each.price.id: each.amount for each in bill(PLAIN, replace(DELIVERED, log_days=90))}
    assert kept["logs.storage"] == pytest.approx(3 * kept["logs.ingest"])


def test_each_game_asks_for_an_invalidation_at_most_once_a_window() -> None:
    crowded = replace(PLAIN, accepted=1)
    asked = EVERY_WINDOW
    entered = 4 * MILLION
    at_windows_ends, published = 1_000, 100
    followed = at_windows_ends + published
    assert of(crowded, "dynamodb.writes") == entered + asked + followed
    assert of(replace(crowded, games=3), "dynamodb.writes") == entered + 3 * asked + followed
    assert of(replace(crowded, plays=10), "dynamodb.writes") == 10 * 4 + 10 + 10 + 1


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


def test_requests_refused_at_the_edge_cost_nothing_behind_it() -> None:
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


def test_a_plan_replaces_the_lines_of_cloudfront_and_no_other() -> None:
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
    told = replace(PLAIN, more={"events": 10, "events_a_request": 5, "plays_a_session": 1e9})
    requests = 2 * MILLION
    assert of(told, "http_api.requests") - of(PLAIN, "http_api.requests") == pytest.approx(requests)
    counted = 30 * 24 * 120 * 4
    assert of(told, "dynamodb.writes") == pytest.approx(10 * MILLION + requests + counted * 4)


def test_counters_of_a_quiet_game_cost_no_window_without_a_request() -> None:
    quiet = replace(
        PLAIN, plays=10, more={"events": 1, "events_a_request": 1, "plays_a_session": 10}
    )
    assert of(quiet, "lambda.requests") == 10 + (1 + 10 + 1) + 12


def test_firehose_bills_each_row_of_the_archive_as_five_kilobytes() -> None:
    told = replace(PLAIN, games=3, more={"events": 10, "plays_a_session": 4})
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


def test_an_enabled_capability_is_billed_once_and_a_disabled_one_is_not() -> None:
    quiet = Month(plays=0)
    key = price_table().prices["kms.keys"]
    of_telemetry = [line for line in bill(quiet, WITH_TELEMETRY) if line.price == key]
    assert [line.amount for line in of_telemetry] == [1]
    told = dollars(bill(replace(quiet, more={"events": 1})), FreeTier.ALWAYS)
    assert dollars(bill(quiet, WITH_TELEMETRY), FreeTier.ALWAYS) == pytest.approx(told)
    assert not [
        line
        for line in bill(quiet, replace(DELIVERED, ops=None))
        if line.price.id.startswith(("cloudwatch.", "budgets."))
    ]


def test_a_bill_uses_the_settings_of_the_environment() -> None:
    crowded = replace(PLAIN, accepted=1, games=50)
    wider = replace(DELIVERED, invalidations_a_month=5000, ops=Ops(dashboard=False))
    lines = {line.price.id: line.amount for line in bill(crowded, wider)}
    assert lines["cloudfront.paths"] == 5000
    assert "cloudwatch.dashboards" not in lines


def test_pages_are_billed_when_visits_are_given() -> None:
    visited = replace(PLAIN, plays=0, visits=1000, page_kilobytes=500, page_requests=4)
    assert of(visited, "cloudfront.requests") == 4000
    assert of(visited, "cloudfront.transfer") == pytest.approx(0.5)
    assert units.NOTHING["cloudfront.transfer"] == 0
