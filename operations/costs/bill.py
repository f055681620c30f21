"""A month's bill: what is played, times the units that tests measured, times the prices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from config import alarms, units
from config.capabilities import deployed
from config.capabilities.archive import Archive
from config.capabilities.edge import DRIFT_HEALED
from config.environments import (
    DELIVERED,
    LAMBDA_MEMORY_MB,
    Environment,
)
from config.prices import FreeTier, Plan, Price, price_table
from config.telemetry import Telemetry
from config.units import Usage

DAYS: Final = 30
_HOURS: Final = DAYS * 24
_HALF_A_CENT: Final = 0.005
_SECONDS: Final = _HOURS * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What is played. None of it is measured: each default is a guess that can be overruled."""

    plays: float = 100_000
    games: int = 1
    boards: int = 2
    """Boards that each play is submitted to."""
    views: float = 2
    """Rankings looked at for each play."""
    cached: float = 0.8
    """Share of them that CloudFront answers from its cache."""
    forwarded: float = 1
    """Share of submissions that the edge lets through: all while boards are not full."""
    accepted: float = 0.2
    """Share of those that enter a board, on each board."""
    refused: float = 0
    """Submissions besides, by cheats, that the edge refuses as late as it can."""
    events: float = 0
    """Telemetry events for each play, for which telemetry must be deployed."""
    events_a_request: int = 10
    plays_a_session: float = 5
    visits: float = 0
    """Loads of your own pages; 0 leaves your files out of the bill."""
    page_kilobytes: float = 300
    page_requests: float = 10
    billed_ms: float = 60
    """Of a request's Lambda, the share of cold starts included."""
    days: float = DAYS
    """In how many of the month's days all this happens."""


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class Line:
    price: Price
    amount: float

    def cost(self, tier: FreeTier) -> float:
        return self.price.of(self.amount, tier)


def parts(month: Month, environment: Environment = DELIVERED) -> list[Part]:
    environment = _told_of(month, environment)
    return [
        Part("starts and ends", (units.START + units.END) * month.plays),
        Part("submissions", _submissions(month, environment)),
        Part("rankings", _rankings(month)),
        Part("telemetry", _telemetry(month, environment)),
        Part("its archive", _archived(month, environment)),
        Part("refused besides", units.refused(month.boards)["banned"] * month.refused),
        Part("your pages", _pages(month)),
        Part("at rest", at_rest(month.games, environment)),
    ]


def _told_of(month: Month, environment: Environment) -> Environment:
    """Whoever reckons with events means them to be taken."""
    if month.events and environment.telemetry is None:
        telemetry = Telemetry(issuer="https://example.com")
        return replace(environment, capabilities=(*environment.capabilities, telemetry))
    return environment


def bill(month: Month, environment: Environment = DELIVERED) -> list[Line]:
    usage = units.total(part.usage for part in parts(month, environment))
    return list(_lines(_with_consequences(usage, month, environment)))


def at_list_price(
    usage: Usage, month: Month | None = None, environment: Environment = DELIVERED
) -> float:
    lines = _lines(_with_consequences(usage, month or Month(), environment))
    return sum(line.cost(FreeTier.NONE) for line in lines)


def dollars(lines: Iterable[Line], tier: FreeTier) -> float:
    return sum(line.cost(tier) for line in lines)


def on_a_plan(lines: Iterable[Line], plan: Plan) -> float:
    """The flat rate in place of CloudFront's lines."""
    return plan.usd + sum(
        line.cost(FreeTier.ALWAYS) for line in lines if line.price.service != "CloudFront"
    )


