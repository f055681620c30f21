"""A project's record is read once a minute, and belongs to its creator."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lambdas.shared.dynamo.items import packed
from lambdas.shared.http.errors import status_of
from lambdas.shared.records import table as table_module
from lambdas.shared.records.projects import Project, Retention, UnknownProject
from lambdas.shared.records.table import Projects, project_item
from local.dynamodb.tables import table_named
from tests.lambdas.two_creators import ANN, BOB, project


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def projects(dynamodb: Any, clock: Clock) -> Iterator[Projects]:
    with table_named(dynamodb, "projects") as name:
        yield Projects(dynamodb, name, clock)


def put(client: Any, kept: Project) -> Project:
    client.put_item(TableName="projects", Item=packed(project_item(kept)))
    return kept


def test_a_project_is_read_as_it_was_written(projects: Projects, dynamodb: Any) -> None:
    kept = replace(
        project(events=["death"], collections={"saves": "private"}),
        injectable=("GAME_API_KEY",),
        retention=Retention(event_days=1, session_days=2, score_days=None),
        version=7,
    )
    assert projects.named(put(dynamodb, kept).id) == kept


def test_to_anyone_but_its_creator_a_project_is_unknown(projects: Projects, dynamodb: Any) -> None:
    mine = put(dynamodb, project(ANN))
    assert projects.owned(mine.id, ANN) == mine
    for asked, creator in ((mine.id, BOB), (mine.id, ""), (project(ANN).id, ANN)):
        with pytest.raises(UnknownProject) as caught:
            projects.owned(asked, creator)
        assert (status_of(caught.value), str(caught.value)) == (404, str(UnknownProject()))


def test_a_project_is_cached_for_a_minute(projects: Projects, dynamodb: Any, clock: Clock) -> None:
    mine = put(dynamodb, project())
    assert projects.named(mine.id).name == "Snake"
    put(dynamodb, replace(mine, name="Worm"))
    clock.now += 59
    assert projects.named(mine.id).name == "Snake"
    clock.now += 1
    assert projects.named(mine.id).name == "Worm"


def test_that_a_project_is_unknown_is_believed_for_a_minute_too(
    projects: Projects, dynamodb: Any, clock: Clock
) -> None:
    mine = project()
    with pytest.raises(UnknownProject):
        projects.named(mine.id)
    put(dynamodb, mine)
    clock.now += 59
    spent = projects.spent.reads
    with pytest.raises(UnknownProject):
        projects.named(mine.id)
    assert projects.spent.reads == spent
    clock.now += 1
    assert projects.named(mine.id) == mine


def test_the_projects_read_last_are_remembered(
    projects: Projects, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_module, "MOST_CACHED", 2)
    projects = Projects(dynamodb, projects._name)
    first, second, third = (put(dynamodb, project()) for _ in range(3))

    def reads(kept: Project) -> bool:
        spent = projects.spent.reads
        projects.named(kept.id)
        return projects.spent.reads > spent

    assert [reads(each) for each in (first, second, first, second)] == [True, True, False, False]
    assert [reads(each) for each in (third, second, first)] == [True, False, True]


@pytest.mark.parametrize(
    ("kept", "days"),
    [
        (Retention(event_days=90, session_days=30, score_days=365), 366),
        (Retention(event_days=400, session_days=30, score_days=365), 401),
        (Retention(event_days=1, session_days=500, score_days=365), 501),
        (Retention(event_days=1, session_days=1, score_days=None), None),
    ],
)
def test_a_pointer_outlives_whatever_it_leads_to(kept: Retention, days: int | None) -> None:
    assert kept.pointer_days == days
