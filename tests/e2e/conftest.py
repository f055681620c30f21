"""Fixtures of the end-to-end tests."""

import time
from functools import cache

import botocore.session
import pytest
from botocore.loaders import create_loader

from local.scores.origin import ScoreOrigin
from operations.cli import main as cli
from tests.e2e.operator import Operator, Said
from tests.e2e.permissions import permitted, record_calls
from tests.system import System as System

_load_once = cache(create_loader)
"""Most of a command's time is the SDK's reading of what it knows of each service."""


@pytest.fixture
def origin(system: System) -> ScoreOrigin:
    return system.origin


@pytest.fixture
def user_id(request: pytest.FixtureRequest) -> str:
    """A player nobody else is."""
    return f"{abs(hash((request.node.name, time.time_ns()))):022d}"[-22:]


@pytest.fixture
def htmlgame(
    system: System, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Operator:
    """Runs one command against the deployed system, with ordinary credentials.

    It does nothing that docs/reference/cli.md does not say an operator must be allowed to do.
    """
    for name, value in system.cloud.credentials().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(botocore.session, "create_loader", _load_once)
    asked = record_calls(monkeypatch)

    def run(*arguments: str) -> Said:
        code = cli.run(arguments)
        assert asked <= permitted(), f"htmlgame {' '.join(arguments)}"
        return Said(code, *capsys.readouterr())

    return run
