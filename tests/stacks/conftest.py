"""The synthesised environments, each made once per run."""

import fcntl
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.stacks.templates import Assembly, synthesise


@pytest.fixture(scope="session")
def assembly_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Assembly]:
    """By the environment's name. The first worker that asks synthesises; the others wait."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    @cache
    def assembly(environment: str) -> Assembly:
        out = shared / f"assembly-{environment}"
        with out.with_suffix(".lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not lock.tell():
                with pytest.MonkeyPatch.context() as patch:
                    # The CDK's command line sets it, and some regions have no budgets.
                    patch.delenv("CDK_DEFAULT_REGION", raising=False)
                    assert synthesise(out, environment=environment) == ""
                lock.write("synthesised")
        return Assembly(out)

    return assembly


@pytest.fixture(scope="session")
def synthesised(assembly_of: Callable[[str], Assembly]) -> Callable[[str], Path]:
    """The folder of an environment's templates, by its name."""
    return lambda environment: assembly_of(environment).directory
