"""What the APIs answer for questions of time, for comparisons, and for each role."""

import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from lambdas.insights.aggregates import Aggregate
from lambdas.insights.periods import same_parts
from lambdas.insights.questions import window_in
from lambdas.insights.registry import OWN, Registered
from lambdas.insights.routes import ROUTES as INSIGHTS
from lambdas.runner.routes import ROUTES as FUNCTIONS
from lambdas.shared.api_users.access import ABOUT_ALL
from lambdas.shared.api_users.api_keys import NewKey
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.clock import day_after, day_of, iso
from tests.lambdas.insights.logs import HOUR_MS, NOON, line
from tests.lambdas.insights.stage import Stage, staged

FN: Final = "python-get-ranking"
TODAY: Final = "2026-11-21"


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with staged(monkeypatch) as stage:
        yield stage


def at(monkeypatch: pytest.MonkeyPatch, ms: int) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: ms * 1_000_000)


# Times


def rows(stage: Stage, key: NewKey, **query: str) -> list[int]:
    """The minutes before noon of all pages of rows, the newest first."""
    found: list[int] = []
    cursor = dict[str, str]()
    while True:
        given = {"limit": "3", **query, **cursor}
        said = stage.ask(key, "GET /api/insights/requests", query=given).body
        found += [(NOON - each["ms"]) // 60_000 for each in said["items"]]
        if said["cursor"] is None:
            return found
        cursor = {"cursor": said["cursor"]}


def test_requests_of_an_hour_or_of_the_last_minutes_are_found_whatever_file_they_came_in(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stage.user("ann", "readonly")
    before = [1, 5, 59, 61, 119, 121, 200, 700, 719, 721, 800, 1500]
    lines = [
        line(number, **{"timestamp(ms)": str(NOON - minutes * 60_000)})
        for number, minutes in enumerate(before)
    ]
    # One file has them all, others have a few.
    stage.logged(*lines[:9:2], now_ms=NOON)
    stage.logged(*lines[1:9], *lines[9:11], now_ms=NOON)
    stage.logged(lines[11], now_ms=NOON)
    at(monkeypatch, NOON)
    every = sorted({*before})
    assert sorted(set(rows(stage, key, minutes="60"))) == [1, 5, 59]
    assert sorted(set(rows(stage, key, minutes="120"))) == [1, 5, 59, 61, 119]
    assert sorted(set(rows(stage, key, minutes="1440"))) == every[:-1]
    assert sorted(set(rows(stage, key, hour="10"))) == [61, 119]
    assert sorted(set(rows(stage, key, day=TODAY, hour="11"))) == [1, 5, 59]
    assert rows(stage, key, hour="12") == []
    assert sorted(set(rows(stage, key))) == [m for m in every if m <= 720]
    assert sorted(set(rows(stage, key, day="2026-11-20", hour="23"))) == [721]
    assert sorted(set(rows(stage, key, day="2026-11-20"))) == [721, 800, 1500]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "1441"}, "minutes"),
        ({"minutes": "-5"}, "minutes"),
        ({"minutes": "60", "hour": "3"}, "minutes"),
        ({"minutes": "60", "day": TODAY}, "minutes"),
        ({"hour": "24"}, "hour"),
        ({"hour": "noon"}, "hour"),
        ({"day": "2026-02-30"}, "day"),
    ],
)
def test_a_time_of_another_form_is_refused_by_its_field(query: dict[str, str], field: str) -> None:
    with pytest.raises(Malformed, match=f"^{field}: "):
        window_in(query, NOON)


def test_a_cursor_of_any_time_is_harmless(stage: Stage) -> None:
    key = stage.user("ann", "admin")
    reply = stage.ask(key, "GET /api/insights/requests", query={"cursor": "9" * 13 + "-../../x.1"})
    assert reply.code == (400, "malformed")
    for ms in ("0000000000000", "9999999999999"):
        query = {"cursor": f"{ms}-{'0' * 16}.0", "minutes": "5"}
        reply = stage.ask(key, "GET /api/insights/requests", query=query)
        assert (reply.status, reply.body["items"], reply.body["cursor"]) == (200, [], None)


# Comparisons


def counted(stage: Stage, day: str, hours: dict[int, int]) -> None:
    for hour, times in hours.items():
        total = Aggregate()
        total.statuses[200] = times
        stage.table.count(day, f"{hour:02d}", FN, total, f"{day}{hour}")


def compared(stage: Stage, key: NewKey, first: str, last: str) -> Any:
    query = {"from": first, "to": last, "compare": "true"}
    whole = stage.ask(key, "GET /api/insights/usage", query=query).body["comparison"]
    one = stage.ask(key, "GET /api/insights/functions/{fn}", query=query, fn=FN).body["comparison"]
    assert one == whole
    if whole is None:
        return None
    return whole["from"], whole["hours"], whole["now"]["times"], whole["before"]["times"]


