"""Items of Insights that an earlier version stored are read as it read them."""

import json
from typing import Any, Final

import pytest

from tests.gate.changes import unkept
from tests.gate.insights import answers, items, put, store
from tests.gate.record_insights import stored_nowhere
from tests.gate.recorded import INSIGHTS

RECORDED: Final = json.loads(INSIGHTS.read_text(encoding="utf-8"))
FORMS: Final = {
    *("D", "E", "FN", "H", "META CATALOGUE", "META SCHEMA", "SALT"),
    *("K", "USERS", "F", "V", "C", "L", "S", "minutes"),
}


def form(table: str, item: dict[str, Any]) -> str:
    if table == "minutes":
        return table
    kind = str(item["PK"]["S"]).partition("#")[0]
    return f"META {item['SK']['S'].partition('#')[0]}" if kind == "META" else kind


def forms(stored: dict[str, list[Any]]) -> dict[str, set[str]]:
    """The attributes of each form."""
    found: dict[str, set[str]] = {}
    for table, each_of in stored.items():
        for each in each_of:
            found.setdefault(form(table, each), set()).update(each)
    return found


def test_every_form_of_item_is_recorded() -> None:
    assert set(forms(RECORDED["items"])) == FORMS


def test_recorded_items_are_read_as_they_were() -> None:
    with stored_nowhere() as client:
        put(client, RECORDED["items"])
        found = json.loads(json.dumps(answers(client)))
    assert [str(change) for change in unkept(RECORDED["answers"], found)] == []


def test_a_new_attribute_is_recorded_too() -> None:
    """Else the record would not show that later versions can read it."""
    with stored_nowhere() as client:
        store(client)
        now = forms(items(client))
    recorded = forms(RECORDED["items"])
    assert {name: now[name] - recorded[name] for name in now} == {name: set() for name in now}


@pytest.mark.parametrize("table", ["insights", "functions", "keys", "runs"])
def test_a_lost_item_is_noticed(table: str) -> None:
    changed = {**RECORDED["items"], table: []}
    with stored_nowhere() as client:
        put(client, changed)
        try:
            found = json.loads(json.dumps(answers(client)))
        except Exception:  # noqa: BLE001
            return
    assert list(unkept(RECORDED["answers"], found))
