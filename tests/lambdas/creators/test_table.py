"""Projects, their owners, and the audit that is written with each change or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lambdas.creators import table as creator_table
from lambdas.creators.errors import ProjectChanged, TooManyProjects
from lambdas.creators.table import CreatorTable
from lambdas.shared.dynamo.transactions import write_together
from lambdas.shared.records.audit import Record
from lambdas.shared.records.projects import UnknownProject
from lambdas.shared.records.table import BeingErased
from local.dynamodb.tables import table_named
from tests.lambdas.lagging import lagging
from tests.lambdas.two_creators import ANN, BOB, NOW, created, everything, project, record


@pytest.fixture
def table(moto: Any) -> Iterator[CreatorTable]:
    with table_named(moto, "creators") as name:
        yield CreatorTable(moto, name)


def audited(table: CreatorTable, creator_id: str = ANN) -> list[Record]:
    return table.audit(creator_id, "2026-11", after=None, limit=100).records


def actions(table: CreatorTable, creator_id: str = ANN) -> list[str]:
    return [each.action for each in audited(table, creator_id)]


def test_a_project_is_its_creators_alone(table: CreatorTable) -> None:
    mine = created(table)
    assert table.project(mine.id, ANN) == mine
    assert [(each.id, each.name) for each in table.projects(ANN)] == [(mine.id, "Snake")]
    assert table.projects(BOB) == []
    for asked in (mine.id, "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(UnknownProject):
            table.project(asked, BOB)


def test_a_change_is_listed_and_noted(table: CreatorTable) -> None:
    mine = created(table)
    named = replace(mine, name="Snäke", version=2)
    table.change(named, record("project.change", project_id=mine.id))
    assert table.project(mine.id, ANN) == named
    assert [each.name for each in table.projects(ANN)] == ["Snäke"]
    assert sorted(actions(table)) == ["project.change", "project.create"]


def test_a_creator_sees_what_it_has_just_done(table: CreatorTable, moto: Any) -> None:
    gone = created(table)
    with lagging(moto, "creators") as client:
        late = CreatorTable(client, "creators")
        mine = created(table)
        assert table.remove(gone)
        assert late.project(mine.id, ANN) == mine
        assert [each.id for each in late.projects(ANN)] == [mine.id]
        with pytest.raises(UnknownProject):
            late.project(gone.id, ANN)


def test_a_second_request_for_erasure_returns_the_first_job(
    table: CreatorTable,
) -> None:
    with lagging(table._client, "creators") as client:
        late = CreatorTable(client, "creators")
        assert late.begin_erasing(ANN, "job") == "job"
        assert late.begin_erasing(ANN, "another") == "job"
        with pytest.raises(BeingErased):
            created(late)


def test_of_two_changes_to_the_same_version_one_holds(table: CreatorTable) -> None:
    mine = created(table)
    note = record("project.change", project_id=mine.id)
    table.change(replace(mine, name="first", version=2), note)
    with pytest.raises(ProjectChanged):
        table.change(replace(mine, name="second", version=2), record("project.change"))
    assert table.project(mine.id, ANN).name == "first"
    assert len(audited(table)) == 2


def test_a_project_that_is_gone_or_anothers_cannot_be_changed(table: CreatorTable) -> None:
    mine = created(table)
    for stolen in (replace(mine, creator_id=BOB, version=2), project()):
        with pytest.raises(UnknownProject):
            table.change(stolen, record("project.change", stolen.creator_id))
    assert table.project(mine.id, ANN) == mine
    assert audited(table, BOB) == []


def test_removed_it_is_unknown_and_makes_room(
    table: CreatorTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(creator_table, "MOST_PROJECTS", 2)
    first = created(table)
    created(table)
    with pytest.raises(TooManyProjects, match="at most 2 projects"):
        created(table)
    assert len(table.projects(ANN)) == 2
    assert actions(table) == ["project.create"] * 2
    assert not table.remove(replace(first, creator_id=BOB))
    assert table.remove(first, table.note(record("project.delete", project_id=first.id)))
    assert not table.remove(first, table.note(record("project.delete", project_id=first.id)))
    assert actions(table).count("project.delete") == 1
    with pytest.raises(UnknownProject):
        table.project(first.id, ANN)
    created(table)


def test_a_creator_that_is_being_erased_begins_nothing(table: CreatorTable) -> None:
    mine = created(table)
    assert table.begin_erasing(ANN, "job") == "job"
    assert table.begin_erasing(ANN, "another") == "job"
    with pytest.raises(BeingErased):
        created(table)
    assert write_together(table._client, table.spent, [table.still_here(ANN, NOW)]) == 0
    assert table.remove(mine)
    created(table, BOB)


def test_a_creator_is_known_since_its_first_write(table: CreatorTable) -> None:
    assert table.known_since(ANN) is None
    write_together(table._client, table.spent, [table.still_here(ANN, "2026-01-01")])
    created(table)
    assert table.known_since(ANN) == "2026-01-01"
    write_together(table._client, table.spent, [table.forgetting(ANN)])
    assert table.known_since(ANN) is None


def test_ownership_can_be_demanded_with_a_write(table: CreatorTable) -> None:
    mine = created(table)
    client, spent = table._client, table.spent
    assert write_together(client, spent, [table.still_owned(mine.id, ANN)]) is None
    assert write_together(client, spent, [table.still_owned(mine.id, BOB)]) == 0
    assert write_together(client, spent, [table.still_owned("gone", ANN)]) == 0


def test_the_audit_is_read_newest_first_and_in_pages(table: CreatorTable) -> None:
    for number in range(5):
        note = replace(record("key.put", key=f"K{number}"), id=f"019aa000-0000-7000-{number}")
        write_together(table._client, table.spent, [table.note(note)])
    month = note.month
    first = table.audit(ANN, month, after=None, limit=2)
    second = table.audit(ANN, month, after=first.next, limit=2)
    third = table.audit(ANN, month, after=second.next, limit=2)
    keys = [each.key for page in (first, second, third) for each in page.records]
    assert keys == ["K4", "K3", "K2", "K1", "K0"]
    assert third.next is None


def test_a_blurred_audit_shows_who_and_when_and_no_more(table: CreatorTable) -> None:
    mine = created(table)
    write_together(
        table._client, table.spent, [table.note(record("key.put", project_id=mine.id, key="K"))]
    )
    before = audited(table)
    for each in before:
        table.blur(each)
        table.blur(each)
    after = audited(table)
    assert after == [replace(each, project_id=None, key=None) for each in before]
    assert not any("envKey" in item for item in everything(table._client, "creators"))


def test_a_record_is_written_once(table: CreatorTable) -> None:
    mine = created(table)
    [first] = audited(table)
    forged = replace(first, action="project.delete", project_id=None)
    table.record(forged)
    renamed = replace(mine, name="Snäke", version=2)
    with pytest.raises(ProjectChanged):
        table.change(renamed, forged)
    assert audited(table) == [first]
    assert table.project(mine.id, ANN) == mine
