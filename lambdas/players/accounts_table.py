"""Users and their identities in the PlayerTable."""

from collections.abc import Sequence

from lambdas.players import items_table as items
from lambdas.players.base_table import Account, BaseTable
from lambdas.players.points import Event
from lambdas.players.users import Identity, Stats, User, merged
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed
from lambdas.shared.dynamo.transactions import Write


class AccountsTable(BaseTable):
    def owner(self, identity: Identity) -> str | None:
        item = self._get(items.identity_key(identity), consistent=True)
        return None if item is None else str(item["userId"])

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
                        "formerPlayers = :players",
                        *(f"{alias[1:]} = {alias}" for alias in optional),
                    ]
                ),
                {
                    ":new": _list(identities),
                    ":from": (*into.merged_from, source.id, *source.merged_from),
                    ":players": (
                        *into.former_players,
                        source.player_id,
                        *source.former_players,
                    ),
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
        """The rest of a user who is being erased."""
        item = self._get(items.user_key(user_id), consistent=True)
        return None if item is None or items.is_user(item) else items.user_from(item)

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


def _list(identities: Sequence[Identity]) -> list[list[str]]:
    return items.identities_value(identities)
