"""The price table equals a second copy of AWS's prices for us-east-1, on demand.

When a price changes, read it on AWS's page and change it here and in config/prices.json.
"""

from typing import Final

import pytest

from config.prices import FreeTier, price_table

MILLION: Final = 1_000_000

ALWAYS: Final = {
    # dollars, for how many, free each month
    "cloudfront.requests": (0.01, 10_000, 10 * MILLION),
    "cloudfront.functions": (0.10, MILLION, 2 * MILLION),
    "cloudfront.store_reads": (0.03, MILLION, 2 * MILLION),
    "cloudfront.paths": (0.005, 1, 1_000),
    "cloudfront.transfer": (0.085, 1, 1_000),
    "lambda.requests": (0.20, MILLION, MILLION),
    "lambda.gb_seconds": (0.0000133334, 1, 400_000),
    "dynamodb.storage": (0.25, 1, 25),
    "kms.requests": (0.03, 10_000, 20_000),
    "logs.ingest": (0.50, 1, 5),
    "logs.storage": (0.03, 1, 5),
    "cloudwatch.metrics": (0.30, 1, 10),
    "cloudwatch.alarms": (0.10, 1, 10),
    "cloudwatch.dashboards": (3.00, 1, 3),
    "sns.emails": (2.00, 100_000, 1_000),
    "budgets.actions": (0.10, 1, 62),
}
IN_THE_FIRST_YEAR: Final = {
    "http_api.requests": (1.00, MILLION, MILLION),
    "websocket.messages": (1.00, MILLION, MILLION),
    "websocket.minutes": (0.25, MILLION, 750_000),
    "s3.storage": (0.023, 1, 5),
    "s3.puts": (0.005, 1_000, 2_000),
    "s3.gets": (0.0004, 1_000, 20_000),
}
WITHOUT_A_FREE_TIER: Final = {
    "bedrock.input_tokens": (0.035, MILLION, 0),
    "bedrock.output_tokens": (0.14, MILLION, 0),
    "cloudfront.store_calls": (1.00, 1_000, 0),
    "cloudfront.upload": (0.02, 1, 0),
    "dynamodb.reads": (0.125, MILLION, 0),
    "dynamodb.writes": (0.625, MILLION, 0),
    "dynamodb.backup": (0.20, 1, 0),
    "kms.keys": (1.00, 1, 0),
    "firehose.ingest": (0.029, 1, 0),
    "firehose.sorting": (0.02, 1, 0),
    "firehose.objects": (0.005, 1_000, 0),
    "athena.scans": (5.00, 1_000, 0),
    "waf.acls": (5.00, 1, 0),
    "waf.rules": (1.00, 1, 0),
    "waf.requests": (0.60, MILLION, 0),
    "x.user_reads": (0.01, 1, 0),
}
FREE: Final = {
    "dynamodb.stream_reads",
    "ssm.parameters",
    "eventbridge.schedules",
    "budgets.notifications",
}


@pytest.mark.parametrize(
    ("lasts", "wanted"),
    [("always", ALWAYS), ("first year", IN_THE_FIRST_YEAR), ("", WITHOUT_A_FREE_TIER)],
)
def test_each_price_is_the_one_that_aws_lists(
    lasts: str, wanted: dict[str, tuple[float, float, float]]
) -> None:
    found = {
        each.id: (each.usd, each.per, each.free)
        for each in price_table().prices.values()
        if each.lasts == lasts and each.usd
    }
    assert found == wanted


def test_no_other_price_is_listed() -> None:
    prices = price_table().prices
    assert {each.id for each in prices.values() if not each.usd} == FREE
    assert prices.keys() == {*ALWAYS, *IN_THE_FIRST_YEAR, *WITHOUT_A_FREE_TIER, *FREE}


def test_the_prices_are_of_one_region() -> None:
    assert price_table().region == "us-east-1"


@pytest.mark.parametrize(
    ("tier", "usd"),
    [(FreeTier.NONE, 3.0), (FreeTier.ALWAYS, 3.0), (FreeTier.FIRST_YEAR, 2.0)],
)
def test_a_first_year_free_tier_counts_in_the_first_year_alone(tier: FreeTier, usd: float) -> None:
    assert price_table().prices["http_api.requests"].of(3 * MILLION, tier) == usd


def test_the_flat_rate_plans_are_cloudfronts() -> None:
    plans = {
        each.name: (each.usd, each.requests, each.gigabytes, each.behaviours, each.cache_policies)
        for each in price_table().plans
    }
    assert plans == {
        "Free": (0, MILLION, 100, 5, False),
        "Pro": (15, 10 * MILLION, 50_000, 10, False),
        "Business": (200, 125 * MILLION, 50_000, 50, True),
        "Premium": (1000, 500 * MILLION, 50_000, 100, True),
    }
