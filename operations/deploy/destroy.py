"""Refuses to destroy stacks of other programs: the CDK deletes any stack of that name."""

from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from operations.account.aws_session import aws_session
from operations.account.parameters import Clients
from operations.deploy.assembly import Assembly
from operations.deploy.leftovers import described, is_foreign
from operations.errors import OperatorError


class ForeignStacks(OperatorError):
    code = "foreign_stacks"


def chosen(assembly: Assembly, patterns: Collection[str], *, exclusively: bool) -> list[str]:
    """The stacks that cdk destroy deletes: the named ones, and those that depend on them."""
    needs = assembly.needs
    found = {
        name for name in needs if not patterns or any(fnmatchcase(name, each) for each in patterns)
    }
    if not exclusively:
        found |= _needing(found, needs)
    return [name for name in needs if name in found]


def _needing(found: Iterable[str], needs: dict[str, set[str]]) -> set[str]:
    reached = set(found)
    while grown := {name for name, each in needs.items() if each & reached} - reached:
        reached |= grown
    return reached


def foreign_among(stacks: Iterable[str], clients: Clients) -> list[str]:
    found = {name: described(name, clients) for name in stacks}
    return [name for name, each in found.items() if each is not None and is_foreign(each)]


def _refusal(foreign: list[str], assembly: Assembly, clients: Clients) -> str:
    others = [name for name in assembly.needs if name not in foreign]
    ours = [name for name in others if described(name, clients) is not None]
    are = "is" if len(foreign) == 1 else "are"
    refusal = (
        f"nothing was destroyed: {', '.join(foreign)} {are} not of htmlgame, by the description, "
        "and cdk destroy deletes by name"
    )
    if not ours:
        return f"{refusal}\n  fix: there is no stack of htmlgame here; check the region"
    return f'{refusal}\n  fix: make destroy ARGS="--exclusively {" ".join(ours)}"'


def refuse_foreign_stacks(assembly_path: str, arguments: Sequence[str]) -> None:
    """Raises if cdk destroy, with these arguments, would delete another program's stack."""
    named = [] if "--all" in arguments else [each for each in arguments if each[:1] != "-"]
    exclusively = bool({"-e", "--exclusively"} & set(arguments))
    assembly, clients = Assembly(Path(assembly_path)), aws_session().client
    try:
        foreign = foreign_among(chosen(assembly, named, exclusively=exclusively), clients)
        if foreign:
            raise ForeignStacks(_refusal(foreign, assembly, clients))
    except (BotoCoreError, ClientError) as error:
        raise ForeignStacks(
            f"nothing was destroyed: cannot read whose the stacks are: {error}"
        ) from None
