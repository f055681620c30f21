"""The telemetry's OpenAPI document is true: schemathesis asks all it allows, and more."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from config.capabilities import analytics, creators, data, secrets, telemetry
from config.paths import API_BASE_PATH
from lambdas.analytics.routes import ROUTES as ANALYTICS
from lambdas.shared.dynamo.items import packed
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import project_item
from lambdas.telemetry.routes import ROUTES as TELEMETRY
from local.cloud.origin import Origin
from local.issuer import creator_id
from stacks.shared.packaging import ROOT
from tests.e2e.conftest import System
from tests.e2e.refusals import codes_of
from tests.e2e.test_openapi import SCHEMATHESIS

DOCUMENTS = {
    name: yaml.safe_load((ROOT / "docs" / "reference" / "openapi" / f"{name}.yaml").read_text())
    for name in ("telemetry", "creators")
}
CREATOR = "schemathesis@example.org"
PROJECT = Project(
    id="0190a5b0-0000-7000-8000-0000000c0de5",
    creator_id=creator_id(CREATOR),
    name="Schemathesis",
    events=("death",),
    collections={"levels": "public", "saves": "private"},
    created_at="2026-11-21T12:00:00.000Z",
    updated_at="2026-11-21T12:00:00.000Z",
)


@pytest.fixture(scope="module")
def origin(system: System) -> Origin:
    system.cloud.client("dynamodb").put_item(
        TableName=system.parameter(creators.TABLE.parameter), Item=packed(project_item(PROJECT))
    )
    return Origin(system.cloud, telemetry.ENDPOINT.parameter)


@pytest.fixture
def session(origin: Origin) -> dict[str, str]:
    body = json.dumps({"projectId": PROJECT.id, "playerKey": "ann"}).encode()
    reply = origin.request("POST", TELEMETRY.path("start", API_BASE_PATH), body=body)
    assert reply.status == 200, reply.body
    return {name: reply.body[name] for name in ("sessionId", "token")}


AREAS = {
    "telemetry": telemetry.INGEST.name,
    "data": data.API.name,
    "analytics": analytics.API.name,
}


@pytest.fixture
def unlimited(system: System, area: str) -> Iterator[None]:
    """Refused requests count too, and most of what is asked here is refused."""
    client = system.cloud.client("lambda")
    found = client.get_function_configuration(FunctionName=AREAS[area])["Environment"]["Variables"]
    limits = {name: "100000" for name in found if name.endswith("_REQUESTS_A_MINUTE")}
    for variables in (found | limits, found):
        client.update_function_configuration(
            FunctionName=AREAS[area], Environment={"Variables": variables}
        )
        if variables is not found:
            yield


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.usefixtures("unlimited")
def test_the_api_does_what_its_document_says(
    system: System, origin: Origin, session: dict[str, str], tmp_path: Path, area: str
) -> None:
    document = tmp_path / "telemetry.json"
    document.write_text(json.dumps(of_this_deployment(session)))
    accepted = answered_well(system, area)
    address = urlsplit(origin.address)
    api = address.netloc.partition(".")[0]
    bearer = system.cloud.issuer.token(CREATOR) if area == "analytics" else session["token"]
    finished = subprocess.run(
        [
            *(SCHEMATHESIS, "run", document, "--checks=all"),
            f"--include-path-regex=^/api/{area}/",
            "--phases=examples,coverage,fuzzing",
            # By path, since not every resolver knows names under localhost.
            f"--url={system.cloud.url}/_aws/execute-api/{api}{address.path}",
            f"--header=X-Origin-Verify: {origin.lock}",
            f"--header=X-Forwarded-For: 203.0.113.{len(area)}",
            *([] if area == "telemetry" else [f"--header=Authorization: Bearer {bearer}"]),
            # Which events a project takes and how fresh an id is no schema here can say.
            # API Gateway says 404 of a method that no route has.
            "--exclude-checks=positive_data_acceptance,unsupported_method",
            *("--max-examples=15", "--generation-deterministic", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = finished.stdout + finished.stderr
    assert finished.returncode == 0, said.replace(origin.lock, "[lock]")
    assert answered_well(system, area) > accepted + 5, "hardly anything it asked was good"


def of_this_deployment(session: dict[str, str]) -> Any:
    """The document, with the project and session there are: else nearly all is unknown."""
    document = json.loads(json.dumps(DOCUMENTS["telemetry"]))
    known = {"sessionId": session["sessionId"], "token": session["token"], "projectId": PROJECT.id}
    for schema in _bodies(document):
        for name, value in known.items():
            if name in schema.get("properties", {}):
                schema["properties"][name] = {"enum": [value]}
    for each in _examples(document):
        each.update({name: value for name, value in known.items() if name in each})
    [project_id, *_] = document["paths"][ANALYTICS.path("summary", API_BASE_PATH)]["get"][
        "parameters"
    ]
    project_id.update({"schema": {"enum": [PROJECT.id]}, "example": PROJECT.id})
    return document


def _contents(document: Any) -> Iterator[Any]:
    bodies = list(document["components"]["requestBodies"].values())
    for path in document["paths"].values():
        bodies += [each.get("requestBody", {}) for each in path.values() if isinstance(each, dict)]
    for body in bodies:
        yield from body.get("content", {}).values()


def _bodies(document: Any) -> Iterator[Any]:
    return (content["schema"] for content in _contents(document))


def _examples(document: Any) -> Iterator[Any]:
    return (content["example"] for content in _contents(document))


def answered_well(system: System, area: str) -> int:
    return sum(line["status"] == 200 for line in system.requests(AREAS[area]))


def test_every_error_code_is_documented_and_every_documented_one_exists() -> None:
    existing = codes_of(
        telemetry.INGEST,
        data.API,
        analytics.API,
        creators.API,
        secrets.API,
    )
    schemas = {name: document["components"]["schemas"] for name, document in DOCUMENTS.items()}
    documented = {
        *schemas["telemetry"]["Problem"]["properties"]["code"]["enum"],
        *schemas["creators"]["Error"]["properties"]["error"]["properties"]["code"]["enum"],
    }
    assert documented == existing


def test_the_documented_routes_are_the_deployed_ones(system: System) -> None:
    documented = {
        f"{method.upper()} {path}"
        for document in DOCUMENTS.values()
        for path, operations in document["paths"].items()
        for method in operations
        if method != "parameters"
    }
    client = system.cloud.client("apigatewayv2")
    [api] = [each for each in client.get_apis()["Items"] if each["Name"] == telemetry.ENDPOINT.name]
    routes = {each["RouteKey"] for each in client.get_routes(ApiId=api["ApiId"])["Items"]}
    assert {_anonymous(each) for each in documented} == {_anonymous(each) for each in routes}


def _anonymous(route: str) -> str:
    """The path with unnamed parameters."""
    return "/".join("{}" if part.startswith("{") else part for part in route.split("/"))
