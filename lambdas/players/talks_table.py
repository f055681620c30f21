"""Sessions, messages and the budget of model calls in the PlayerTable."""

from typing import Final, NamedTuple

from lambdas.players import items_table as items
from lambdas.players.base_table import BaseTable, Page
from lambdas.players.messages import HISTORY, Exchange, Session
from lambdas.players.points import Event
from lambdas.players.users import Stats
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed

BUDGET_DAYS: Final = 62


class Talk(NamedTuple):
    """A session with its last messages, oldest first."""

    session: Session
    history: tuple[Exchange, ...]

    def answered(self, message_id: str | None) -> Exchange | None:
        return next((each for each in self.history if each.said.id == message_id), None)

    @property
    def is_over(self) -> bool:
        return bool(self.history) and self.history[-1].reply.over

    @property
    def last(self) -> str | None:
        """Session and id of the last message, as stats keep it."""
        return last_message(self.session.id, self.history[-1].said.id) if self.history else None


class Claim(NamedTuple):
    """An attempt to be the one that answers a message of this user."""

    user_id: str
    epoch: int
    id: str
    now_s: int
    until_s: int
    day: str
    most_used: int
    guest: bool = False
    """Whether no token came with it."""


class NotClaimed(Exception):
    def __init__(self, stats: Stats | None) -> None:
        super().__init__("the claim's condition did not hold")
        self.stats = stats
        """As they are; None where the user does not exist."""


def last_message(session_id: str, message_id: str) -> str:
    return f"{session_id}#{message_id}"


class TalksTable(BaseTable):
    def begin(self, session: Session, epoch: int) -> bool:
        """False where the user's tokens of this epoch were revoked."""
        failed = self._together(
            self._put_new(items.session_item(session)),
            self._put_new(items.listed_session_item(session)),
            {
                "ConditionCheck": {
                    "TableName": self._name,
                    "Key": items.stats_key(session.user_id),
                    "ConditionExpression": "epoch = :epoch AND attribute_not_exists(banned)",
                    "ExpressionAttributeValues": {":epoch": epoch},
                }
            },
        )
        return failed is None

    def talk(self, session_id: str) -> Talk | None:
        """In one Query: SESSION sorts behind every message."""
        answer = self._query(
            {
                "KeyConditionExpression": "PK = :pk",
                "ExpressionAttributeValues": {":pk": items.session_partition(session_id)},
                "ScanIndexForward": False,
                "Limit": HISTORY + 1,
                "ConsistentRead": True,
            }
        )
        found = answer.items
        if not found or found[0]["SK"] != items.SESSION:
            return None
        session = items.session_from(found[0])
        return Talk(session, tuple(items.exchanges_in(found[1:])))

    def exchange(self, session_id: str, message_id: str) -> Exchange | None:
        answer = self._query(
            {
                "KeyConditionExpression": "PK = :pk AND begins_with(SK, :message)",
                "ExpressionAttributeValues": {
                    ":pk": items.session_partition(session_id),
                    ":message": f"{items.MESSAGE}{message_id}#",
                },
                "ScanIndexForward": False,
                "ConsistentRead": True,
            }
        )
        return next(iter(items.exchanges_in(answer.items)), None)

    def claim(self, claim: Claim) -> Stats:
        """One write; the first claim of a day takes a second one, which begins the day's counts."""
        try:
            return self._claim(
                claim,
                "used = used + :one",
                "#day = :day AND used < :most",
                {":one": 1, ":most": claim.most_used},
            )
        except NotClaimed as refused:
            stats = refused.stats
            if stats is None or stats.epoch != claim.epoch or stats.day == claim.day:
                raise
            if claim.most_used < 1:
                raise
        return self._claim(
            claim,
            "#day = :day, used = :one, gained = :none",
            "(attribute_not_exists(#day) OR #day <> :day)",
            {":one": 1, ":none": 0},
        )

    def _claim(self, claim: Claim, setting: str, condition: str, values: Item) -> Stats:
        try:
            answer = self._update(
                items.stats_key(claim.user_id),
                UpdateExpression=f"SET lease = :until, claimId = :claim, {setting}",
                ConditionExpression=(
                    f"epoch = :epoch AND {condition} AND attribute_not_exists(banned)"
                    f"{' AND attribute_exists(guest)' if claim.guest else ''}"
                    " AND (attribute_not_exists(lease) OR lease <= :now)"
                ),
                ExpressionAttributeNames={"#day": "day"},
                ExpressionAttributeValues={
                    ":until": claim.until_s,
                    ":claim": claim.id,
                    ":epoch": claim.epoch,
                    ":now": claim.now_s,
                    ":day": claim.day,
                    **values,
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failed:
            stats = None if not failed.item else items.stats_from(failed.item)
            raise NotClaimed(stats) from None
        return items.stats_from(answer)

    def release(self, claim: Claim) -> None:
        """The message was not answered, and does not count."""
        try:
            self._update(
                items.stats_key(claim.user_id),
                UpdateExpression="SET used = used - :one REMOVE lease, claimId",
                ConditionExpression="claimId = :claim",
                ExpressionAttributeValues={":claim": claim.id, ":one": 1},
            )
        except ConditionFailed:
            return

    def answer(
        self,
        session: Session,
        stats: Stats,
        exchange: Exchange,
        event: Event,
        *,
        claim: str,
        level: int,
        expires_s: int | None,
    ) -> int | None:
        """The first write whose condition did not hold: 0 and 1 are the messages."""
        asked, answered = items.exchange_items(session.id, exchange, expires_s=expires_s)
        return self._together(
            self._put_new(asked),
            self._put_new(answered),
            self._put_new(items.event_item(stats.user_id, event)),
            self._change_stats(
                stats,
                "totalPoints = :points, intimacyLevel = :level, version = :next,"
                " gained = gained + :gained, lastMessageAt = :at, lastMessage = :message"
                " REMOVE lease, claimId",
                {
                    ":points": event.balance,
                    ":level": level,
                    ":next": event.version,
                    ":gained": max(event.delta, 0),
                    ":at": event.at,
                    ":message": last_message(session.id, exchange.said.id),
                    ":claim": claim,
                },
                "AND claimId = :claim",
            ),
        )

    def take_calls(self, day: str, block: int, most: int, expires_s: int) -> bool:
        """Takes a block of model calls out of the day's budget. False where it is spent."""
        if block > most:
            return False
        try:
            self._update(
                items.key("BUDGET", day),
                UpdateExpression="SET expires = :expires ADD taken :block",
                ConditionExpression="attribute_not_exists(taken) OR taken <= :last",
                ExpressionAttributeValues={
                    ":block": block,
                    ":last": most - block,
                    ":expires": expires_s,
                },
            )
        except ConditionFailed:
            return False
        return True

    def messages(self, session_id: str, *, after: str | None, limit: int) -> Page:
        """Newest first."""
        return self._page(
            items.session_partition(session_id), after, limit, forward=False, prefix=items.MESSAGE
        )

    def session(self, session_id: str) -> Session | None:
        item = self._get(
            items.key(items.session_partition(session_id), items.SESSION), consistent=True
        )
        return None if item is None else items.session_from(item)
