"""What a cold start loads. Its time is measured, by make bench ARGS=cold; this pins the causes."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import first_request, handlers
from config.capabilities.players import CHAT, ME, SIGN_IN
from config.capabilities.scores import GET_RANKING, PUT_SCORE
from config.capabilities.telemetry import INGEST
from config.manifest import Function

SLOW = {
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.data_classes",
    "aws_lambda_powertools.utilities.parser",
    "aws_lambda_powertools.utilities.validation",
    "aws_xray_sdk",
    "awscrt",
    "pydantic",
    "requests",
}
_LISTEN = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
"""
_TELL = """
import json
print(json.dumps({"modules": sorted(sys.modules), "opened": opened}))
"""
_MODEL = re.compile(r"botocore/data/([^/]+)/[^/]+/service-2\.json")

Run = tuple[list[str], dict[str, str]]


class Loaded:
    def __init__(self, run: Run) -> None:
        (*python, script), environment = run
        done = subprocess.run(
            [*python, _LISTEN + script + _TELL],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        self.modules = set(told["modules"])
        self.clients = [found[1] for path in told["opened"] if (found := _MODEL.search(path))]
        """The services whose models were read, each once for the first client of a kind."""


def started(function: Function) -> Loaded:
    paths = (handlers.package(function), handlers.layer())
    environment = handlers.environment(*paths, function=function)
    return Loaded((handlers.command(f"import {function.module}"), environment))


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    with first_request.started(tmp_path_factory.mktemp("aws")) as aws:
        yield first_request.runs(aws)


@pytest.mark.parametrize(
    "function", [PUT_SCORE, GET_RANKING, INGEST, CHAT, ME], ids=lambda each: each.name
)
def test_a_cold_start_makes_one_client_and_imports_nothing_slow(function: Function) -> None:
    loaded = started(function)
    assert loaded.clients == ["dynamodb"]
    assert not loaded.modules & {*SLOW, "cryptography"}


def test_signing_in_adds_what_verifies_a_signature_and_no_other_client() -> None:
    paths = (handlers.package(SIGN_IN), handlers.layer(), *handlers.further_layers(SIGN_IN))
    environment = handlers.environment(*paths, function=SIGN_IN)
    loaded = Loaded((handlers.command(f"import {SIGN_IN.module}"), environment))
    assert loaded.clients == ["dynamodb"]
    assert "cryptography.hazmat.primitives.asymmetric.ec" in loaded.modules
    assert not loaded.modules & {*SLOW, "cryptography.x509", "jwt"}


def test_slow_modules_of_powertools_exist_under_these_names() -> None:
    """A misspelled name would never be among the imported modules."""
    folder = handlers.layer() / "aws_lambda_powertools"
    for name in SLOW:
        if name.startswith("aws_lambda_powertools."):
            module = folder.joinpath(*name.split(".")[1:])
            assert (module / "__init__.py").is_file(), name


@pytest.mark.parametrize(
    "first", ["htmlgame-put-score, and a refused request", "htmlgame-get-ranking, and a request"]
)
def test_a_first_request_reads_the_lock_without_another_client(
    requests: dict[str, Run], first: str
) -> None:
    loaded = Loaded(requests[first])
    assert loaded.clients == ["dynamodb"]
    assert not loaded.modules & SLOW


def test_the_first_accepted_score_makes_one_more_client_to_invalidate(
    requests: dict[str, Run],
) -> None:
    loaded = Loaded(requests["htmlgame-put-score, and an accepted one"])
    assert loaded.clients == ["dynamodb", "cloudfront"]
    assert not loaded.modules & SLOW


def test_a_server_outside_the_trusted_roots_gets_no_request(
    requests: dict[str, Run], tmp_path: Path
) -> None:
    command, environment = requests["htmlgame-get-ranking, and a request"]
    stranger = tmp_path / "roots.pem"
    stranger.write_text((handlers.layer() / "botocore" / "cacert.pem").read_text())
    refused = subprocess.run(
        command,
        env=environment | {"AWS_CA_BUNDLE": str(stranger)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "CERTIFICATE_VERIFY_FAILED" in refused.stdout + refused.stderr
