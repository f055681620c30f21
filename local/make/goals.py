"""Checks make's goals as far as that is possible offline.

Imports only the standard library, because it runs before anything is installed.
"""

import os
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from local.make import variables
from local.terminal.errors import VariableError

_IN_AN_ACCOUNT: Final = {
    "bootstrap",
    "deploy",
    "destroy",
    "diff",
    "patch-plan",
    "patch-remove",
    "preflight",
    "rotate-keys",
    "verify-aws",
    "site",
}
_WITHOUT_ACCOUNT: Final = {"--local", "--help", "-h"}
_LOCAL: Final = "; --local in ARGS is for the make dev of this folder"
_CONFIG: Final = Path(__file__).resolve().parents[2] / "config"


class GoalError(Exception):
    """The problem and its fix, in one line."""


def check(goals: Sequence[str], given: Mapping[str, str] = os.environ) -> None:
    try:
        variables.check(goals, given)
    except VariableError as error:
        raise GoalError(str(error)) from None
    needing = [goal for goal in goals if _needs_an_account(goal, given)]
    if needing:
        _check_account(given, besides=_LOCAL if needing == ["cli"] else "")


def _needs_an_account(goal: str, given: Mapping[str, str]) -> bool:
    if goal == "cli":
        asked = given.get("ARGS", "").split()
        return bool(asked) and not _WITHOUT_ACCOUNT & set(asked)
    return goal in _IN_AN_ACCOUNT or (goal == "smoke" and given.get("WRITE") == "1")


def _check_account(given: Mapping[str, str], *, besides: str) -> None:
    try:
        from config import pins

        production = pins.production()
    except Exception as error:  # noqa: BLE001 - whatever an edited file may raise
        raise GoalError(_broken_config(error)) from None
    from operations.account.settings import check_settings
    from operations.errors import AccountError

    try:
        check_settings(production, given)
    except AccountError as error:
        raise GoalError(f"{error}{besides}") from None


def _broken_config(error: Exception) -> str:
    """Names the broken line of config instead of a traceback."""
    if isinstance(error, SyntaxError):
        place = f"{_short(error.filename)}, line {error.lineno}"
        return f"{place}: {error.msg}; fix: correct that line"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_CONFIG)]
    place = f"{_short(ours[-1].filename)}, line {ours[-1].lineno}" if ours else "config"
    return f"{place}: {type(error).__name__}: {error}; fix: correct that line"


def _short(name: str | None) -> str:
    path = Path(name or "config/environments.py")
    return str(path.relative_to(_CONFIG.parent)) if path.is_relative_to(_CONFIG) else path.name
