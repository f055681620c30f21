"""A creator's server pushes a function and runs it by its key, in one stage and in two."""

import base64
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from config.capabilities import insights, runner
from lambdas.shared.api_users.api_keys import new_key
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.users import Key, User
from local.edge.server import LocalEdge
from tests.e2e.conftest import System
from tests.e2e.visitor import eventually

BONUS = """
function handler(input, context) {
  console.log("day", input.day);
  if (input.day > 30) throw new RangeError("no such day");
  return { coins: (input.day * 7919) % 100, player: context && context.player };
}
"""
PUSHED = {
    "source": BONUS,
    "description": "Coins of a day.",
    "tags": ["daily"],
    "schema": {
        "type": "object",
        "properties": {"day": {"type": "integer", "minimum": 1}},
        "required": ["day"],
        "additionalProperties": False,
    },
    "contextSchema": {"type": ["object", "null"], "properties": {"player": {"type": "string"}}},
    "examples": [{"input": {"day": 3}, "output": {"coins": 57, "player": None}}],
}


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


class Server:
    def __init__(self, system: System, edge: LocalEdge, **user: Any) -> None:
        keys = KeyTable(system.cloud.client("dynamodb"), system.parameter(insights.KEYS.parameter))
        made = keys.create(User(id=f"s{time.time_ns()}", **{"limit": 1000, **user}))
        self.id, self.key = made.id, new_key()
        keys.add_key(made, Key(self.key.prefix, self.key.hash, "now"), 0)
        self.base = f"{edge.url}/api/functions"

    def ask(
        self, method: str, path: str, body: Any = None, project: str | None = None
    ) -> tuple[int, Any]:
        answer = urllib3.request(
            method,
            f"{self.base}/{project or self.id}{path}",
            headers={"Authorization": f"Bearer {self.key.text}"},
            body=None if body is None else json.dumps(body),
            timeout=30,
        )
        return answer.status, answer.json()


@pytest.fixture(scope="module")
def server(system: System, edge: LocalEdge) -> Server:
    server = Server(system, edge)
    status, said = server.ask("PUT", "/javascript-bonus", PUSHED)
    assert (status, said.get("version"), said.get("examplesRun")) == (200, 1, 1), said
    return server


def test_it_runs_in_one_stage(server: Server) -> None:
    status, said = server.ask("POST", "/javascript-bonus", {"input": {"day": 3}})
    assert (status, said["answer"]["coins"], said["version"]) == (200, 57, 1)


def test_an_input_that_does_not_fit_the_schema_is_refused_by_its_field(server: Server) -> None:
    for given, field in (({}, "input.day"), ({"day": 0}, "input.day"), ({"day": 1, "x": 1}, "x")):
        status, said = server.ask("POST", "/javascript-bonus", {"input": given})
        assert (status, said["error"]["code"]) == (422, "input_refused")
        assert field in said["error"]["message"]


def test_it_runs_in_two_stages_with_the_context_of_the_first(server: Server) -> None:
    _, begun = server.ask("POST", "/javascript-bonus/sessions", {"context": {"player": "ann"}})
    path = f"/javascript-bonus/sessions/{begun['requestId']}"
    for times in (1, 2):
        status, said = server.ask("POST", path, {"input": {"day": 3}})
        assert (status, said["executionCount"]) == (200, times)
        assert said["answer"]["player"] == "ann"
    _, session = server.ask("GET", path)
    assert (session["status"], session["executionCount"]) == ("active", 2)
    _, short = server.ask("POST", "/javascript-bonus/sessions", {"seconds": 1})
    time.sleep(1.1)
    status, said = server.ask(
        "POST", f"/javascript-bonus/sessions/{short['requestId']}", {"input": {"day": 3}}
    )
    assert (status, said["error"]["code"]) == (410, "session_over")


def test_its_failures_and_logs_are_its_creators_to_see(
    system: System, edge: LocalEdge, server: Server
) -> None:
    status, said = server.ask("POST", "/javascript-bonus", {"input": {"day": 31}})
    assert (status, said["error"]["code"]) == (422, "function_threw")
    _, kept = server.ask("GET", "/javascript-bonus/runs")
    newest = kept["items"][0]
    assert newest["logs"] == [{"level": "info", "text": "day 31"}]
    assert newest["error"]["message"] == "RangeError: no such day"
    assert "handler" in newest["error"]["stack"]
    stranger = Server(system, edge)
    for method, path in (("GET", "/runs"), ("POST", ""), ("PUT", ""), ("GET", "")):
        status, said = stranger.ask(
            method, f"/javascript-bonus{path}", {} if method != "GET" else None, server.id
        )
        assert (status, said["error"]["code"]) == (403, "role_needed")


