"""Requests that are refused count against the limits of their sender."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.shared.keys.identities import household
from tests.lambdas.stage import PROJECT, Stage, staged

NOW_MS = 1_795_262_400_000


class Clock:
    """Each test has an hour of its own."""

    hours = 0

    def __init__(self) -> None:
        Clock.hours += 1
        self.ms = NOW_MS + Clock.hours * 3_600_000

    def ns(self) -> int:
        return self.ms * 1_000_000


@pytest.fixture(scope="module")
def shared(dynamodb: Any) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, staged(dynamodb, patch) as stage:
        yield stage


@pytest.fixture
def stage(shared: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    shared.clock = Clock()
    monkeypatch.setattr("time.time_ns", shared.clock.ns)
    return shared


def counted(stage: Stage) -> int:
    """The requests of this test's minute."""
    minute = str(stage.clock.ms // 60_000)
    rows = [row for row in stage.items("rates") if row["PK"]["S"].endswith(f"#{minute}")]
    return sum(int(row["n"]["N"]) for row in rows)


SESSION = "019aa5b0-0000-7000-8000-0000000000aa"
REFUSED = [
    ("session", "{"),
    ("session", {"projectId": "nothing"}),
    ("event", "{"),
    ("event", {"sessionId": SESSION, "token": "forged"}),
    ("events", {"sessionId": SESSION, "token": "forged", "events": []}),
    ("session/renew", {"sessionId": SESSION}),
]


@pytest.mark.parametrize(("path", "body"), REFUSED)
def test_a_request_that_is_refused_counts(stage: Stage, path: str, body: Any) -> None:
    assert stage.post(path, body).status in {400, 401}
    assert counted(stage) == 1


def test_an_event_that_is_not_allowed_counts(stage: Stage) -> None:
    session = stage.post("session", {"projectId": PROJECT.id}).body
    own = {name: session[name] for name in ("sessionId", "token")}
    assert stage.post("event", {**own, "eventName": "nobody_declared_it"}).status == 422
    assert counted(stage) == 2


def test_rubbish_of_one_address_is_refused_after_its_limit_and_then_costs_no_write(
    stage: Stage,
) -> None:
    statuses = [stage.post("event", "{", address="198.51.100.7").status for _ in range(70)]
    assert statuses == [400] * 60 + [429] * 10
    assert counted(stage) == 60
    spent = stage.module("telemetry.ingest").rates.spent
    assert spent.writes == 0
    assert stage.post("event", "{", address="198.51.100.8").status == 400


def test_custom_data_counts_what_it_refuses(stage: Stage) -> None:
    reply = stage.call(
        "data.api",
        "GET /api/data/{collection}",
        path={"collection": "levels"},
        authorization="Bearer forged",
    )
    assert reply.status == 401
    assert counted(stage) == 1


def test_a_subscriber_of_ipv6_is_counted_by_the_48_bits_that_providers_give() -> None:
    own = {household(each) for each in ("2001:db8:7::1", "2001:db8:7:ffff::1")}
    assert own == {"2001:db8:7::/48"}
    assert household("2001:db8:8::1") not in own
