"""Players' functions and the services that they call."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lambdas.players.stage import Stage, staged
from tests.lambdas.players.twins import Twins, running_twins


@pytest.fixture
def twins() -> Iterator[Twins]:
    with running_twins() as twins:
        yield twins


@pytest.fixture
def stage(moto: Any, twins: Twins, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with staged(moto, twins, monkeypatch) as stage:
        yield stage