def test_a_version_that_fails_its_example_is_not_taken(server: Server) -> None:
    wrong = {**PUSHED, "examples": [{"input": {"day": 3}, "output": {"coins": 1, "player": None}}]}
    status, said = server.ask("PUT", "/javascript-bonus", wrong)
    assert (status, said["error"]["code"]) == (422, "example_failed")
    for source in ("function handler(", "1", "for(;;);"):
        status, said = server.ask("PUT", "/javascript-other", {"source": source})
        assert status == 422 or source == "for(;;);", said
    _, said = server.ask("GET", "/javascript-bonus")
    assert said["latestVersion"] == 1


def test_versions_stay_and_are_switched(server: Server) -> None:
    changed = {"source": "function handler() { return 'two' }"}
    assert server.ask("PUT", "/javascript-switched", {"source": "function handler() { return 1 }"})
    server.ask("PUT", "/javascript-switched", changed)
    assert server.ask("POST", "/javascript-switched")[1]["answer"] == "two"
    server.ask("POST", "/javascript-switched/activate", {"version": 1})
    assert server.ask("POST", "/javascript-switched")[1]["answer"] == 1
    server.ask("POST", "/javascript-switched/activate", {"version": None})
    assert server.ask("POST", "/javascript-switched")[0] == 404
    assert server.ask("POST", "/javascript-switched/activate", {"version": 9})[0] == 404
    _, said = server.ask("GET", "/javascript-switched/versions/2")
    assert said["source"] == changed["source"]


def test_declared_answers_are_cached(server: Server) -> None:
    source = "function handler() { return Math.random() }"
    server.ask("PUT", "/javascript-cached", {"source": source, "cacheSeconds": 60})
    first = server.ask("POST", "/javascript-cached", {"input": {"a": 1, "b": 2}})[1]
    again = server.ask("POST", "/javascript-cached", {"input": {"b": 2, "a": 1}})[1]
    other = server.ask("POST", "/javascript-cached", {"input": {"a": 2}})[1]
    assert (first["cached"], again["cached"], other["cached"]) == (False, True, False)
    assert first["answer"] == again["answer"] != other["answer"]


def test_a_function_that_never_ends_hurts_nobody_else(server: Server) -> None:
    server.ask("PUT", "/javascript-endless", {"source": "function handler(i) { if (i) for(;;); }"})
    status, said = server.ask("POST", "/javascript-endless", {"input": 1})
    assert (status, said["error"]["code"]) == (422, "function_timeout")
    assert server.ask("POST", "/javascript-bonus", {"input": {"day": 3}})[0] == 200


def test_a_user_may_be_kept_from_the_language(system: System, edge: LocalEdge) -> None:
    other = Server(system, edge, languages=("python",))
    status, said = other.ask("PUT", "/javascript-bonus", PUSHED)
    assert (status, said["error"]["code"]) == (403, "language_not_allowed")


