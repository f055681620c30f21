"""The doctor's checks of the score table and the nightly trim."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.capabilities import archive, scores, telemetry
from config.capabilities.telemetry import Telemetry
from config.environments import COMPLETE, DELIVERED, LOCAL, Environment
from lambdas.scores.table import ScoreTable
from lambdas.shared.values.clock import iso
from operations.cli.output import Output, short_time
from operations.cli.session import Session
from operations.cli.target import Target
from operations.doctor.checks import functions
from operations.scores.checks import table as score_table
from operations.scores.checks import trim as nightly_trim
from operations.scores.scores import Scores


@pytest.fixture(scope="module")
def dynamodb(moto: Any) -> Any:
    """Dynalite has no backups."""
    return moto


def looked(dynamodb: Any, environment: Environment) -> tuple[str, str]:
    target = SimpleNamespace(shared=lambda _: dynamodb, environment=environment)
    session = Session(cast("Target", target), Output(as_json=True))
    session.own(Scores).__dict__["table_name"] = "scores"
    finding = score_table.run(session)
    return finding.state, finding.detail


@pytest.mark.usefixtures("table")
def test_a_table_without_protection_is_broken_only_in_production(dynamodb: Any) -> None:
    assert looked(dynamodb, DELIVERED) == (
        "broken",
        "it has no point-in-time recovery; it has no deletion protection",
    )
    assert looked(dynamodb, LOCAL)[0] == "ok"
    assert looked(dynamodb, replace(DELIVERED, keep_data=False))[0] == "ok"


def test_a_protected_table_passes(dynamodb: Any, table: ScoreTable) -> None:
    dynamodb.update_continuous_backups(
        TableName="scores",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    assert looked(dynamodb, DELIVERED) == ("broken", "it has no deletion protection")
    dynamodb.update_table(TableName="scores", DeletionProtectionEnabled=True)
    assert looked(dynamodb, DELIVERED)[0] == "ok"
    dynamodb.update_table(TableName="scores", DeletionProtectionEnabled=False)
    assert table.spent.writes == 0


def test_a_missing_table_is_reported(dynamodb: Any) -> None:
    state, detail = looked(dynamodb, DELIVERED)
    assert state == "broken"
    assert "ResourceNotFoundException" in detail


SOME = {
    scores.PUT_SCORE.name,
    telemetry.INGEST.name,
    archive.FEED.name,
    archive.BRING_BACK.name,
    archive.PRUNE.name,
}


class Lambdas:
    """All there are, and which of them were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    exceptions = SimpleNamespace(ResourceNotFoundException=KeyError)

    def get_function_configuration(self, **named: str) -> dict[str, str]:
        self.asked.add(named["FunctionName"])
        return {"State": "Active", "LastUpdateStatus": "Successful"}


@pytest.mark.parametrize(
    ("environment", "has"),
    [
        (DELIVERED, {scores.PUT_SCORE.name}),
        (
            replace(DELIVERED, capabilities=(Telemetry(issuer="https://example.com"),)),
            {scores.PUT_SCORE.name, telemetry.INGEST.name},
        ),
        (COMPLETE, SOME),
    ],
    ids=["scores", "telemetry", "archive"],
)
def test_only_functions_of_the_environment_are_expected(
    environment: Environment, has: set[str]
) -> None:
    client = Lambdas()
    target = SimpleNamespace(shared=lambda _: client, environment=environment)
    session = Session(cast("Target", target), Output(as_json=True))
    assert functions.run(session).state == "ok"
    assert client.asked & SOME == has


NIGHT_MS = 1_800_000_000_000


def told(*lines: dict[str, Any]) -> tuple[str, str]:
    """Of a function's log in which these lines stand, a minute after the other."""
    events = [
        {"timestamp": NIGHT_MS + 60_000 * minute, "message": json.dumps(line)}
        for minute, line in enumerate(lines)
    ]
    paginator = SimpleNamespace(paginate=lambda **_: [{"events": events}])
    client = SimpleNamespace(get_paginator=lambda _: paginator)
    session = Session(
        cast("Target", SimpleNamespace(shared=lambda _: client)), Output(as_json=True)
    )
    session.now_ms = NIGHT_MS + 3_600_000
    session.own(Scores).__dict__["since_ms"] = 0
    finding = nightly_trim.run(session)
    return finding.state, finding.detail


TRIMMED = {"message": "trimmed", "game": "snake", "period": "all", "unreadable": 0}
FINISHED = {"message": "trim finished", "boards": 13}


def test_a_night_counts_once_all_boards_are_trimmed() -> None:
    state, detail = told(TRIMMED)
    assert (state, detail) == ("broken", "it has not run in the last 26 hours")
    state, detail = told(TRIMMED, FINISHED, TRIMMED)
    assert (state, detail) == ("ok", f"ran at {short_time(iso(NIGHT_MS + 60_000))}")


def test_a_failed_board_is_reported_until_it_is_trimmed() -> None:
    failed = {"message": "failed on a board", "game": "snake", "period": "all"}
    assert told(TRIMMED, FINISHED, failed) == ("broken", "the last trim failed on snake/all")
    assert told(FINISHED, failed, TRIMMED)[0] == "ok"
