"""The SDK hashes the same as the protocol's other implementations."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cf_functions import client
from tests.sdk.node import HERE, node

NAMES = ["Ann", "あきら", "Zoë", "🐍", "O'Neill! (2.)", "a|b", "~*_-"]


@pytest.fixture(scope="module")
def spoken(sdk: str, edge_functions: Path) -> list[dict[str, str]]:
    """What it sent when each of the names submitted."""
    environment = {"HTMLGAME_EDGE_FUNCTIONS": str(edge_functions), "HTMLGAME_SDK": sdk}
    done = subprocess.run(
        [str(node()), "--no-warnings", str(HERE / "spoken.mjs"), json.dumps(NAMES)],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    requests: list[dict[str, str]] = json.loads(done.stdout)
    return requests


@pytest.mark.parametrize("name", NAMES)
def test_a_submission_is_spelled_as_the_protocol_has_it(
    spoken: list[dict[str, str]], name: str
) -> None:
    sent = spoken[NAMES.index(name)]
    token = client.decoded(sent["x-token-end"].partition(".")[0]).split(".")
    assert sent["x-player"] == client.player_header(name)
    assert sent["user"] == client.user_id(sent["x-user-key"])
    assert sent["x-sig"] == client.signature(
        sent["x-token-end"],
        sent["x-player"],
        sent["x-score"],
        client.utc_day(int(token[6])),
        token[4],
    )