def by_service(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Only what costs something before any free tier."""
    services: dict[str, list[Line]] = {}
    for line in lines:
        if line.cost(FreeTier.NONE) >= _HALF_A_CENT:
            services.setdefault(line.price.service, []).append(line)
    return services


def _submissions(month: Month, environment: Environment) -> Usage:
    forwarded = month.plays * month.forwarded
    refused = month.plays - forwarded
    entries = forwarded * month.boards * month.accepted
    return (
        units.submission(month.boards) * forwarded
        + units.refused(month.boards)["below_threshold"] * refused
        + (units.ACCEPTED + units.EVICTED) * entries
        + _invalidations(month, forwarded * month.accepted, environment)
    )


def _invalidations(month: Month, changes: float, environment: Environment) -> Usage:
    """Asking for a turn writes whether or not there is one; an instance asks once a window."""
    windows = month.days * 24 * 3600 / environment.invalidation_window_seconds
    asked = min(changes, windows * month.games)
    paths = min(asked, environment.invalidations_a_month)
    return Usage({"dynamodb.writes": asked, "cloudfront.paths": paths})


def _rankings(month: Month) -> Usage:
    views = month.plays * month.views
    fresh = views * (1 - month.cached)
    return units.RANKING_CACHED * (views - fresh) + units.RANKING_FRESH * fresh


_STREAM_SHARDS: Final = 4
"""Of a table on demand that has never been busy; each is counted by itself."""
EVENT_ROW_BYTES: Final = 350
_SESSION_ROW_BYTES: Final = 300
_MONTHS_OF_EVENTS: Final = 3


def _telemetry(month: Month, environment: Environment) -> Usage:
    """As from a month in which as many old events expire as new ones come."""
    if not month.events or environment.telemetry is None:
        return units.NOTHING
    sessions = month.plays / month.plays_a_session
    events = month.plays * month.events
    requests = events / month.events_a_request
    window_seconds = environment.telemetry.count_window_seconds
    windows = month.days * 24 * 3600 / window_seconds * _STREAM_SHARDS
    return (
        (units.SESSION + units.PLAYER_KEY + units.SESSION_END) * sessions
        + units.events(month.events_a_request) * requests
        + units.COUNTED * min(requests + 2 * sessions, windows)
        + events_kept(events)
        + _stored(sessions * _SESSION_ROW_BYTES)
    )


def events_kept(events: float, row_bytes: float = EVENT_ROW_BYTES) -> Usage:
    """For as long as they are kept."""
    return _stored(events * row_bytes * _MONTHS_OF_EVENTS)


def _stored(byte_months: float) -> Usage:
    gigabytes = byte_months / units.GB
    return Usage({"dynamodb.storage": gigabytes, "dynamodb.backup": gigabytes})


_ARCHIVED_ROW_BYTES: Final = 40
"""Compressed; Firehose bills it as the least it knows."""


def _archived(month: Month, environment: Environment) -> Usage:
    """Games that are always played: each window writes an object of each."""
    archive = environment.given(Archive)
    if not month.events or archive is None:
        return units.NOTHING
    rows = month.plays * month.events + 2 * month.plays / month.plays_a_session
    seconds = month.days * 24 * 3600
    objects = min(rows, seconds / archive.window_seconds * month.games)
    batches = min(rows, seconds / archive.batch_seconds * _STREAM_SHARDS)
    kept = rows * _ARCHIVED_ROW_BYTES * archive.days / DAYS
    return Usage(
        {
            "firehose.ingest": rows * units.LEAST_FIREHOSE_BYTES / units.GB,
            "firehose.sorting": rows * _ARCHIVED_ROW_BYTES / units.GB,
            "firehose.objects": objects,
            "s3.puts": objects,
            "s3.storage": kept / units.GB,
            "lambda.requests": batches,
            "lambda.gb_seconds": batches * LAMBDA_MEMORY_MB / 1024 * month.billed_ms / 1000,
            "logs.ingest": batches * units.LOG_BYTES / units.GB,
        }
    )


def _pages(month: Month) -> Usage:
    return Usage(
        {
            "cloudfront.requests": month.visits * month.page_requests,
            "cloudfront.transfer": month.visits * month.page_kilobytes * 1000 / units.GB,
        }
    )


_RUN_SECONDS: Final = 3
"""Of the guard or the trim, from the first import on."""
_BOARDS_TRIMMED: Final = 7
"""Of a game with all periods: the open ones, and those that closed last."""
_BOARDS_A_YEAR: Final = 1 + 12 + 53 + 365
_ROW_BYTES: Final = 220
_ASSETS_GB: Final = 0.1


def at_rest(games: int, environment: Environment = DELIVERED) -> Usage:
    """What a month costs in which nobody plays, a year after the first deploy."""
    runs = _scheduled_runs(environment)
    boards = games * _BOARDS_A_YEAR * units.FULL_BOARD * _ROW_BYTES / units.GB
    keys = 2 + 5 * games
    return (
        units.store_change(keys, 4 * games) * DAYS
        + units.store_change(keys, 2)
        + Usage(
            {
                "lambda.requests": runs,
                "lambda.gb_seconds": runs * _RUN_SECONDS * LAMBDA_MEMORY_MB / 1024,
                "logs.ingest": runs * units.LOG_BYTES / units.GB,
                "dynamodb.reads": DAYS * games * _BOARDS_TRIMMED * units.QUERY_UNITS,
                "dynamodb.storage": boards,
                "dynamodb.backup": boards,
                "s3.storage": _ASSETS_GB,
                "eventbridge.schedules": runs,
                "kms.keys": 0 if environment.telemetry is None else 1,
            }
        )
        + _watched(environment)
    )


def _scheduled_runs(environment: Environment) -> int:
    """In a month: guard, trim and rotation, and those of telemetry."""
    runs = _HOURS + DAYS + 1
    if environment.telemetry is not None:
        runs += _HOURS + 1  # unfinished erasures, keys
        if environment.given(Archive) is not None:
            runs += _HOURS + DAYS  # records set aside, deleted projects
    return runs


def _watched(environment: Environment) -> Usage:
    """As if each metric were written in every hour."""
    ops = environment.ops
    if ops is None:
        return units.NOTHING
    capabilities = deployed(environment)
    every = list(alarms.alarms(capabilities))
    filters = [each for alarm in every for each in alarm.filters]
    metrics = {each.metric for each in [*filters, alarms.billed(capabilities)]}
    return Usage(
        {
            "cloudwatch.alarms": len([alarm for alarm in every if alarm.name not in ops.off]),
            "cloudwatch.metrics": len(metrics | {DRIFT_HEALED}),
            "cloudwatch.dashboards": int(ops.dashboard),
            "budgets.notifications": int(ops.budget_usd is not None),
        }
    )


_LOCK_READS: Final = _SECONDS / 300 * 2
"""Two functions that never rest look at the origin lock every five minutes."""


def _with_consequences(usage: Usage, month: Month, environment: Environment) -> Usage:
    """What follows from requests: Lambda time, logs kept, and the lock looked at."""
    requests = usage["http_api.requests"]
    return usage + Usage(
        {
            "lambda.gb_seconds": requests * month.billed_ms / 1000 * LAMBDA_MEMORY_MB / 1024,
            "logs.storage": usage["logs.ingest"] * environment.log_days / DAYS,
            "kms.requests": min(requests, _LOCK_READS),
        }
    )


def _lines(usage: Usage) -> Iterator[Line]:
    for price in price_table().prices.values():
        if usage[price.id]:
            yield Line(price, usage[price.id])
