"""PlayerTable: users, identities, sessions, messages and points, as the Lambdas read and write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lambdas.players import items_table as items
from lambdas.players.messages import HISTORY, Exchange, Session
from lambdas.players.points import Award, Event
from lambdas.players.users import Identity, Stats, User, merged
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.dynamo.transactions import Write

_NEW: Final = "attribute_not_exists(PK)"
BUDGET_DAYS: Final = 62


@dataclass(frozen=True, slots=True)
class Account:
    user: User
    stats: Stats


@dataclass(frozen=True, slots=True)
class Talk:
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


@dataclass(frozen=True, slots=True)
class Page:
    items: tuple[Item, ...]
    next: str | None
    """The sort key after which there may be more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
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


class PlayerTable(MeteredTable):
    def owner(self, identity: Identity) -> str | None:
        item = self._get(items.identity_key(identity), consistent=True)
        return None if item is None else str(item["userId"])

    def account(self, user_id: str) -> Account | None:
        """User and stats, which are one partition; None where they are gone or being erased."""
        answer = self._query(
            {
                "KeyConditionExpression": "PK = :pk",
                "ExpressionAttributeValues": {":pk": items.user_partition(user_id)},
                "ConsistentRead": True,
            }
        )
        found = {item["SK"]: item for item in answer.items}
        user, stats = found.get(items.USER), found.get(items.STATS)
        if user is None or stats is None or not items.is_user(user):
            return None
        return Account(items.user_from(user), items.stats_from(stats))

    def stats(self, user_id: str) -> Stats | None:
        item = self._get(items.stats_key(user_id), consistent=True)
        return None if item is None else items.stats_from(item)

    def user(self, user_id: str) -> User | None:
        """Eventually consistent: for what may be a moment old."""
        item = self._get(items.user_key(user_id), consistent=False)
        return None if item is None or not items.is_user(item) else items.user_from(item)

    def create(
        self, user: User, *, level: int, guest: bool = False, also: Sequence[Item] = ()
    ) -> bool:
        """False where one of its identities has an owner already."""
        stats = Stats(user_id=user.id, guest=guest)
        puts = [items.identity_item(each, user.id) for each in user.identities]
        puts += [items.user_item(user), items.stats_item(stats, level), *also]
        return self._together(*(self._put_new(item) for item in puts)) is None

    def link(
        self, account: Account, identity: Identity, identities: Sequence[Identity], at: str
    ) -> bool:
        """False where the identity has an owner, or the user has changed since it was read.

        A guest becomes a user like others: those identities that are not listed any more go.
        """
        user = account.user
        writes = [
            self._put_new(items.identity_item(identity, user.id)),
            self._change_user(user, at, "identities = :new", {":new": _list(identities)}),
            *self._dropped(user, identities),
        ]
        if account.stats.guest:
            writes.append(
                {
                    "Update": {
                        "TableName": self._name,
                        "Key": items.stats_key(user.id),
                        "UpdateExpression": "REMOVE guest",
                        "ConditionExpression": "attribute_exists(guest)",
                    }
                }
            )
        return self._together(*writes) is None

    def unlink(self, user: User, left: Sequence[Identity], at: str) -> bool:
        change = self._change_user(user, at, "identities = :new", {":new": _list(left)})
        return self._together(*self._dropped(user, left), change) is None

    def _dropped(self, user: User, left: Sequence[Identity]) -> list[Write]:
        """The identities of the user that are not left."""
        return [
            {
                "Delete": {
                    "TableName": self._name,
                    "Key": items.identity_key(identity),
                    "ConditionExpression": "userId = :user",
                    "ExpressionAttributeValues": {":user": user.id},
                }
            }
            for identity in user.identities
            if identity not in left
        ]

    def merge(
        self,
        stays: Account,
        goes: Account,
        *,
        at: str,
        now_s: int,
        level: int,
        events: Sequence[Event],
    ) -> bool:
        """One transaction, however much either of them has said and earned.

        False where one of them has changed since, or is being answered.
        """
        into, source = stays.user, goes.user
        gained, lost = events
        identities = merged(into, source)
        moves = [
            {
                "Update": {
                    "TableName": self._name,
                    "Key": items.identity_key(identity),
                    "UpdateExpression": "SET userId = :into",
                    "ConditionExpression": "userId = :source",
                    "ExpressionAttributeValues": {
                        ":into": into.id,
                        ":source": source.id,
                    },
                }
            }
            for identity in source.identities
            if identity in identities
        ]
        moves += self._dropped(into, identities) + self._dropped(source, identities)
        guest = stays.stats.guest and goes.stats.guest
        wallet = into.wallet or source.wallet
        name = into.display_name or source.display_name
        given = {"walletAddress": wallet, "displayName": name}
        optional = {f":{field}": value for field, value in given.items() if value is not None}
        failed = self._together(
            self._change_user(
                into,
                at,
                ", ".join(
                    [
                        "identities = :new",
                        "mergedFrom = :from",
                        *(f"{alias[1:]} = {alias}" for alias in optional),
                    ]
                ),
                {
                    ":new": _list(identities),
                    ":from": (*into.merged_from, source.id, *source.merged_from),
                    **optional,
                },
            ),
            self._change_user(
                source,
                at,
                "identities = :none, mergedFrom = :none, mergedInto = :into",
                {":none": [], ":into": into.id},
            ),
            self._change_stats(
                stays.stats,
                "totalPoints = :points, intimacyLevel = :level, version = :next"
                f"{'' if guest else ' REMOVE guest'}",
                {
                    ":points": gained.balance,
                    ":level": level,
                    ":next": gained.version,
                },
            ),
            self._change_stats(
                goes.stats,
                "totalPoints = :points, intimacyLevel = :points, version = :next, epoch = :epoch"
                " REMOVE lease, claimId, guest",
                {
                    ":points": 0,
                    ":next": lost.version,
                    ":epoch": goes.stats.epoch + 1,
                    ":now": now_s,
                },
                "AND (attribute_not_exists(lease) OR lease <= :now)",
            ),
            self._put_new(items.event_item(into.id, gained)),
            self._put_new(items.event_item(source.id, lost)),
            *moves,
        )
        return failed is None

    def rename(self, user: User, name: str | None, at: str) -> bool:
        return self._set_user(user, at, "displayName", name)

    def set_wallet(self, user: User, wallet: str, at: str) -> bool:
        return self._set_user(user, at, "walletAddress", wallet)

    def revoke(self, stats: Stats) -> None:
        """Tokens of this epoch end, also where another revocation came first."""
        try:
            self._update(
                items.stats_key(stats.user_id),
                UpdateExpression="SET epoch = :next",
                ConditionExpression="epoch = :epoch",
                ExpressionAttributeValues={
                    ":epoch": stats.epoch,
                    ":next": stats.epoch + 1,
                },
            )
        except ConditionFailed:
            return

    def begin_erasing(self, account: Account, job_id: str, *others: Write) -> bool:
        """From now on the account is gone for everybody. False where it has changed since."""
        user, stats = account.user, account.stats
        failed = self._together(
            *self._dropped(user, ()),
            {
                "Update": {
                    "TableName": self._name,
                    "Key": items.user_key(user.id),
                    "UpdateExpression": (
                        "SET erasing = :job, revision = :next REMOVE displayName, walletAddress"
                    ),
                    "ConditionExpression": "revision = :was AND attribute_not_exists(mergedInto)",
                    "ExpressionAttributeValues": {
                        ":job": job_id,
                        ":was": user.revision,
                        ":next": user.revision + 1,
                    },
                }
            },
            {
                "Delete": {
                    "TableName": self._name,
                    "Key": items.stats_key(user.id),
                    "ConditionExpression": "epoch = :epoch",
                    "ExpressionAttributeValues": {":epoch": stats.epoch},
                }
            },
            *others,
        )
        return failed is None

    def erased(self, user_id: str) -> User | None:
        """What is left of a user who is being erased."""
        item = self._get(items.user_key(user_id), consistent=True)
        return None if item is None or items.is_user(item) else items.user_from(item)

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
        """What was given by this reference, and the balance that it left."""
        item = self._get(items.receipt_key(user_id, reference), consistent=True)
        if item is None:
            return None
        award = Award(reference=reference, delta=item["delta"], reason=item["reason"])
        return award, item["balance"]

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

    def events(self, user_id: str, *, after: str | None, limit: int) -> Page:
        """Of the ledger, newest first."""
        return self._page(items.ledger_partition(user_id), after, limit, forward=False)

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

    def _page(
        self, partition: str, after: str | None, limit: int, *, forward: bool, prefix: str = ""
    ) -> Page:
        query: Item = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": partition},
            "ScanIndexForward": forward,
            "Limit": limit,
        }
        if prefix:
            query["KeyConditionExpression"] += " AND begins_with(SK, :prefix)"
            query["ExpressionAttributeValues"][":prefix"] = prefix
        if after is not None:
            query["ExclusiveStartKey"] = items.key(partition, after)
        answer = self._query(query)
        last = answer.last_key
        return Page(tuple(answer.items), None if last is None else str(last["SK"]))

    def _put_new(self, item: Item) -> Write:
        return {
            "Put": {"TableName": self._name, "Item": item, "ConditionExpression": _NEW},
        }

    def _set_user(self, user: User, at: str, field: str, value: str | None) -> bool:
        change = (
            self._change_user(user, at, f"{field} = :value", {":value": value})
            if value is not None
            else self._change_user(user, at, "", {}, f" REMOVE {field}")
        )["Update"]
        try:
            self._update(change.pop("Key"), **{k: v for k, v in change.items() if k != "TableName"})
        except ConditionFailed:
            return False
        return True

    def _change_user(
        self, user: User, at: str, setting: str, values: Item, more: str = ""
    ) -> Write:
        """To be written while the user is as it was read."""
        comma = ", " if setting else ""
        return {
            "Update": {
                "TableName": self._name,
                "Key": items.user_key(user.id),
                "UpdateExpression": (
                    f"SET {setting}{comma}updatedAt = :at, revision = :revision{more}"
                ),
                "ConditionExpression": "revision = :was AND attribute_not_exists(mergedInto)",
                "ExpressionAttributeValues": {
                    ":at": at,
                    ":was": user.revision,
                    ":revision": user.revision + 1,
                    **values,
                },
            }
        }

    def _change_stats(self, stats: Stats, setting: str, values: Item, more: str = "") -> Write:
        """To be written while the ledger is as it was read, and the tokens are not revoked."""
        return {
            "Update": {
                "TableName": self._name,
                "Key": items.stats_key(stats.user_id),
                "UpdateExpression": f"SET {setting}",
                "ConditionExpression": f"version = :version AND epoch = :was {more}",
                "ExpressionAttributeValues": {
                    ":version": stats.version,
                    ":was": stats.epoch,
                    **values,
                },
            }
        }


def _list(identities: Sequence[Identity]) -> list[list[str]]:
    return items.identities_value(identities)
