"""Each environment is synthesised once a run, whichever worker asks first."""

import fcntl
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.stacks.test_templates import synthesise


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of an environment's templates, by its name."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    @cache
    def assembly(environment: str) -> Path:
        out = shared / f"assembly-{environment}"
        with out.with_suffix(".lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not lock.tell():
                assert synthesise(out, environment=environment) == ""
                lock.write("synthesised")
        return out

    return assembly
