"""The OpenAPI document is true: schemathesis asks the deployed API all it allows, and more."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from config.capabilities import scores
from config.paths import API_BASE_PATH
from lambdas.scores.routes import ROUTES
from stacks.shared.packaging import ROOT
from tests.e2e.conftest import System
from tests.e2e.refusals import codes_of

PUT_SCORE = ROUTES.path("put_score", API_BASE_PATH)
GET_RANKING = ROUTES.path("get_ranking", API_BASE_PATH)

DOCUMENT = ROOT / "docs" / "reference" / "openapi" / "scores.yaml"
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


@pytest.mark.parametrize("phase", ["examples", "coverage", "fuzzing"])
def test_the_api_does_what_its_document_says(system: System, tmp_path: Path, phase: str) -> None:
    document = tmp_path / "scores.json"
    document.write_text(json.dumps(of_this_deployment()))
    accepted = len(answered_well(system))
    address = urlsplit(system.origin.address)
    api = address.netloc.partition(".")[0]
    finished = subprocess.run(
        [
            *(SCHEMATHESIS, "run", document, "--checks=all", f"--phases={phase}"),
            # By path, since not every resolver knows names under localhost.
            f"--url={system.cloud.url}/_aws/execute-api/{api}{address.path}",
            f"--header=X-Origin-Verify: {system.origin.lock}",
            # What a game takes is its own config's business, which no schema here can say.
            "--exclude-checks=positive_data_acceptance",
            *("--max-examples=40", "--generation-deterministic", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout.replace(system.origin.lock, "[lock]")
    assert len(answered_well(system)) > accepted, "nothing it asked was good"


def of_this_deployment() -> Any:
    """The document, with the games and periods there are: else nearly all it tries is unknown."""
    document = yaml.safe_load(DOCUMENT.read_text())
    document["components"]["parameters"]["gameId"]["schema"]["enum"] = ["snake", "minesweeper"]
    put = document["paths"][PUT_SCORE]["put"]["parameters"]
    get = document["paths"][GET_RANKING]["get"]["parameters"]
    for parameter in [*put, *get]:
        if parameter.get("name") == "period":
            parameter["schema"] = {"enum": ["all", "monthly", "weekly"]}
        if parameter.get("name") == "userId":
            parameter["schema"] = {"enum": ["s" * 22, "t" * 22]}
    return document


def answered_well(system: System) -> list[Any]:
    return [
        line
        for function in (scores.PUT_SCORE.name, scores.GET_RANKING.name)
        for line in system.requests(function)
        if line["status"] == 200
    ]


def test_every_error_code_is_documented_and_every_documented_one_exists() -> None:
    document = yaml.safe_load(DOCUMENT.read_text())
    documented = document["components"]["schemas"]["Error"]["properties"]["error"]
    existing = codes_of(scores.PUT_SCORE, scores.GET_RANKING)
    assert set(documented["properties"]["code"]["enum"]) == existing


def test_the_documented_paths_are_the_deployed_ones() -> None:
    document = yaml.safe_load(DOCUMENT.read_text())
    assert set(document["paths"]) == {PUT_SCORE, GET_RANKING}
