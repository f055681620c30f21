"""The table of checks in docs/operate/proven.md.

It is read from the source of the checks, because make docs runs before anything is installed.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CHECKS: Final = Path(__file__).parent / "checks"
_COLUMNS: Final = ("claim", "laptop", "good")


def sections() -> dict[str, str]:
    return {"checks": "\n".join(_table())}


def _table() -> Iterator[str]:
    yield "| check | claim | why the laptop cannot show it | a good answer |"
    yield "|---|---|---|---|"
    for module in _modules():
        for call in _declarations(_CHECKS / f"{module}.py"):
            given = {each.arg: each.value for each in call.keywords}
            cells = [call.args[0], *(given[column] for column in _COLUMNS)]
            yield f"| {' | '.join(ast.literal_eval(cell) for cell in cells)} |"


def _modules() -> list[str]:
    """In the order in which their checks run."""
    imports = (e for e in _parsed(_CHECKS / "__init__.py") if isinstance(e, ast.ImportFrom))
    return [alias.name for alias in next(imports).names]


def _declarations(path: Path) -> Iterator[ast.Call]:
    for node in _parsed(path):
        for decorator in getattr(node, "decorator_list", ()):
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "check":
                yield decorator


def _parsed(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8")).body
