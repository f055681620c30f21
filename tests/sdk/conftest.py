from __future__ import annotations

from pathlib import Path

import pytest

from cf_functions import harness
from cf_functions.assemble import NAMES, assemble
from tests.sdk.node import SDK


@pytest.fixture(scope="session")
def edge_functions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which Node can import the edge's functions as they are uploaded."""
    folder = tmp_path_factory.mktemp("edge")
    harness._furnish(folder, {name: assemble(name) for name in NAMES})
    return folder


@pytest.fixture(scope="session", params=["{}.js", "dist/{}.min.js"], ids=["source", "minified"])
def sdk(request: pytest.FixtureRequest) -> str:
    """Both are tested: one is read, the other shipped."""
    return str(SDK / request.param.replace("{}", "*"))
