"""The creators' OpenAPI document is true: schemathesis asks all it allows, and more."""

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from config.capabilities import creators, secrets, telemetry
from local.cloud.origin import Origin
from stacks.shared.packaging import ROOT
from tests.e2e.conftest import System
from tests.e2e.test_openapi import SCHEMATHESIS

CREATOR = "document@example.org"
UNKNOWN_TO_IT = ("deleteProject", "eraseCreator")
"""Deletions after which the requests of other routes fail."""


def test_the_api_does_what_its_document_says(system: System, tmp_path: Path) -> None:
    origin = Origin(system.cloud, telemetry.ENDPOINT.parameter)
    token = system.cloud.issuer.token(CREATOR)
    headers = {"Authorization": f"Bearer {token}"}
    project = origin.request("POST", "/api/projects", headers, b'{"name":"Document"}').body
    forgotten = json.dumps({"playerKey": "x"}).encode()
    job = origin.request("POST", f"/api/project/{project['id']}/forget", headers, forgotten).body
    document = tmp_path / "creators.json"
    document.write_text(json.dumps(of_this_deployment(project["id"], job["id"])))
    accepted = answered_well(system)
    address = urlsplit(origin.address)
    api = address.netloc.partition(".")[0]
    finished = subprocess.run(
        [
            *(SCHEMATHESIS, "run", document, "--checks=all", "--phases=examples,coverage,fuzzing"),
            *(f"--exclude-operation-id={each}" for each in UNKNOWN_TO_IT),
            # By path, since not every resolver knows names under localhost.
            f"--url={system.cloud.url}/_aws/execute-api/{api}{address.path}",
            f"--header=X-Origin-Verify: {origin.lock}",
            f"--header=Authorization: Bearer {token}",
            # Which version a project has and which keys there are is no schema here can say.
            # API Gateway says 404 of a method that no route has.
            "--exclude-checks=positive_data_acceptance,unsupported_method",
            *("--max-examples=10", "--generation-deterministic", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = finished.stdout + finished.stderr
    assert finished.returncode == 0, said.replace(origin.lock, "[lock]").replace(token, "[token]")
    assert answered_well(system) > accepted + 20, "hardly anything it asked was good"


def of_this_deployment(project_id: str, job_id: str) -> Any:
    """The document, with the project and the job there are: else nearly all is unknown."""
    page = ROOT / "docs" / "reference" / "openapi" / "creators.yaml"
    document = yaml.safe_load(page.read_text())
    parameters = document["components"]["parameters"]
    parameters["projectId"]["schema"] = {"enum": [project_id]}
    document["paths"]["/api/creator/job/{jobId}"]["parameters"][0]["schema"] = {"enum": [job_id]}
    return document


def answered_well(system: System) -> int:
    return sum(
        line["status"] == 200
        for function in (creators.API.name, secrets.API.name)
        for line in system.requests(function)
    )
