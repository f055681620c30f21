"""A creator with a project for each of the arcade's games, and three weeks of telemetry."""

import json
import random
import time
from collections.abc import Iterator
from typing import Final

from config.capabilities import creators, telemetry
from config.capabilities.telemetry import Telemetry
from config.environments import LOCAL
from config.games import load_games
from lambdas.creators.project_settings import new_project
from lambdas.creators.table import CreatorTable
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.counters.tally import Began, Change, Fact, Happened, Length, Scored
from lambdas.shared.records.audit import Record
from lambdas.shared.records.projects import UnknownProject
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import uuid7
from local.cloud import Cloud
from local.issuer import creator_id
from local.seeds import Hint

CREATOR: Final = "demo@example.org"
EVENTS: Final = ("start", "level_up", "game_over")
_DAYS: Final = 21
_DAY_MS: Final = 24 * 3600 * 1000
_REGULARS: Final = 400
_BEST: Final = {"snake": 200, "bricks": 3000, "minesweeper": 1}


def seed(cloud: Cloud) -> None:
    """Leaves projects that exist as they are."""
    dynamodb = cloud.client("dynamodb")
    found = CreatorTable(dynamodb, _name(cloud, creators.TABLE.parameter))
    counters = CounterTable(dynamodb, _name(cloud, telemetry.TABLE.parameter))
    now_ms = time.time_ns() // 1_000_000
    for game_id, project_id in LOCAL.settings(Telemetry).projects.items():
        if not _exists(found, project_id):
            _create(found, game_id, project_id, now_ms - _DAYS * _DAY_MS)
            counters.count((project_id, change) for change in _history(game_id, now_ms))


def hints(site: str) -> Iterator[Hint]:
    yield "creators", f"{site}/creator.html   (any email address signs in; {CREATOR} has projects)"


def _name(cloud: Cloud, parameter: str) -> str:
    return str(cloud.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"])


def _exists(creators: CreatorTable, project_id: str) -> bool:
    try:
        creators.project(project_id, creator_id(CREATOR))
    except UnknownProject:
        return False
    return True


def _create(creators: CreatorTable, game_id: str, project_id: str, at_ms: int) -> None:
    body = {"name": load_games()[game_id].title, "events": EVENTS}
    creator = creator_id(CREATOR)
    project = new_project(
        json.dumps(body).encode(), project_id=project_id, creator_id=creator, now=iso(at_ms)
    )
    record = Record(
        id=uuid7(at_ms), creator_id=creator, action="project.create", project_id=project_id
    )
    creators.create(project, record)


def _history(game_id: str, now_ms: int) -> Iterator[Change]:
    """Invented, and the same each time: busier at weekends, and growing."""
    chance = random.Random(game_id)
    sequence = 0
    for ago in range(_DAYS, 0, -1):
        at = now_ms - ago * _DAY_MS
        weekend = time.gmtime(at / 1000).tm_wday > 4
        visits = int((24 - ago / 2) * chance.uniform(0.8, 1.6) * (1.7 if weekend else 1))
        for _ in range(visits):
            for fact in _visit(game_id, chance):
                sequence += 1
                yield Change("demo", sequence, at, fact)


def _visit(game_id: str, chance: random.Random) -> Iterator[Fact]:
    yield Began(f"demo {int(chance.paretovariate(0.6)) % _REGULARS}")
    best = _BEST.get(game_id, 100)
    for _ in range(chance.randint(1, 5)):
        yield Happened("start")
        if game_id == "bricks":
            yield from (Happened("level_up") for _ in range(int(chance.expovariate(1.5))))
        yield Happened("game_over")
        yield Scored(max(1, int(chance.betavariate(1.6, 4) * best)))
    yield Length(int(chance.lognormvariate(5, 0.8)))
