"""Records what a system stores, and how it answers for it: python -m tests.gate.record_items.

Run by the version whose items the next ones must be able to read, before anything is moved.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from config.capabilities.telemetry import Telemetry
from config.environments import LOCAL
from local.cloud import running_cloud
from local.deploy import Deployment
from local.seeds import creators
from tests.gate import activity
from tests.gate.items import stored
from tests.gate.layout import laid_out
from tests.gate.questions import answers, is_failure
from tests.gate.recorded import ANSWERS, ITEMS
from tests.gate.site import site_of
from tests.system import System

Json = Any
_PRODUCT: Final = ("cf_functions", "config", "lambdas", "local", "operations", "stacks")
_WIDTH: Final = 180
"""An entry of a board on a line."""
_DAY_MS: Final = 24 * 3600 * 1000
_DEMO_DAYS: Final = 22


def main() -> None:
    commit = _version()
    _forget_any_account()
    with tempfile.TemporaryDirectory() as folder, running_cloud(Path(folder)) as cloud:
        deployment = Deployment(cloud)
        deployment.bring_up_to_date()
        creators.seed(cloud)
        with site_of(System(cloud, deployment)) as site:
            subjects = activity.use(site)
            at = time.time_ns() // 1_000_000
            recorded = {"commit": commit, "at": at, "day": _day(at), "subjects": subjects}
            recorded |= {"demo": _demo(at), **stored(site)}
            found = answers(site, recorded)
    failed = {name: answer for name, answer in found.items() if is_failure(answer)}
    if failed:
        sys.exit(f"nothing was recorded: {json.dumps(failed, indent=2, ensure_ascii=False)}")
    text = json.dumps(recorded, ensure_ascii=False, separators=(",", ":"))
    ITEMS.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    ANSWERS.write_text(laid_out(found, _WIDTH), encoding="utf-8")


def _version() -> str:
    """The commit that made the product what it is, which must be one to come back to."""
    if _git("status", "--porcelain", "--", *_PRODUCT):
        sys.exit(f"commit first: {', '.join(_PRODUCT)} must be those of a commit")
    return _git("log", "-1", "--format=%H", "--", *_PRODUCT)


def _git(*arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], text=True).strip()  # noqa: S607


def _forget_any_account() -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]


def _day(at_ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at_ms / 1000))


def _demo(at_ms: int) -> Json:
    """Three weeks of counters, as make dev makes them."""
    return {
        "creator": creators.CREATOR,
        "projects": sorted(LOCAL.settings(Telemetry).projects.values()),
        "from": _day(at_ms - _DEMO_DAYS * _DAY_MS),
        "to": _day(at_ms),
    }


if __name__ == "__main__":
    main()
