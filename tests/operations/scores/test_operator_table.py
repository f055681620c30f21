"""An operator's commands see the score table as it is now, and change what they have seen."""

from dataclasses import replace
from typing import Any

import pytest

from lambdas.scores.games import Game
from lambdas.scores.table import ScoreTable, board_key, row_key
from lambdas.shared.dynamo.items import packed
from operations.cli.audit import Audit, Record
from operations.scores.operator_table import OperatorTable, Row
from tests.lambdas.lagging import lagging
from tests.lambdas.scores.plays import Play

KEY, MONTH = board_key("snake", "all"), board_key("snake", "2026-11")
AT = "2026-11-21T12:00:00.000Z"


@pytest.fixture
def operator(table: ScoreTable, snake: Game) -> OperatorTable:
    for user_id, score in (("ann", 30), ("bob", 20)):
        for key in (KEY, MONTH):
            table.put(key, Play(user_id, score, 5, 1, user_id).entry(snake), '{"level":1}')
    return OperatorTable(table._client, "scores")


def row(operator: OperatorTable, user_id: str = "ann", board: str = KEY) -> Row:
    found = operator.row(board, user_id)
    assert found is not None
    return found


def test_a_row_is_read_with_its_meta(operator: OperatorTable) -> None:
    found = row(operator)
    assert (found.board, found.name, found.user_id) == (KEY, "U#ann", "ann")
    assert (found.meta, found.problem) == ('{"level":1}', None)
    assert found.entry is not None
    assert found.entry.score == 30
    assert operator.row(KEY, "nobody") is None


def test_an_operator_sees_the_last_write(operator: OperatorTable, snake: Game) -> None:
    """A ban that misses a row written a moment ago would leave it on the board."""
    with lagging(operator._client, "scores") as client:
        late = OperatorTable(client, "scores")
        entry = Play("cyd", 40, 5, 1, "cyd").entry(snake)
        for key in (KEY, MONTH):
            operator.put(key, entry, None)
        assert row(late, "cyd").entry == entry
        rows = list(late.rows_of([KEY, MONTH, board_key("snake", "2026-W47")], "cyd"))
        assert {each.board for each in rows} == {KEY, MONTH}
        assert {each.user_id for each in late.whole_rows(KEY)} == {"ann", "bob", "cyd"}


def test_a_command_is_in_the_audit_as_soon_as_it_is_recorded(operator: OperatorTable) -> None:
    with lagging(operator._client, "scores") as client:
        audit = Audit(operator._client, "scores")
        with audit.recorded(Record(AT, "ann@example.org", "ban", {"user": "cyd"})):
            [begun] = Audit(client, "scores").listed("2026-11", 10)
            assert begun.outcome == "started"
        [done] = Audit(client, "scores").listed("2026-11", 10)
    assert (done.who, done.command, done.arguments) == ("ann@example.org", "ban", {"user": "cyd"})
    assert done.outcome == "done"


def test_a_command_that_failed_is_recorded_as_failed(operator: OperatorTable) -> None:
    audit = Audit(operator._client, "scores")
    with (
        pytest.raises(ConnectionError),
        audit.recorded(Record(AT, "ann@example.org", "ban", {})),
    ):
        raise ConnectionError
    [failed] = audit.listed("2026-11", 10)
    assert failed.outcome == "failed: ConnectionError"


def test_a_finished_record_is_never_written_again(operator: OperatorTable) -> None:
    audit = Audit(operator._client, "scores")
    record = Record(AT, "ann@example.org", "ban", {"user": "cyd"})
    with audit.recorded(record):
        pass
    audit._write(record)  # as a client does that has missed the answer
    changes: tuple[dict[str, Any], ...] = (
        {"outcome": "failed"},
        {"who": "bob@example.org"},
        {"arguments": {}},
    )
    for change in changes:
        forged = replace(record, **change)
        with pytest.raises(operator._client.exceptions.ConditionalCheckFailedException):
            audit._write(forged)
    assert [each.arguments for each in audit.listed("2026-11", 10)] == [{"user": "cyd"}]


def test_the_audit_is_listed_newest_first_and_by_month(operator: OperatorTable) -> None:
    audit = Audit(operator._client, "scores")
    for at in ("2026-10-31T23:59:59.999Z", AT, "2026-11-22T00:00:00.000Z"):
        with audit.recorded(Record(at, "ann", "hide", {})):
            pass
    assert [each.at[:10] for each in audit.listed("2026-11", 10)] == ["2026-11-22", "2026-11-21"]
    assert [each.at[:10] for each in audit.listed("2026-11", 1)] == ["2026-11-22"]


def test_rows_that_could_not_be_read_at_once_are_asked_for_again(operator: OperatorTable) -> None:
    class Busy:
        """Leaves one key of each batch unread, as a busy table does."""

        def batch_get_item(self, **request: Any) -> Any:
            [(table, asked)] = request["RequestItems"].items()
            kept, left = asked["Keys"][:1], asked["Keys"][1:]
            answer = operator._client.batch_get_item(RequestItems={table: asked | {"Keys": kept}})
            answer["UnprocessedKeys"] = {table: {"Keys": left}} if left else {}
            return answer

    busy: Any = Busy()
    rows = OperatorTable(busy, "scores").rows_of([KEY, MONTH], "ann")
    assert [each.board for each in rows] == [KEY, MONTH]


def test_a_hidden_row_is_shown_again_with_all_it_had(operator: OperatorTable) -> None:
    before = row(operator)
    assert operator.hide(before, AT)
    hidden = row(operator)
    assert hidden.entry is not None
    assert hidden.entry.hidden_at == AT
    assert operator.unhide(hidden)
    assert row(operator) == before


def test_a_row_that_is_gone_cannot_be_changed(operator: OperatorTable) -> None:
    gone = row(operator)
    assert operator.delete(gone)
    assert not operator.hide(gone, AT)
    assert not operator.rename(gone, "Ann")
    assert operator.row(KEY, "ann") is None


def test_a_row_that_has_changed_since_it_was_read_is_not_deleted(
    operator: OperatorTable, snake: Game
) -> None:
    seen = row(operator)
    operator.put(KEY, Play("ann", 99, 5, 2, "better").entry(snake), None)
    assert not operator.delete(seen)
    assert row(operator).item["score"] == 99


def test_an_import_keeps_equal_or_better_entries_unless_it_replaces(
    operator: OperatorTable, snake: Game
) -> None:
    same, worse, better = (
        Play("ann", score, 5, 1, "imported").entry(snake) for score in (30, 10, 50)
    )
    assert not operator.bring(KEY, snake.order, same, None)
    assert not operator.bring(KEY, snake.order, worse, None)
    assert row(operator).meta == '{"level":1}'
    assert operator.bring(KEY, snake.order, better, None)
    assert (row(operator).item["score"], row(operator).meta) == (50, None)
    assert operator.replace(KEY, worse, '{"level":2}')
    assert (row(operator).item["score"], row(operator).meta) == (10, '{"level":2}')


def test_an_import_compares_rows_of_a_former_order_in_the_order_of_today(
    operator: OperatorTable, snake: Game
) -> None:
    fastest = (("timeMs", "asc"),)
    today = replace(snake, order=fastest)
    slower, faster = (Play("ann", 1, time_ms, 1, "imported").entry(today) for time_ms in (6, 4))
    assert not operator.bring(KEY, fastest, slower, None)
    assert operator.bring(KEY, fastest, faster, None)
    item = operator._client.get_item(TableName="scores", Key=packed(row_key(KEY, "ann")))["Item"]
    assert (item["timeMs"], item["rk"]) == ({"N": "4"}, {"S": faster.rk})
