"""The account and the region of PRODUCTION are read before anything is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.environments import PRODUCTION
from config.pins import ENVIRONMENTS, Pins, production
from local.bootstrap import ROOT


def pinned(tmp_path: Path, written: str) -> object:
    path = tmp_path / "environments.py"
    path.write_text(written, encoding="utf-8")
    return production(path)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("PRODUCTION: Final = replace(\n    DELIVERED,\n)", Pins()),
        (
            'PRODUCTION = replace(DELIVERED, account="1", region="eu-west-1")',
            Pins("1", "eu-west-1"),
        ),
        ('PRODUCTION: Final = replace(DELIVERED, region="x", ops=Ops())', Pins(region="x")),
        ("PRODUCTION: Final = replace(DELIVERED, region=None)", Pins()),
    ],
)
def test_plain_values_are_read_from_the_file(tmp_path: Path, written: str, found: Pins) -> None:
    assert pinned(tmp_path, written) == found


@pytest.mark.parametrize(
    "written",
    [
        "PRODUCTION: Final = replace(DELIVERED, region=REGION)",
        "PRODUCTION: Final = replace(DELIVERED, **MINE)",
        'PRODUCTION: Final = replace(COMPLETE, region="x")',
        "PRODUCTION: Final = DELIVERED",
        "",
    ],
)
def test_anything_else_is_computed(tmp_path: Path, written: str) -> None:
    assert pinned(tmp_path, written) is PRODUCTION


def test_the_file_as_it_is_needs_no_package() -> None:
    program = "from config.pins import production; print(type(production()).__name__)"
    said = subprocess.run(
        [sys.executable, "-S", "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.stdout == "Pins\n", said.stderr
    assert ENVIRONMENTS.is_file()