def test_the_sandbox_may_only_log(system: System) -> None:
    iam = system.cloud.client("iam")
    role = f"{runner.SANDBOX.name}-us-east-1"
    [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    actions = {
        action
        for each in document["Statement"]
        for action in (each["Action"] if isinstance(each["Action"], list) else [each["Action"]])
    }
    assert actions == {"logs:CreateLogStream", "logs:PutLogEvents"}
    variables = system.cloud.client("lambda").get_function_configuration(
        FunctionName=runner.SANDBOX.name
    )["Environment"]["Variables"]
    assert set(variables) == {"PYTHONTZPATH"}


def test_a_run_is_counted_as_every_other_request(system: System, server: Server) -> None:
    from lambdas.insights.table import InsightsTable
    from lambdas.shared.values.clock import day_of

    name = system.parameter(insights.TABLE.parameter)
    table = InsightsTable(system.cloud.client("dynamodb"), name)
    server.ask("POST", "/javascript-bonus", {"input": {"day": 3}})
    today = day_of(int(time.time() * 1000))
    assert eventually(lambda: list(table.hours(today, f"javascript-bonus@{server.id}")), 60)


class Visitor:
    """A player who may be signed in."""

    def __init__(self, edge: LocalEdge) -> None:
        self.site, self.token = edge.url, ""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = urllib3.request(
            method,
            f"{self.site}/api/{path}",
            headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
            body=None if body is None else json.dumps(body),
            timeout=30,
        )
        return answer.status, answer.json()

    def signs_in(self) -> str:
        key = secrets.token_urlsafe(32)
        status, said = self.ask("POST", "players/sign-in", {"provider": "key", "playerKey": key})
        assert status == 200, said
        self.token = said["token"]
        return str(said["userId"])


OPEN = "function handler(input, context, player) { return { input, context, player } }"


@pytest.fixture(scope="module")
def opened(server: Server) -> str:
    for name, players in (("open", True), ("closed", False)):
        pushed = {"source": OPEN, "forPlayers": players, "cacheSeconds": 60}
        assert server.ask("PUT", f"/javascript-{name}", pushed)[0] == 200
    return f"functions/{server.id}/javascript-open"


def test_a_player_runs_what_its_creator_opened_and_is_named_to_it(
    edge: LocalEdge, server: Server, opened: str
) -> None:
    ann, bob = Visitor(edge), Visitor(edge)
    for player in (ann, bob):
        user_id = player.signs_in()
        for cached in (False, True):
            status, said = player.ask("POST", opened, {"input": 1})
            assert (status, said["cached"]) == (200, cached)
            assert said["answer"] == {"input": 1, "context": None, "player": user_id}
    assert server.ask("POST", "/javascript-open", {"input": 1})[1]["answer"]["player"] is None
    status, said = ann.ask("POST", f"functions/{server.id}/javascript-closed", {"input": 1})
    assert (status, said["error"]["code"]) == (403, "not_for_players")


def test_a_players_session_is_no_others(edge: LocalEdge, server: Server, opened: str) -> None:
    ann, bob = Visitor(edge), Visitor(edge)
    user_id = ann.signs_in()
    bob.signs_in()
    _, begun = ann.ask("POST", f"{opened}/sessions", {"context": {"level": 2}})
    path = f"sessions/{begun['requestId']}"
    status, said = ann.ask("POST", f"{opened}/{path}", {"input": "a"})
    assert (status, said["executionCount"]) == (200, 1)
    assert said["answer"] == {"input": "a", "context": {"level": 2}, "player": user_id}
    assert bob.ask("POST", f"{opened}/{path}", {"input": "a"})[0] == 404
    assert server.ask("POST", f"/javascript-open/{path}", {"input": "a"})[0] == 404
    _, shown = server.ask("GET", f"/javascript-open/{path}")
    assert user_id not in json.dumps(shown)


def test_a_player_may_do_nothing_but_run(edge: LocalEdge, opened: str) -> None:
    ann = Visitor(edge)
    ann.signs_in()
    for method, path in (("GET", ""), ("GET", "/runs"), ("GET", "/versions/1"), ("PUT", "")):
        body = {"source": OPEN} if method == "PUT" else None
        status, said = ann.ask(method, f"{opened}{path}", body)
        assert (status, said["error"]["code"]) == (401, "key_invalid"), path
    assert ann.ask("GET", "insights/usage")[0] == 401


def test_tokens_that_are_forged_are_refused(edge: LocalEdge, opened: str) -> None:
    ann = Visitor(edge)
    ann.signs_in()
    payload, _, signature = ann.token.partition(".")
    fields = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode().split("|")
    later = "|".join([*fields[:-1], str(int(fields[-1]) + 9000)])
    longer = base64.urlsafe_b64encode(later.encode()).decode().rstrip("=")
    for token in (f"{longer}.{signature}", f"{payload}.", ".", f".{signature}", "a.b.c"):
        ann.token = token
        assert ann.ask("POST", opened, {"input": 1})[0] == 401, token
    ann.token = ""
    status, said = ann.ask("POST", opened, {"input": 1})
    assert (status, said["error"]["code"]) == (401, "key_missing")


def test_requests_are_kept_without_their_secrets_where_the_function_asks(server: Server) -> None:
    source = "function handler(input) { return { got: input.name, token: 'abc' } }"
    for name, capture in (("kept", True), ("forgotten", False)):
        pushed = {"source": source, "capture": capture}
        assert server.ask("PUT", f"/javascript-{name}", pushed)[0] == 200
        given = {"name": "ann", "password": "hunter2", "note": f"Bearer {server.key.text}"}
        assert server.ask("POST", f"/javascript-{name}", {"input": given})[0] == 200
    assert server.ask("GET", "/javascript-forgotten/runs")[1]["items"] == []
    [run] = server.ask("GET", "/javascript-kept/runs")[1]["items"]
    assert json.loads(run["request"]["input"])["name"] == "ann"
    text = json.dumps(run)
    assert "hunter2" not in text
    assert "abc" not in text
    assert server.key.text not in text
    assert set(run["request"]["headers"]) <= {"accept", "content-length", "content-type"}
