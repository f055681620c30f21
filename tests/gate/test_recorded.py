"""The record is whole: every form of item, and every key, parameter and file beside the tables."""

import gzip
import json
import re
from collections import defaultdict
from typing import Any

from tests.gate.changes import unkept
from tests.gate.questions import QUESTIONS, is_failure
from tests.gate.recorded import ANSWERS, ITEMS

RECORDED = json.loads(gzip.decompress(ITEMS.read_bytes()))
OLD = json.loads(ANSWERS.read_text(encoding="utf-8"))
MOST_BYTES = 300_000
JOB = "creatorId kind pending reached removed stepsDone takenAt targets turn"
PROJECT = (
    "collections createdAt creatorId eventDays events injectable name scoreDays sessionDays"
    " updatedAt version"
)
FORMS = {
    "scores AUDIT": "arguments command counts outcome who",
    "scores G U": "hiddenAt meta moved play rk score timeMs updatedAt userName",
    "scores INVALIDATIONS": "at#… expires spent",
    "telemetry C D": "events lengths players scores seen sessions version",
    "telemetry P 0": "at ended expires ip player ua",
    "telemetry P C": "at expires metadata player score",
    "telemetry P E": "at clientAt data expires name",
    "telemetry PL": "expires",
    "rates": "expires n s…",
    "data COLLECTIONS": "names",
    "data I": "created data owner updated",
    "data O": "created data owner updated",
    "creators AU": "action envKey projectId",
    "creators CR CREATOR": "erasing projects since",
    "creators CR PROJECT": "createdAt name",
    "creators JOB": f"{JOB} endedAt expires worker",
    "creators JOBS": "",
    "creators PR PROJECT": PROJECT,
    "secrets ENV": "createdAt kms_key updatedAt value_enc",
    "secrets NAMES": "listed made#…",
}
WORD = re.compile(
    r"AUDIT|G|U|INVALIDATIONS|C|D|P|0|E|PL|COLLECTIONS|I|O|AU|CR|CREATOR|PROJECT|JOBS?|PR|ENV|NAMES"
)
ONE_OF_MANY = re.compile(r"(?:(at#|made#).+|(s)[0-9a-f]{6})")


def form(table: str, item: dict[str, Any]) -> str:
    """The kind of the item, by the words in its key."""
    places = [item[name]["S"].split("#") for name in ("PK", "SK") if name in item]
    words = [next((part for part in place if WORD.fullmatch(part)), "") for place in places]
    return " ".join(dict.fromkeys(filter(None, [table, *words])))


def attribute(name: str) -> str:
    found = ONE_OF_MANY.fullmatch(name)
    return f"{found[1] or found[2]}…" if found else name


def test_every_form_of_item_is_recorded_with_every_attribute() -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for table, items in RECORDED["tables"].items():
        for item in items:
            found[form(table, item)] |= {attribute(name) for name in item.keys() - {"PK", "SK"}}
    assert found == {name: set(attributes.split()) for name, attributes in FORMS.items()}


def test_values_outside_the_tables_are_recorded() -> None:
    edge = RECORDED["edge"]
    assert {key.partition("#")[0] for key in edge} == {
        "ban",
        "cfgthr",
        "k_current",
        "k_prev",
        "limits",
    }
    assert any("thr" in json.loads(value) for key, value in edge.items() if "#p:" in key)
    assert [len(value.split(",")) for value in RECORDED["parameters"].values()] == [2, 2, 1]
    assert {key.partition("/")[0] for key in RECORDED["files"]["archive"]} >= {"_aside"}
    assert RECORDED["files"]["backups"]
    assert {secret["context"]["owner"].partition("/")[0] for secret in RECORDED["secrets"]} == {
        "creator",
        "project",
    }


def test_erasures_are_recorded_done_under_way_and_not_begun() -> None:
    jobs = [item for item in RECORDED["tables"]["creators"] if item["PK"]["S"].startswith("JOB#")]
    assert {job["kind"]["S"] for job in jobs if "endedAt" in job} == {
        "creator",
        "player",
        "project",
    }
    waiting = [job for job in jobs if "endedAt" not in job]
    assert sorted(bool(job["pending"]["L"]) for job in waiting) == [False, True]


def test_every_question_was_answered() -> None:
    assert list(OLD) == list(QUESTIONS)
    assert not [name for name, answer in OLD.items() if is_failure(answer)]


def test_the_record_is_small_and_says_which_version_it_is_of() -> None:
    assert ITEMS.stat().st_size + ANSWERS.stat().st_size < MOST_BYTES
    assert re.fullmatch(r"[0-9a-f]{40}", RECORDED["commit"])


def test_an_answer_may_say_more_than_before_and_not_less() -> None:
    before = {"items": [{"rank": 1, "score": 5}], "total": 1}
    more = {"items": [{"rank": 1, "score": 5, "verified": True}], "total": 1, "from": 1}
    assert list(unkept(before, more)) == []
    for less, told in (
        ({"items": [{"rank": 1, "score": 5}]}, ["total: was 1, is <absent>"]),
        ({"items": [{"rank": 1, "score": 6}], "total": 1}, ["items.0.score: was 5, is 6"]),
        ({"items": [], "total": 1}, ['items.0: was {"rank": 1, "score": 5}, is <absent>']),
        ({"items": [{"rank": 1, "score": 5}, {}], "total": 1}, ["items.1: was <absent>, is {}"]),
    ):
        assert [str(change) for change in unkept(before, less)] == told
