"""How a capability declares its data of a project, a player and a creator.

Its module `erasable` has a function `erasable(client)` that returns an Erasable.
The eraser finds these modules in its package, and knows no table itself.
"""

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

import lambdas
from lambdas.shared.dynamo.partitions import Page, Partitions
from lambdas.shared.records.jobs import Job, Reached, Target

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sweep:
    """Items of one partition that are to be counted and deleted."""

    table: str
    """The short name of an Erasable's table."""
    partition: str
    kind: Callable[[str], str]
    """Names what an item is, by its sort key. Items without a name are deleted, not counted."""
    prefix: str = ""
    owner: str = ""
    """Deletes only this player's items of the partition."""
    reaches: Reached | None = None
    """How far the step has come once this sweep is done."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A step's view of the job: how far the step has come, and in which round."""

    partitions: Partitions
    job: Job
    last_round: bool

    def pages(self, table: str, partition: str, prefix: str) -> Iterator[Page]:
        """From where the step has come to."""
        after = self.job.reached.after(partition)
        return self.partitions.pages(table, partition, prefix, after=after)


Step = Callable[[Walk], Iterator[Sweep | None]]
"""Yields sweeps, or None where the work may stop if time is short."""


def step_of(*sweeps: Sweep) -> Step:
    return lambda _: iter(sweeps)


@dataclass(frozen=True, slots=True)
class Closing:
    """A project of a creator who is being erased, and the write that closes it."""

    target: Target
    close: Callable[[Item], bool]
    """Writes this item in the same transaction. False where the project is gone already."""


class Erasable:
    """One capability's data."""

    order: ClassVar[int]
    """A job stores how many steps it has done, so this order never changes: new ones go last."""
    name: ClassVar[str] = ""
    """The table's short name in stored jobs, which outlive the deploy that they began under."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table

    def of_project(self, _project_id: str, _since: str, _last: str) -> Iterable[Step]:
        """From the first day to the last of which there may be data."""
        return ()

    def of_player(self, _project_id: str, _player: str) -> Iterable[Step]:
        return ()

    def of_creator(self, _job: Job, _last: str) -> Iterable[Step]:
        """Besides the projects, which are closed first and then erased one by one."""
        return ()

    def closing(self, _creator_id: str) -> Iterable[Closing]:
        return ()


def found(client: "DynamoDBClient") -> list[Erasable]:
    """The erasables of all capabilities in this package, in order."""
    return in_order(module.erasable(client) for module in declared("erasable"))


def declared(name: str) -> Iterator[Any]:
    """The modules of this name of all capabilities in this package."""
    for each in pkgutil.iter_modules(lambdas.__path__):
        module = f"lambdas.{each.name}.{name}"
        if find_spec(module) is not None:
            yield import_module(module)


def in_order(erasables: Iterable[Erasable]) -> list[Erasable]:
    return sorted(erasables, key=lambda each: each.order)
