"""Checks make's variables before anything is installed or started.

make passes them in the environment. Imports only the standard library, because nothing is installed
yet.
"""

import fcntl
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from local.make.ports import port_number, refuse_equal, refuse_unusable
from local.terminal.errors import VariableError

Given = Mapping[str, str]

_ROOT: Final = Path(__file__).resolve().parents[2]
_DEV_LOCK: Final = _ROOT / ".local" / "dev.lock"
_PORTS: Final = {"CLOUD_PORT": 4566, "EDGE_PORT": 8000}
_MOST_WORKERS: Final = 16
_SITE: Final = re.compile(r"https://[A-Za-z0-9.:-]+|http://(localhost|127\.0\.0\.1)(:\d+)?")
_DISTRIBUTION: Final = re.compile(r"[A-Z0-9]{6,20}")
_OF_THE_CDK: Final = {"--profile": "AWS_PROFILE", "--region": "AWS_REGION"}


def check(goals: Sequence[str], given: Given) -> None:
    """Raises VariableError for the first invalid variable of a goal."""
    for goal in goals:
        for each in _CHECKS.get(goal, ()):
            each(given)


def site_named(text: str) -> str:
    site = text.rstrip("/")
    if not _SITE.fullmatch(site):
        raise VariableError(
            "SITE",
            text,
            "not an https address without a path",
            "make smoke SITE=https://d111111abcdef8.cloudfront.net",
        )
    return site


def refuse_unknown_game(name: str, games: Sequence[str]) -> None:
    if name not in games:
        problem = "no such file in config/game-config"
        raise VariableError("GAME", name, problem, f"one of {', '.join(games)}, or leave it out")


def _ports(given: Given) -> None:
    cloud, edge = (
        port_number(name, given.get(name, str(default)), default)
        for name, default in _PORTS.items()
    )
    refuse_equal(cloud, edge)
    # A running make dev is updated, so its ports are in use.
    if not _runs_here():
        refuse_unusable("CLOUD_PORT", cloud, besides=edge)
        refuse_unusable("EDGE_PORT", edge, besides=cloud)


def _runs_here() -> bool:
    try:
        with _DEV_LOCK.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _edge_port(given: Given) -> None:
    port_number("EDGE_PORT", given.get("EDGE_PORT", "8000"), 8000)


def _workers(given: Given) -> None:
    text = given.get("WORKERS", "1")
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= _MOST_WORKERS:
        problem = f"the number of test processes, from 1 to {_MOST_WORKERS}"
        raise VariableError("WORKERS", text, problem, "WORKERS=1 runs the tests one by one")


def _site(given: Given) -> None:
    site_named(given.get("SITE", ""))


def _game(given: Given) -> None:
    name = given.get("GAME", "")
    if name:
        folder = _ROOT / "config" / "game-config"
        refuse_unknown_game(name, sorted(path.stem for path in folder.glob("*.json")))


def _distribution(given: Given) -> None:
    text = given.get("DISTRIBUTION", "")
    if not _DISTRIBUTION.fullmatch(text):
        problem = "a distribution's id has 6 to 20 capital letters and digits"
        fix = "make patch-remove DISTRIBUTION=E1234567890ABC"
        raise VariableError("DISTRIBUTION", text, problem, fix)


def _switch(name: str, meaning: str) -> Callable[[Given], None]:
    """Accepts 1 or nothing, because make takes any other value for true, even 0."""

    def check_it(given: Given) -> None:
        text = given.get(name, "")
        if text not in {"", "1"}:
            raise VariableError(name, text, f"{name}=1 {meaning}", f"{name}=1, or leave it out")

    return check_it


def _one_account(given: Given) -> None:
    """Refuses options with which the CDK would use another account than the checks before it."""
    for word in given.get("ARGS", "").split():
        option, _, value = word.partition("=")
        if option in _OF_THE_CDK:
            fix = f"export {_OF_THE_CDK[option]}={value or '…'}"
            raise VariableError("ARGS", word, "the checks before the CDK ignore it", fix)


_keep: Final = _switch("KEEP", "keeps scores across restarts")
_write: Final = _switch("WRITE", "also submits a score and removes it")
_built: Final = _switch("BUILT", "takes what make build-stacks or make build-site wrote")
_upgrade: Final = _switch("UPGRADE", "takes newer versions of indirect dependencies")
_force: Final = _switch("FORCE", "bootstraps again")

_CHECKS: Final[dict[str, tuple[Callable[[Given], None], ...]]] = {
    "dev": (_ports, _keep),
    "test": (_workers,),
    "suite": (_workers,),
    "test-fast": (_workers,),
    "screenshots": (_edge_port,),
    "smoke": (_site, _game, _write, _built),
    "site": (_built,),
    "lock": (_upgrade,),
    "patch-remove": (_distribution,),
    "bootstrap": (_force, _one_account),
    "deploy": (_one_account, _built),
    "diff": (_one_account, _built),
    "destroy": (_one_account,),
}
