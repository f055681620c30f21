"""The modules in Node, in a world where the network and the clocks do their worst."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sdk.node import HERE, failures, names_in

Told = dict[str, str | None]
FILES = ["htmlgame.test.js", "players.test.js", "telemetry.test.js"]


@pytest.fixture(scope="session")
def told(edge_functions: Path, sdk: str) -> dict[str, Told]:
    environment = {"HTMLGAME_EDGE_FUNCTIONS": str(edge_functions), "HTMLGAME_SDK": sdk}
    return {file: failures(HERE / file, environment) for file in FILES}


@pytest.mark.parametrize(
    ("file", "name"), [(file, name) for file in FILES for name in names_in(HERE / file)]
)
def test_behaviour(told: dict[str, Told], file: str, name: str) -> None:
    assert told[file][name] is None, told[file][name]
