"""What submissions, rankings and boards cost."""

from collections.abc import Iterator
from typing import Final

from config import units
from config.capabilities import scores
from config.concurrency import within
from config.environments import DELIVERED, LAMBDA_MEMORY_MB, Environment
from config.settings import Throttle
from config.units import EDGE_ONLY, TO_A_LAMBDA, Usage
from lambdas.scores.freshness import SHARE as MOVED_SHARE
from lambdas.scores.routes import LANES
from lambdas.scores.submission import MOST_PERIODS
from operations.costs.bill import stored
from operations.costs.month import DAYS, Month
from operations.costs.part import Abused, Ceiling, Part
from operations.edge.costs import store_keys

_BOARDS_TRIMMED: Final = 7
"""Of a game with all periods: the open boards, and those that closed last."""
_BOARDS_A_YEAR: Final = 1 + 12 + 53 + 365
_ROW_BYTES: Final = 220
_BOARDS_A_PLAY: Final = 2
_ENTRIES_WRITTEN: Final = 4
"""Of the edge store, for each game and night."""
_TRIM_SECONDS: Final = 3


def parts(month: Month, environment: Environment) -> Iterator[Part]:
    yield Part("starts and ends", (scores.START + scores.END) * month.plays)
    yield Part("submissions", _submissions(month, environment))
    yield Part("rankings", _rankings(month))
    yield Part("other refusals", scores.refused(month.boards)["banned"] * month.refused)


def _submissions(month: Month, environment: Environment) -> Usage:
    forwarded = month.plays * month.forwarded
    refused = month.plays - forwarded
    entries = forwarded * month.boards * month.accepted
    return (
        scores.submission(month.boards) * forwarded
        + scores.refused(month.boards)["below_threshold"] * refused
        + scores.CLAIMED * (forwarded * month.accepted)
        + (scores.ACCEPTED + scores.EVICTED) * entries
        + _invalidations(month, forwarded * month.accepted, environment)
        + _publications(month, entries, environment)
    )


def _invalidations(month: Month, changes: float, environment: Environment) -> Usage:
    """Each attempt to take a turn is a write; an instance makes one attempt a window."""
    windows = month.days * 24 * 3600 / environment.invalidation_window_seconds
    asked = min(changes, windows * month.games)
    paths = min(asked, environment.invalidations_a_month)
    at_a_windows_end = (scores.PUT_OFF + _run_of(environment.invalidation_window_seconds)) * paths
    return Usage({"dynamodb.writes": asked, "cloudfront.paths": paths}) + at_a_windows_end


def _publications(month: Month, entries: float, environment: Environment) -> Usage:
    """Of thresholds, each by a trim of a game's open boards."""
    windows = month.days * 24 * 3600 / environment.threshold_window_seconds
    moves = entries / (scores.FULL_BOARD / MOVED_SHARE)
    made = min(moves, windows * month.games, environment.thresholds_a_month)
    reads = Usage({"dynamodb.reads": 2 * scores.QUERY_UNITS}) * _ENTRIES_WRITTEN
    change = units.store_change(store_keys(month.games), _ENTRIES_WRITTEN)
    return (scores.PUBLISHED + reads + change + _run_of(_TRIM_SECONDS)) * made


def _run_of(seconds: float) -> Usage:
    """Of a function that nobody waits for."""
    return Usage({"lambda.requests": 1, "lambda.gb_seconds": seconds * LAMBDA_MEMORY_MB / 1024})


def _rankings(month: Month) -> Usage:
    views = month.plays * month.views
    fresh = views * (1 - month.cached)
    return scores.RANKING_CACHED * (views - fresh) + scores.RANKING_FRESH * fresh


def at_rest(games: int, _environment: Environment) -> Usage:
    trims = {"dynamodb.reads": DAYS * games * _BOARDS_TRIMMED * scores.QUERY_UNITS}
    return (
        units.store_change(store_keys(games), _ENTRIES_WRITTEN * games) * DAYS
        + Usage(trims)
        + stored(games * _BOARDS_A_YEAR * scores.FULL_BOARD * _ROW_BYTES)
    )


