"""Sessions, messages and the budget of model calls in the PlayerTable."""

from typing import Final, NamedTuple

from lambdas.players import items_table as items
from lambdas.players.base_table import BaseTable, Page
from lambdas.players.messages import HISTORY, Exchange, Session
from lambdas.players.points import Event
from lambdas.players.users import Stats
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
                "Limit": HISTORY // 2 + 1,
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
        guest = " AND attribute_exists(guest)" if claim.guest else ""
        try:
            answer = self._update(
                items.stats_key(claim.user_id),
                UpdateExpression="SET lease = :until, claimId = :claim ADD #used :one",
                ConditionExpression=(
                    "epoch = :epoch AND :one <= :most"
                    " AND (attribute_not_exists(#used) OR #used < :most)"
                    f" AND attribute_not_exists(banned){guest}"
                    " AND (attribute_not_exists(lease) OR lease <= :now)"
                ),
                ExpressionAttributeNames={"#used": items.used_on(claim.day)},
                ExpressionAttributeValues={
                    ":until": claim.until_s,
                    ":claim": claim.id,
                    ":epoch": claim.epoch,
                    ":now": claim.now_s,
                    ":one": 1,
                    ":most": claim.most_used,
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
                UpdateExpression="SET #used = #used - :one REMOVE lease, claimId",
                ConditionExpression="claimId = :claim",
                ExpressionAttributeNames={"#used": items.used_on(claim.day)},
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
        claim: Claim,
        level: int,
        expires_s: int | None,
    ) -> int | None:
        """The first write whose condition did not hold: 0 is the message with its answer."""
        names = {"#gained": items.gained_on(claim.day)}
        over = []
        for number, day in enumerate(each.day for each in stats.days if each.day != claim.day):
            names |= {f"#u{number}": items.used_on(day), f"#g{number}": items.gained_on(day)}
            over += [f"#u{number}", f"#g{number}"]
        return self._together(
            self._put_new(items.exchange_item(session.id, exchange, expires_s=expires_s)),
            self._put_new(items.event_item(stats.user_id, event)),
            self._change_stats(
                stats,
                "totalPoints = :points, intimacyLevel = :level, version = :next,"
                " #gained = :gained, lastMessageAt = :at, lastMessage = :message"
                f" REMOVE {', '.join(['lease', 'claimId', *over])}",
                {
                    ":points": event.balance,
                    ":level": level,
                    ":next": event.version,
                    ":gained": stats.on(claim.day).gained + max(event.delta, 0),
                    ":at": event.at,
                    ":message": last_message(session.id, exchange.said.id),
                    ":claim": claim.id,
                },
                "AND claimId = :claim",
                names,
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
        """Newest first: an answer, then what it answers, which one item holds."""
        start = after and items.whole_of(after)
        page = self._page(
            items.session_partition(session_id),
            start,
            limit + 1,
            forward=False,
            prefix=items.MESSAGE,
        )
        every = [message for item in page.items for message in items.messages_in(item)]
        behind = [each for each in every if after is None or each["SK"] < after]
        found = behind[:limit]
        more = len(behind) > limit or page.next is not None
        return Page(tuple(found), str(found[-1]["SK"]) if more else None)

    def session(self, session_id: str) -> Session | None:
        item = self._get(
            items.key(items.session_partition(session_id), items.SESSION), consistent=True
        )
        return None if item is None else items.session_from(item)
