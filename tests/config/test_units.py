"""Units are in the price table's terms, and the sizes in them are those of real answers."""

import base64
import gzip
import json
import random
import string

from config import units
from config.capabilities import scores, telemetry
from config.games import load_games, runtime_form
from config.prices import price_table
from lambdas.scores.answers import ranking
from lambdas.scores.games import Games
from lambdas.scores.periods import EVER
from lambdas.scores.rules import Entry
from lambdas.shared.values.clock import iso

HEADERS = 600


def test_every_unit_has_a_price() -> None:
    known = price_table().prices.keys()
    for usage in (
        scores.START,
        scores.END,
        scores.RANKING_CACHED,
        scores.RANKING_FRESH,
        scores.submission(2),
        scores.ACCEPTED,
        scores.EVICTED,
        scores.CLAIMED,
        scores.PUT_OFF,
        scores.PUBLISHED,
        scores.INVALIDATED,
        units.store_change(10, 1),
        telemetry.SESSION,
        telemetry.PLAYER_KEY,
        telemetry.SESSION_END,
        telemetry.events(25),
        telemetry.COUNTED,
        *scores.refused(2).values(),
    ):
        assert usage.amounts.keys() <= known


def test_usage_adds_up() -> None:
    play = scores.START + scores.END
    assert play["cloudfront.requests"] == 2
    assert (play * 3)["cloudfront.store_reads"] == 12
    assert units.total([scores.ACCEPTED] * 4)["dynamodb.writes"] == 4
    assert units.NOTHING["dynamodb.writes"] == 0


def test_a_full_ranking_compressed_is_no_larger_than_the_costs_say() -> None:
    game = Games(json.loads(runtime_form(load_games()))).named("snake")
    dice = random.Random(1)
    board = [_entry(dice) for _ in range(scores.FULL_BOARD)]
    body = json.dumps(ranking(game, EVER, board, scores.FULL_BOARD, 1), separators=(",", ":"))
    size = len(gzip.compress(body.encode())) + HEADERS
    assert 0.8 * scores.RANKING_BYTES < size <= scores.RANKING_BYTES


def _entry(dice: random.Random) -> Entry:
    """A row of a player whose id and name are hard to compress."""
    return Entry(
        user_id=base64.urlsafe_b64encode(dice.randbytes(17)).decode()[:22],
        user_name="".join(dice.choices(string.ascii_letters, k=24)),
        score=dice.randrange(9999),
        time_ms=dice.randrange(3_600_000),
        updated_at=iso(dice.randrange(1_795_262_400_000)),
        rk="",
        play="",
    )