def requests() -> dict[str, Usage]:
    entered = scores.ACCEPTED + scores.EVICTED
    one, two = scores.submission(1), scores.submission(2)
    return {
        "start of a play": scores.START,
        "end of a play": scores.END,
        "submission, refused at the edge": scores.refused(1)["below_threshold"],
        "submission, not good enough for its board": one,
        "submission, accepted on a full board": one + scores.CLAIMED + entered,
        "each further board": two + one * -1 + entered,
        "ranking from CloudFront's cache": scores.RANKING_CACHED,
        "ranking from the origin": scores.RANKING_FRESH,
    }


def refusals() -> dict[str, Usage]:
    """Refusals of a submission to two boards, and a forwarded one for comparison."""
    refused = {f"`{code}`": usage for code, usage in scores.refused(_BOARDS_A_PLAY).items()}
    return {**refused, "forwarded, for comparison": scores.submission(_BOARDS_A_PLAY)}


def ceilings() -> Iterator[Ceiling]:
    entries = (scores.ACCEPTED + scores.EVICTED) * MOST_PERIODS
    submission = scores.submission(MOST_PERIODS) + scores.CLAIMED + entries
    play = scores.START + scores.END + submission
    rankings, plays = _rankings_throttle(DELIVERED), _lane_throttle(DELIVERED)
    yield Ceiling(
        "rankings, each for another address", rankings.requests_per_second, scores.RANKING_FRESH
    )
    one, all_lanes = plays.requests_per_second, LANES * plays.requests_per_second
    yield Ceiling(f"plays accepted on {MOST_PERIODS} full boards, from one address", one, play)
    yield Ceiling("the same, from all lanes", all_lanes, play)


def throttles() -> dict[str, float]:
    return {
        "submissions, in all lanes": LANES * _lane_throttle(DELIVERED).requests_per_second,
        "rankings past the cache": _rankings_throttle(DELIVERED).requests_per_second,
    }


def abused(environment: Environment) -> Iterator[Abused]:
    """Each submission is a play that stands already, sent again to two boards."""
    rankings = _rankings_throttle(environment).requests_per_second
    lane = _lane_throttle(environment).requests_per_second
    yield Abused(route="GET /api/get-start", edge=scores.START)
    yield Abused(route="GET /api/get-end", edge=scores.END)
    yield Abused(
        route="PUT /api/scores, refused at the edge",
        edge=scores.refused(_BOARDS_A_PLAY)["below_threshold"],
    )
    submission = scores.submission(_BOARDS_A_PLAY)
    at_the_edge = EDGE_ONLY + units.store_reads(2 + _BOARDS_A_PLAY)
    yield Abused(
        route="PUT /api/scores, the same play again and again",
        edge=at_the_edge,
        origin=submission + at_the_edge * -1,
        one_a_second=lane,
        all_a_second=LANES * lane,
    )
    yield Abused(route="GET /api/ranking, cached", edge=scores.RANKING_CACHED)
    yield Abused(
        route="GET /api/ranking, past the cache",
        edge=_REFUSED,
        origin=scores.RANKING_FRESH + _REFUSED * -1,
        one_a_second=rankings,
    )
    yield Abused(
        route="GET /api/ranking of a period that does not exist",
        edge=_REFUSED,
        origin=TO_A_LAMBDA,
        one_a_second=rankings,
    )


_REFUSED: Final = Usage(
    {"cloudfront.requests": 1, "cloudfront.transfer": units.ANSWER_BYTES / units.GB}
)


def _rankings_throttle(environment: Environment) -> Throttle:
    given = environment.settings(scores.Scores).rankings
    return within(given, scores.RANKING_SHARE, environment)


def _lane_throttle(environment: Environment) -> Throttle:
    given = environment.settings(scores.Scores).submissions
    return within(given, scores.SUBMISSION_SHARE, environment)
