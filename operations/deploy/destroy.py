"""Refuses to destroy stacks of somebody else: the CDK deletes a stack by its name alone."""

import argparse
import sys
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from operations.account.aws_session import aws_session
from operations.deploy.assembly import Assembly, NotSynthesised
from operations.deploy.leftovers import Clients, described, is_foreign


def chosen(assembly: Assembly, patterns: Collection[str], *, exclusively: bool) -> list[str]:
    """What cdk destroy deletes: the stacks that are named, and those that need one of them."""
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
    told = (
        f"nothing was destroyed: {', '.join(foreign)} {are} not of htmlgame, by the description, "
        "and cdk destroy would delete by name"
    )
    if not ours:
        return f"{told}\n  mend: there is no stack of htmlgame here; is it the right region?"
    return f'{told}\n  mend: make destroy ARGS="--exclusively {" ".join(ours)}"'


def refuse_foreign_stacks(arguments: list[str]) -> None:
    """Ends the program where cdk destroy, with these arguments, would delete another's stack."""
    parser = argparse.ArgumentParser(prog="make destroy")
    parser.add_argument("assembly", type=Path)
    parser.add_argument("stacks", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("-e", "--exclusively", action="store_true")
    # Other options are meant for the CDK. Behind them argparse finds no stacks.
    options, others = parser.parse_known_intermixed_args(arguments)
    named = [*options.stacks, *(each for each in others if not each.startswith("-"))]
    assembly, clients = Assembly(options.assembly), aws_session().client
    try:
        stacks = chosen(assembly, [] if options.all else named, exclusively=options.exclusively)
        foreign = foreign_among(stacks, clients)
        if foreign:
            sys.exit(_refusal(foreign, assembly, clients))
    except NotSynthesised as error:
        sys.exit(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"nothing was destroyed: whose the stacks are could not be seen: {error}")
