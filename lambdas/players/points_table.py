"""The ledger and the receipts in the PlayerTable."""

from collections.abc import Iterator, Sequence

from lambdas.players import items_table as items
from lambdas.players.base_table import BaseTable, Page
from lambdas.players.points import Award, Event
from lambdas.players.users import Stats
from lambdas.shared.dynamo.items import Item


class PointsTable(BaseTable):
    def award(
        self, stats: Stats, award: Award, event: Event, level: int, also: Sequence[Item] = ()
    ) -> int | None:
        """The first write whose condition did not hold: 0 is the receipt, the last ones are
        `also`.
        """
        receipt = {
            **items.receipt_key(stats.user_id, award.reference),
            "delta": award.delta,
            "reason": award.reason,
            "version": event.version,
            "balance": event.balance,
            "createdAt": event.at,
        }
        return self._together(
            self._put_new(receipt),
            self._put_new(items.event_item(stats.user_id, event)),
            self._change_stats(
                stats,
                "totalPoints = :points, intimacyLevel = :level, version = :next",
                {
                    ":points": event.balance,
                    ":level": level,
                    ":next": event.version,
                },
            ),
            *(self._put_new(item) for item in also),
        )

    def receipt(self, user_id: str, reference: str) -> tuple[Award, int] | None:
        """The award of this reference, and the balance that it left."""
        item = self._get(items.receipt_key(user_id, reference), consistent=True)
        if item is None:
            return None
        award = Award(reference=reference, delta=item["delta"], reason=item["reason"])
        return award, item["balance"]

    def events(self, user_id: str, *, after: str | None, limit: int) -> Page:
        """Of the ledger, newest first."""
        return self._page(items.ledger_partition(user_id), after, limit, forward=False)

    def page(self, partition: str, after: str | None, limit: int) -> Page:
        """Of any partition, for an export."""
        return self._page(partition, after, limit, forward=True)

    def ledger(self, user_id: str) -> Iterator[Event]:
        """The whole of it, oldest event first."""
        query = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": items.ledger_partition(user_id)},
            "ConsistentRead": True,
        }
        for page in self._pages(query):
            yield from map(items.event_from, page.items)
