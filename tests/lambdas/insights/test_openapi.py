"""Both documents name every route and every code, and fit what the APIs take and answer."""

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, Final

import pytest
import yaml

from config.capabilities import insights, runner
from lambdas.insights.failures import Failure
from lambdas.insights.registry import OWN, Registered
from lambdas.insights.routes import ROUTES as INSIGHTS
from lambdas.runner.routes import ROUTES as FUNCTIONS
from lambdas.runner.sandbox import CODES
from local.bootstrap import ROOT
from tests.e2e.refusals import codes_of
from tests.lambdas.insights.logs import line
from tests.lambdas.insights.stage import Stage, staged

jsonschema: Final[Any] = import_module("jsonschema")
_FOLDER: Final = ROOT / "docs" / "reference" / "openapi"
PAGES: Final = {
    name: yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    for name in ("insights", "functions")
}
SOURCE: Final = "function handler(i, c) { console.log(i.day); return { n: i.day, c } }"
ONE: Final = {"project": "ann", "function": "javascript-one"}

NEVER_RAISED: Final = {
    "functions": {
        # Modules of API users and of sign-ins, of which this API only uses the admission.
        *("too_many_keys", "unknown_key", "unknown_user", "user_changed", "user_exists"),
        "sign_in_over",
        # The code of a run says how it failed.
        "function_failed",
    }
}

Asking = Callable[..., Any]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with staged(monkeypatch) as stage:
        yield stage


@pytest.fixture
def ask(stage: Stage) -> Asking:
    """Sends what the document describes, and checks the answer with it."""
    admin = stage.user("ann", "admin")

    def ask(route: str, body: Any = None, query: dict[str, str] | None = None, **path: str) -> Any:
        method, address = route.split(" ")
        page = PAGES[address.split("/")[2]]
        operation = page["paths"][address][method.lower()]
        components = {"components": page["components"]}
        if body is not None:
            sent = operation["requestBody"]["content"]["application/json"]["schema"]
            jsonschema.validate(body, {**sent, **components})
        named = {
            page["components"]["parameters"][each["$ref"].rpartition("/")[2]]["name"]
            for each in operation.get("parameters", ())
        }
        assert set(query or {}) <= named
        reply = stage.ask(admin, route, body, query=query, **path)
        assert reply.status == 200, reply.body
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(reply.body, {**schema, **components})
        return reply.body

    return ask


@pytest.mark.parametrize(
    ("name", "routes"), [("insights", INSIGHTS), ("functions", FUNCTIONS)], ids=["lens", "runner"]
)
def test_every_route_is_described_and_no_other(name: str, routes: Any) -> None:
    described = {
        f"{method.upper()} {path}"
        for path, methods in PAGES[name]["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert described == {*routes.keys(f"/api/{name}").values()}


@pytest.mark.parametrize(
    ("name", "function", "more"),
    [
        ("insights", insights.API, set()),
        ("functions", runner.API, {f"function_{code}" for code in CODES}),
    ],
    ids=["lens", "runner"],
)
def test_every_code_is_described_and_no_other(name: str, function: Any, more: set[str]) -> None:
    error = PAGES[name]["components"]["schemas"]["Error"]["properties"]["error"]
    known = codes_of(function) | more
    assert set(error["properties"]["code"]["enum"]) == known - NEVER_RAISED.get(name, set())


def test_the_lens_answers_as_described(stage: Stage, ask: Asking) -> None:
    now_ms = time.time_ns() // 1_000_000
    stage.table.put_function(
        OWN, Registered(language="python", title="get-ranking", created_at="2026-11-21T00:00:00Z")
    )
    stage.logged(
        *(
            line(number, **{"timestamp(ms)": str(now_ms - number), "sc-status": status})
            for number, status in enumerate(("200", "404", "0"))
        ),
        now_ms=now_ms,
    )
    failed = Failure(fn="python-get-ranking", code="KeyError", message="x", ms=now_ms)
    stage.failures.add([failed], "mark")
    fn = "python-get-ranking"
    base = "GET /api/insights"
    assert ask(f"{base}/functions", query={"q": "ranking"})["functions"]
    assert ask(f"{base}/functions/{{fn}}", query={"compare": "true"}, fn=fn)["usage"]["times"] == 3
    found = ask(f"{base}/functions/{{fn}}/errors", fn=fn)
    assert found["failures"]
    assert found["refusals"]
    assert ask(f"{base}/usage", query={"compare": "true", "fn": fn})["functions"]
    assert len(ask(f"{base}/requests", query={"minutes": "60", "limit": "200"})["items"]) == 3


def test_users_and_keys_are_answered_as_described(ask: Asking) -> None:
    base = "/api/insights/users"
    ask(f"POST {base}", {"userId": "bob", "allowedLanguages": ["javascript"]})
    one = {"apiUser": "bob"}
    key = ask(f"POST {base}/{{apiUser}}/keys", {"days": 7}, **one)
    ask(f"GET {base}/{{apiUser}}", **one)
    ask(f"GET {base}")
    ask(f"PUT {base}/{{apiUser}}", {"role": "readonly", "allowedLanguages": None}, **one)
    ask(f"DELETE {base}/{{apiUser}}/keys/{{prefix}}", prefix=key["prefix"], **one)
    ask(f"DELETE {base}/{{apiUser}}", **one)


def test_functions_are_answered_as_described(ask: Asking) -> None:
    base = "/api/functions/{project}"
    own = f"{base}/{{function}}"
    pushed = {
        "source": SOURCE,
        "schema": {"type": "object"},
        "examples": [{"input": {"day": 1}, "output": {"n": 1, "c": None}}],
        "capture": True,
    }
    assert ask(f"PUT {own}", pushed, **ONE)["examplesRun"] == 1
    ask(f"GET {base}", project="ann")
    ask(f"GET {own}", **ONE)
    ask(f"GET {own}/versions/{{version}}", version="1", **ONE)
    ask(f"POST {own}", {"input": {"day": 3}}, **ONE)
    begun = ask(f"POST {own}/sessions", {"context": [1], "seconds": 60}, **ONE)
    session = {"requestId": begun["requestId"], **ONE}
    ask(f"POST {own}/sessions/{{requestId}}", {"input": {"day": 4}}, **session)
    ask(f"GET {own}/sessions/{{requestId}}", **session)
    assert len(ask(f"GET {own}/runs", query={"limit": "5"}, **ONE)["items"]) == 2
    assert ask(f"POST {own}/activate", {"version": None}, **ONE)["active"] is False
