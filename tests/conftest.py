"""Fixtures of all tests: no test reaches an AWS account, and each may have a table."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, settings

from lambdas.scores.games import Game
from lambdas.scores.table import ScoreTable
from local.cloud import STRICT, Cloud, running_cloud
from local.scores.boards import scratch_table
from tests.dynamodb import ENGINES
from tests.system import snapshot as snapshot
from tests.system import system as system

# A shell's background job inherits an ignored SIGINT, and so would every program started here.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "house",
    deadline=None,  # machines are shared; nothing here is about time
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("house")


@pytest.fixture(autouse=True, scope="session")
def _no_account() -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_ACCESS_KEY_ID"] = "nobody"
    os.environ["AWS_SECRET_ACCESS_KEY"] = "nothing"
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


@pytest.fixture(scope="module", params=ENGINES)
def dynamodb(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A test of a table runs once on each implementation."""
    with ENGINES[request.param]() as client:
        yield client


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    """For what dynalite lacks."""
    with ENGINES["moto"]() as client:
        yield client


@pytest.fixture(scope="module")
def dynalite() -> Iterator[Any]:
    """For what moto bills wrongly."""
    with ENGINES["dynalite"]() as client:
        yield client


@pytest.fixture(params=["emulator", "dynalite"])
def large_dynamodb(request: pytest.FixtureRequest) -> Any:
    """For boards too large for moto: it takes minutes to fill them."""
    if request.param == "dynalite":
        return request.getfixturevalue("dynalite")
    return request.getfixturevalue("cloud").client("dynamodb")


@pytest.fixture
def table(dynamodb: Any) -> Iterator[ScoreTable]:
    with scratch_table(dynamodb, "scores") as table:
        yield table


@pytest.fixture
def snake() -> Game:
    return game()


def game(**changes: Any) -> Game:
    """Snake's rules, with a board small enough to overflow."""
    values: dict[str, Any] = {
        "id": "snake",
        "order": (("score", "desc"), ("timeMs", "asc")),
        "top_n": 3,
        "periods": ("all", "monthly", "weekly", "daily"),
        "timezone": "Asia/Tokyo",
        "score_range": (0, 9999),
        "play_range": (1000, 3_600_000),
        "points_a_second": 12,
        "grace_ms": 90_000,
        "meta_bytes": 512,
        "certified_players": False,
    }
    return Game(**(values | changes))


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The local cloud without a system. Many files share it, and what one makes in it may stay."""
    with empty_cloud(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@contextmanager
def empty_cloud(state: Path) -> Iterator[Cloud]:
    # Stacks of the tests name these issuers, which publish no discovery document.
    issuers = (*STRICT.issuers, "https://127.0.0.1:9/auth/v1", "https://other.example")
    with running_cloud(state, strictness=replace(STRICT, issuers=issuers)) as running:
        _forget_credentials()
        try:
            yield running
        finally:
            _forget_credentials()


def _forget_credentials() -> None:
    """Each cloud has its own, and boto3's default session keeps the first that it reads."""
    boto3.DEFAULT_SESSION = None
