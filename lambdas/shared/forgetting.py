"""How a capability declares its data of a signed-in person, to erase, tell or gather it.

Its module `forgettable` has a function `forgettable(client)` that returns a Forgettable. The
function that erases persons finds these modules in its package, and knows no table itself.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lambdas.shared.erasing import Step, declared
from lambdas.shared.records.jobs import Pseudonym

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    user_ids: tuple[str, ...]
    """The account, and those that were merged into it."""
    player_ids: tuple[str, ...]
    """The person's rows on the boards, first the one that all signed-in devices share."""
    pseudonyms: tuple[Pseudonym, ...] = ()
    """Those whose keys the person has shown, at most one in a project."""
    at_ms: int
    """When the erasure or the export began: both see the same days, however long they take."""


@dataclass(frozen=True, slots=True)
class Told:
    items: list[Json]
    next: str | None
    """From where there is more."""


class Forgettable:
    """One capability's data."""

    order: ClassVar[int]
    """A job stores how many steps it has done, so this order never changes: new ones go last."""
    name: ClassVar[str]
    """The table's short name in stored jobs, which outlive the deploy that they began under."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table

    def of_person(self, _person: Person) -> Iterable[Step]:
        return ()

    def at_last(self, _person: Person) -> Iterable[Step]:
        """What says who the person is goes when everything else has gone."""
        return ()

    def gather(self, _person: Person) -> Iterable[str]:
        """Brings what the person did under other player ids to the first. The partition of each
        item that moved.
        """
        return ()

    def follow(self, _partitions: Collection[str]) -> None:
        """Once items of these partitions have gone or moved: updates what is derived from them."""

    def told(self, _person: Person, _after: str) -> Told:
        """A page of what is held, from the beginning where `after` is empty."""
        return Told([], None)


def forgettables(client: "DynamoDBClient") -> list[Forgettable]:
    """Those of all capabilities in this package, in order."""
    found: list[Forgettable] = [module.forgettable(client) for module in declared("forgettable")]
    return sorted(found, key=lambda each: each.order)
