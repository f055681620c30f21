"""Engines that a machine may lack: skipped there with a hint, failed where all are required."""

import os

import pytest


def require(found: object, hint: str) -> None:
    if found:
        return
    if os.environ.get("HTMLGAME_REQUIRE_ENGINES"):
        pytest.fail(f"required here: {hint}")
    pytest.skip(hint)
