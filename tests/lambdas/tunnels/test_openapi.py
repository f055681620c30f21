"""docs/reference/openapi/tunnels.yaml names every route of creators, and fits the answers."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lambdas.tunnels.routes import ROUTES
from local.bootstrap import ROOT
from tests.lambdas.tunnels.stage import Stage, staged

jsonschema: Final[Any] = import_module("jsonschema")
PAGE: Final = yaml.safe_load((ROOT / "docs/reference/openapi/tunnels.yaml").read_text())


def operations() -> Iterator[tuple[str, Any]]:
    for path, methods in PAGE["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def test_every_route_is_described_and_no_other() -> None:
    assert {route for route, _ in operations()} == {*ROUTES.keys("/api/tunnels").values()}


def test_bodies_and_answers_have_the_described_form(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = dict(operations())

    with staged(monkeypatch, tmp_path) as stage:
        monkeypatch.setattr(stage.module("api"), "addresses_of", lambda _: ["203.0.113.7"])

        def ask(route: str, body: Any = None, id: str = "") -> Any:
            method, path = route.split(" ")
            operation = known[f"{method} /api/tunnels{path}"]
            if body is not None:
                sent = operation["requestBody"]["content"]["application/json"]["schema"]
                jsonschema.validate(body, {**sent, "components": PAGE["components"]})
            answer = stage.good(f"{method} /api/tunnels{path}", body, id=id)
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            jsonschema.validate(answer, {**schema, "components": PAGE["components"]})
            return answer

        _tour(ask, stage)


def _tour(ask: Any, stage: Stage) -> None:
    agent = ask("POST /agents", {"name": "home", "enabled": True})
    gateway = ask("POST /gateways", {"name": "vps", "publicIp": "203.0.113.7", "region": "x"})
    connection, _ = stage.connect(agent["apiKey"])
    stage.introduce(connection, agent["apiKey"], 1, metadata={"version": "1"})
    fields = {"agentId": agent["id"], "target": "localhost:1"}
    web = ask("POST /tunnels", {**fields, "domain": "a.example"})
    ask("POST /tunnels", {**fields, "protocol": "tcp", "proxyProtocol": True})
    ask("PATCH /tunnels/{id}", {"description": "x"}, web["id"])
    ask("GET /tunnels/{id}/dns", id=web["id"])
    for kind, host in (("agents", agent), ("gateways", gateway)):
        ask(f"GET /{kind}")
        ask(f"GET /{kind}/{{id}}", id=host["id"])
        ask(f"PATCH /{kind}/{{id}}", {"name": "other"}, host["id"])
        ask(f"POST /{kind}/{{id}}/rotate-key", id=host["id"])
        ask(f"POST /{kind}/{{id}}/rotate-wireguard", id=host["id"])
    ask("GET /overview")
    for each in ask("GET /tunnels")["tunnels"]:
        ask("GET /tunnels/{id}", id=each["id"])
        ask("DELETE /tunnels/{id}", id=each["id"])
    ask("DELETE /agents/{id}", id=agent["id"])
    ask("DELETE /gateways/{id}", id=gateway["id"])
