"""The account and the region that PRODUCTION names, read without any package.

Commands check them before anything is installed, and before anything heavy is imported.
"""

import ast
from pathlib import Path
from typing import Final, NamedTuple, Protocol

ENVIRONMENTS: Final = Path(__file__).with_name("environments.py")


class Pinned(Protocol):
    """What commands compare with the credentials in use."""

    @property
    def account(self) -> str | None: ...

    @property
    def region(self) -> str | None: ...


class Pins(NamedTuple):
    account: str | None = None
    region: str | None = None


def production(path: Path = ENVIRONMENTS) -> Pinned:
    """PRODUCTION itself, unless the file has both values as plain strings or not at all."""
    call = _call(ast.parse(path.read_bytes(), str(path)))
    if call is not None:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        values = [given.get(name, ast.Constant(None)) for name in Pins._fields]
        if None not in given and all(isinstance(each, ast.Constant) for each in values):
            return Pins(*(ast.literal_eval(each) for each in values))
    from config.environments import PRODUCTION

    return PRODUCTION


def _call(tree: ast.Module) -> ast.Call | None:
    """The call in PRODUCTION = replace(DELIVERED, …)."""
    for statement in tree.body:
        match statement:
            case (
                ast.AnnAssign(target=ast.Name("PRODUCTION"), value=ast.Call() as call)
                | ast.Assign(targets=[ast.Name("PRODUCTION")], value=ast.Call() as call)
            ) if [ast.unparse(each) for each in (call.func, *call.args)] == _FROM_DELIVERED:
                return call
    return None


_FROM_DELIVERED: Final = ["replace", "DELIVERED"]