def test_today_is_compared_with_the_same_part_of_yesterday(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stage.user("ann", "readonly")
    yesterday = day_after(TODAY, -1)
    stage.table.put_function(OWN, Registered(language="python", title="get-ranking"))
    counted(stage, TODAY, {0: 1, 11: 2, 12: 100})
    counted(stage, yesterday, {0: 5, 11: 7, 12: 1000, 23: 1000})
    at(monkeypatch, NOON + HOUR_MS // 2)
    assert compared(stage, key, TODAY, TODAY) == (yesterday, 12, 3, 12)
    # Yesterday is over, so it counts whole.
    counted(stage, day_after(TODAY, -2), {23: 4})
    assert compared(stage, key, yesterday, yesterday) == (day_after(TODAY, -2), 24, 2012, 4)
    # In the first hour, nothing of today is complete.
    at(monkeypatch, NOON - 12 * HOUR_MS + 1)
    assert compared(stage, key, TODAY, TODAY) is None
    assert "comparison" not in stage.ask(key, "GET /api/insights/usage").body


def test_a_week_is_compared_until_the_same_hour_of_the_week_before(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stage.user("ann", "readonly")
    stage.table.put_function(OWN, Registered(language="python", title="get-ranking"))
    for ago in range(14):
        day = day_after(TODAY, -ago)
        counted(stage, day, {3: 1, 15: 10})
        if ago > 1:
            total = Aggregate()
            total.statuses[200] = 11
            stage.table.put_day(day, FN, total, NOON // 1000)
    at(monkeypatch, NOON)
    first = day_after(TODAY, -6)
    assert compared(stage, key, first, TODAY) == (day_after(first, -7), 12, 67, 67)


def test_of_a_month_only_whole_days_are_compared() -> None:
    first = day_after(TODAY, -29)
    parts = same_parts(first, TODAY, NOON)
    assert parts is not None
    now, before = parts
    assert (now.first, now.last, now.hours) == (first, day_after(TODAY, -1), 24)
    assert (before.first, before.last, before.hours) == (
        day_after(first, -30),
        day_after(first, -2),
        24,
    )


def test_days_to_come_are_not_compared() -> None:
    parts = same_parts(day_after(TODAY, -1), day_after(TODAY, 5), NOON)
    assert parts is not None
    assert [(each.first, each.last) for each in parts] == [
        (day_after(TODAY, -1), day_after(TODAY, -1)),
        (day_after(TODAY, -8), day_after(TODAY, -8)),
    ]
    assert same_parts(day_after(TODAY, 1), day_after(TODAY, 2), NOON) is None
    assert day_of(NOON) == TODAY
    assert iso(NOON)[11:13] == "12"


# The list of functions


def test_every_column_of_a_function_is_listed_and_found_by_its_words(stage: Stage) -> None:
    key = stage.user("ann", "user")
    full = Registered(
        language="python",
        title="put-score",
        description="Takes a score into a board.",
        version="1.2.3",
        tags=("scores",),
        schema={"type": "object", "properties": {"gameId": {"type": "string"}}},
        examples=[{"method": "PUT", "path": "/api/scores/{gameId}"}],
        created_at="2026-11-21T00:00:00.000Z",
        updated_at="2026-11-22T00:00:00.000Z",
    )
    stage.table.put_function(OWN, full)
    stage.table.put_function(OWN, Registered(language="javascript", title="validate"))

    def found(words: str) -> list[str]:
        said = stage.ask(key, "GET /api/insights/functions", query={"q": words}).body
        return [each["languageTitle"] for each in said["functions"]]

    [said] = [
        each
        for each in stage.ask(key, "GET /api/insights/functions").body["functions"]
        if each["title"] == "put-score"
    ]
    assert said == {
        "languageTitle": "python-put-score",
        "language": "python",
        "title": "put-score",
        "description": "Takes a score into a board.",
        "version": "1.2.3",
        "tags": ["scores"],
        "active": True,
        "schema": full.schema,
        "examples": full.examples,
        "createdAt": full.created_at,
        "updatedAt": full.updated_at,
    }
    assert found("PUT-score") == ["python-put-score"]
    assert found("board scores") == ["python-put-score"]
    assert found("board javascript") == []
    assert found("javascript") == ["javascript-validate"]
    assert len(found("")) == 2


# Roles

_OF_USER: Final = "/api/insights/users/{apiUser}"
_OF_FUNCTION: Final = "/api/functions/{project}/{function}"
ACTIONS: Final = {
    "read functions": ["GET /api/insights/functions"],
    "read usage": ["GET /api/insights/functions/{fn}"],
    "read requests": ["GET /api/insights/functions/{fn}/errors"],
    "read users": [f"GET {_OF_USER}"],
    "change users": [f"PUT {_OF_USER}"],
    "make keys": [f"POST {_OF_USER}/keys"],
    "revoke keys": [f"DELETE {_OF_USER}/keys/{{prefix}}"],
    "read sources": [
        "GET /api/functions/{project}",
        f"GET {_OF_FUNCTION}",
        f"GET {_OF_FUNCTION}/versions/{{version}}",
        f"GET {_OF_FUNCTION}/runs",
        f"GET {_OF_FUNCTION}/sessions/{{requestId}}",
    ],
    "change sources": [f"PUT {_OF_FUNCTION}", f"POST {_OF_FUNCTION}/activate"],
    "run functions": [
        f"POST {_OF_FUNCTION}",
        f"POST {_OF_FUNCTION}/sessions",
        f"POST {_OF_FUNCTION}/sessions/{{requestId}}",
    ],
}
"""The routes that name whom they are about."""
LISTS: Final = {
    "GET /api/insights/usage",
    "GET /api/insights/requests",
    "GET /api/insights/users",
    "POST /api/insights/users",
    f"DELETE {_OF_USER}",
}
"""They answer what the role may see, or are checked below."""
MATRIX: Final = {
    #                    user         readonly     admin
    #                    own  other   own  other   own  other
    "read functions": "  yes  yes     yes  yes     yes  yes",
    "read usage": "      yes  no      yes  yes     yes  yes",
    "read requests": "   yes  no      yes  yes     yes  yes",
    "read users": "      yes  no      yes  yes     yes  yes",
    "change users": "    no   no      no   no      yes  yes",
    "make keys": "       no   no      no   no      yes  yes",
    "revoke keys": "     yes  no      yes  no      yes  yes",
    "read sources": "    yes  no      yes  yes     yes  yes",
    "change sources": "  yes  no      no   no      yes  yes",
    "run functions": "   yes  no      no   no      yes  yes",
}
ROLES: Final = ("user", "readonly", "admin")


def test_the_matrix_has_every_action_and_every_route() -> None:
    assert ACTIONS.keys() == MATRIX.keys() == ABOUT_ALL.keys()
    routes = {*INSIGHTS.keys("/api/insights").values(), *FUNCTIONS.keys("/api/functions").values()}
    assert {route for each in ACTIONS.values() for route in each} | LISTS == routes


def test_a_role_gets_through_where_the_matrix_says_so(stage: Stage) -> None:
    """An allowed request may still be unknown or malformed. Any other is refused before that."""
    keys = {role: stage.user(role, role) for role in ROLES}
    for action, cells in MATRIX.items():
        places = [(role, owner) for role in ROLES for owner in (role, "somebody")]
        for (role, owner), cell in zip(places, cells.split(), strict=True):
            for route in ACTIONS[action]:
                path: dict[str, Any] = {
                    "fn": f"javascript-one@{owner}",
                    "apiUser": owner,
                    "prefix": "hg_live_00000000",
                    "project": owner,
                    "function": "javascript-one",
                    "version": "1",
                    "requestId": "none",
                }
                reply = stage.ask(keys[role], route, {"active": 5}, **path)
                refused = reply.code == (403, "role_needed")
                assert refused is (cell == "no"), (role, owner, route, reply)


def test_lists_show_a_user_itself_alone_and_only_admins_change_users(stage: Stage) -> None:
    keys = {role: stage.user(role, role) for role in ROLES}

    def listed(role: str) -> set[str]:
        users = stage.ask(keys[role], "GET /api/insights/users").body["users"]
        return {each["userId"] for each in users}

    assert listed("user") == {"user"}
    assert listed("readonly") == listed("admin") == {*ROLES}
    for role in ROLES:
        allowed = role == "admin"
        made = stage.ask(keys[role], "POST /api/insights/users", {"userId": f"by-{role}"})
        assert (made.status == 200) is allowed
        gone = stage.ask(keys[role], f"DELETE {_OF_USER}", apiUser="user" if allowed else role)
        assert (gone.status == 200) is allowed


def test_a_key_with_a_typo_is_refused_without_a_read(stage: Stage) -> None:
    key = stage.user("ann", "admin")
    wrong = NewKey(key.text[:-1] + ("0" if key.text[-1] != "0" else "1"))
    for route in ("GET /api/insights/usage", "GET /api/functions/{project}"):
        module = stage.module(route.split("/")[2])
        assert stage.ask(wrong, route, project="ann").code == (401, "key_invalid")
        assert (module.keys.spent.reads, module.keys.spent.writes) == (0, 0)
        assert stage.ask(None, route, project="ann").code == (401, "key_missing")


def test_the_limit_of_a_minute_is_exact(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOON)
    key = stage.user("ann", "admin", limit=3)
    replies = [stage.ask(key, "GET /api/insights/functions") for _ in range(5)]
    assert [each.status for each in replies] == [200, 200, 200, 429, 429]
    assert replies[-1].headers["retry-after"] == "60"
