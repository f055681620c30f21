"""docs/reference/openapi/players.yaml names every route, and its schemas fit the answers."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import yaml

from lambdas.players.routes import ROUTES
from local.bootstrap import ROOT
from tests.lambdas.players.stage import BOBS_KEY, Stage
from tests.lambdas.players.test_functions import token_of

jsonschema: Final[Any] = import_module("jsonschema")
PAGE: Final = yaml.safe_load(
    (ROOT / "docs" / "reference" / "openapi" / "players.yaml").read_text(encoding="utf-8")
)


def operations() -> Iterator[tuple[str, Any]]:
    for path, methods in PAGE["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def check(route: str, answer: Any) -> None:
    operation = dict(operations())[route]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": PAGE["components"]})


def test_every_route_is_described_and_no_other() -> None:
    assert {route for route, _ in operations()} == {*ROUTES.keys("/api").values()}


def test_the_answers_have_the_described_form(stage: Stage) -> None:
    signed_in = stage.sign_in().body
    check("POST /api/players/sign-in", signed_in)
    token = signed_in["token"]
    session = stage.session(token)
    check("POST /api/chat", stage.say(session, "hello", token).body)
    messages = stage.call(
        "chat", "GET /chat/{sessionId}/messages", path={"sessionId": session}, token=token
    )
    check("GET /api/chat/{sessionId}/messages", messages.body)
    stage.rank()
    for route in ("GET /players/me", "GET /players/me/points", "GET /players/me/export"):
        check(route.replace(" ", " /api"), stage.me(route, token).body)
    check("GET /api/players/ranking", stage.me("GET /players/ranking", None).body)
    check("POST /api/players/renew", stage.me("POST /players/renew", token).body)
    bob = token_of(stage, provider="key", playerKey=BOBS_KEY)
    check("DELETE /api/players/me", stage.me("DELETE /players/me", bob).body)
