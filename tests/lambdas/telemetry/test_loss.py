"""Each event is stored once and counted once, whatever call fails."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from lambdas.shared.counters.counters import Counters
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.values.uuids import uuid7
from tests.lambdas.stage import PROJECT, Crashed, Faults, Stage, staged

EVENTS: Final = 10_000
SESSIONS: Final = 40
NOW_MS: Final = 1_795_262_400_000
_BATCHED: Final = 0.9


@pytest.fixture
def stage(moto: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with staged(moto, monkeypatch, streamed=True) as stage:
        monkeypatch.setattr("time.sleep", lambda _: None)
        for name in ("telemetry.ingest", "telemetry.count"):
            monkeypatch.setattr(stage.module(name).table, "_wait", lambda _: None)
        yield stage


class Game:
    """A game at a browser: whatever is not acknowledged is sent again, with the same ids."""

    def __init__(self, stage: Stage, address: str) -> None:
        self._stage = stage
        self._address = address
        self._session: dict[str, Any] = {}

    def start(self, player: str | None) -> None:
        self._session = self._until_taken("session", {"projectId": PROJECT.id, "playerKey": player})
        del self._session["expiresAt"]

    def say(self, path: str, content: dict[str, Any]) -> None:
        self._until_taken(path, {**self._session, **content})

    def batch(self, events: list[dict[str, Any]]) -> None:
        left = events
        while left:
            results = self._until_taken("events", {**self._session, "events": left})["results"]
            assert [result["id"] for result in results] == [event["id"] for event in left]
            assert all(result["ok"] or result["retry"] for result in results), results
            left = [event for event, result in zip(left, results, strict=True) if not result["ok"]]

    def _until_taken(self, path: str, body: Any) -> Any:
        while True:
            try:
                reply = self._stage.post(path, body, address=self._address)
            except Crashed:
                continue
            if reply.status == 200:
                return reply.body
            assert reply.code == (503, "busy"), reply.body


def events_of(chance: random.Random, number: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{chance.getrandbits(128):032x}",
            "eventName": chance.choice(PROJECT.events),
            "data": {"stage": chance.randint(1, 9)},
        }
        for _ in range(number)
    ]


def play(stage: Stage, chance: random.Random) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for number in range(SESSIONS):
        game = Game(stage, f"198.51.100.{number}")
        game.start(chance.choice([None, f"player-{number % 17}"]))
        events = events_of(chance, EVENTS // SESSIONS)
        for event in events:
            plain = event["id"]
            event["id"] = "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
        told += events
        while events:
            size = chance.randint(20, 25) if chance.random() < _BATCHED else 1
            some, events = events[:size], events[size:]
            if size == 1:
                game.say("event", some[0])
            else:
                game.batch(some)
        for _ in range(2):
            game.say("score", {"id": uuid7(NOW_MS), "score": chance.randint(-9, 99_999)})
        if chance.random() < 0.7:
            game.say("session/end", {})
    return told


def deliver(stage: Stage, chance: random.Random) -> int:
    """Delivers as Lambda does: in order within a shard, again after failures, in other batches."""
    count = stage.module("telemetry.count").handler
    shards: defaultdict[int, list[Any]] = defaultdict(list)
    for record in stage.stream():
        shards[int(record["dynamodb"]["Keys"]["PK"]["S"][-1], 36) % 3].append(record)
    places = dict.fromkeys(shards, 0)
    deliveries = 0
    while open_shards := [shard for shard in shards if places[shard] < len(shards[shard])]:
        shard = chance.choice(open_shards)
        first, size = places[shard], chance.randint(1, 300)
        behind = chance.randint(0, 40) if chance.random() < 0.2 else 0
        deliveries += 1
        batch = shards[shard][max(0, first - behind) : first + size]
        # Even what was done well is handed on again, where nobody heard of it.
        if counted(count, batch) and chance.random() > 0.05:
            places[shard] = first + size
    return deliveries


def counted(count: Callable[..., None], batch: list[Any]) -> bool:
    try:
        count({"Records": batch}, None)
    except (Crashed, ClientError):
        return False
    return True


def recount(items: list[Any]) -> Counters:
    counters = Counters()
    for item in items:
        session_id, kind, *_ = item["SK"]["S"].split("#")
        if kind == "0":
            counters.add_session(item.get("player", {"S": session_id})["S"])
            if "ended" in item:
                lasted = int(item["ended"]["N"]) - int(item["at"]["N"])
                counters.lengths.add(lasted // 1000)
        elif kind == "E":
            counters.add_event(item["name"]["S"])
        else:
            counters.scores.add(int(item["score"]["N"]))
    return counters


@pytest.mark.parametrize("seed", [1])
def test_each_of_ten_thousand_events_is_kept_once_and_counted_once(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    ingest = stage.module("telemetry.ingest")
    faults = Faults(ingest.client, chance, throttled=0.02, cut=0.3, crash=0.02)
    told = play(stage, chance)
    assert min(faults.met.values()) > 20, faults.met
    faults.end()

    items = [item for item in stage.items("telemetry") if item["PK"]["S"].startswith("P#")]
    kept = [item["SK"]["S"].split("#")[2] for item in items if "#E#" in item["SK"]["S"]]
    assert sorted(kept) == sorted(event["id"] for event in told)

    count = stage.module("telemetry.count")
    faults = Faults(count.table._client, chance, throttled=0.05, cut=0, crash=0.08)
    assert deliver(stage, chance) > 60
    assert faults.met["crashed"] > 5
    faults.end()
    days = CounterTable(stage.dynamodb, "telemetry").days(PROJECT.id, "2000-01-01", "2099-01-01")
    assert Counters.merged(counters for _, counters in days) == recount(items)
