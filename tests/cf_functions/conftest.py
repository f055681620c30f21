from __future__ import annotations

import pytest

from cf_functions.harness import ENGINES, Engine
from tests.engines import require


@pytest.fixture(scope="session", params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn, so that whatever is tested is tested on all of them."""
    chosen: Engine = request.param
    require(chosen.path, f"{chosen.name} is not installed: apt-get install {chosen.package}")
    return chosen
