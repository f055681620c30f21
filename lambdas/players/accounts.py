"""Signing in, linking an identity, unlinking it, and merging two accounts."""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from lambdas.players.errors import (
    Banned,
    IdentityTaken,
    InProgress,
    TokenRevoked,
    UnknownAccount,
    UnknownGuest,
    UnknownUser,
)
from lambdas.players.ledger import TRIES, Wait, next_event, pause
from lambdas.players.points import Event, level_of
from lambdas.players.table import Account, PlayerTable
from lambdas.players.users import (
    Identity,
    Proof,
    User,
    check_merge,
    linked,
    stays_first,
    unlinked,
)
from lambdas.shared.http.errors import Busy
from lambdas.shared.keys.player_tokens import Bearer
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import uuid7

MERGED: Final = "merge"


class SignedIn(NamedTuple):
    account: Account
    created: bool


class Accounts:
    def __init__(
        self,
        table: PlayerTable,
        levels: Sequence[int],
        *,
        player_id_of: Callable[[str], str],
        wait: Wait = time.sleep,
    ) -> None:
        self._table = table
        self._levels = levels
        self._player_id_of = player_id_of
        self._wait = wait

    def sign_in(self, proof: Proof, now_ms: int) -> SignedIn:
        """To the account of this identity; a new one is made for a new identity."""
        for attempt in range(TRIES):
            account = self._owner(proof.identity)
            if account is not None:
                return SignedIn(self._welcome(account, proof, now_ms), created=False)
            if not proof.makes_user:
                raise UnknownGuest(proof.identity.provider)
            user = self.new_user(proof, now_ms)
            if self._done(partial(self._table.create, user, level=self._level(0))):
                made = self._table.account(user.id)
                if made is not None:
                    return SignedIn(made, created=True)
            pause(attempt, self._wait)
        raise Busy

    def new_user(self, proof: Proof, now_ms: int) -> User:
        user_id, at = uuid7(now_ms), iso(now_ms)
        return User(
            id=user_id,
            player_id=self._player_id_of(user_id),
            display_name=proof.name,
            wallet=proof.wallet,
            identities=(proof.identity,),
            created_at=at,
            updated_at=at,
        )

    def link(self, bearer: Bearer, proof: Proof, now_ms: int) -> User:
        """The identity may belong to this account already; of another it is not taken away."""
        for attempt in range(TRIES):
            account = self.of(bearer)
            owner = self._owner(proof.identity)
            if owner is not None and owner.user.id != account.user.id:
                raise IdentityTaken
            if owner is not None:
                return self._welcome(owner, proof, now_ms).user
            if not proof.makes_user:
                raise UnknownGuest(proof.identity.provider)
            user = account.user
            identities = linked(user.identities, proof.identity)
            at = iso(now_ms)
            if self._done(partial(self._table.link, account, proof.identity, identities, at)):
                return self._welcome(self.of(bearer), proof, now_ms).user
            pause(attempt, self._wait)
        raise Busy

    def unlink(self, bearer: Bearer, provider: str, subject: str | None, now_ms: int) -> None:
        for attempt in range(TRIES):
            user = self.of(bearer).user
            left = unlinked(user.identities, provider, subject)
            if self._done(partial(self._table.unlink, user, left, iso(now_ms))):
                return
            pause(attempt, self._wait)
        raise Busy

    def merge(self, bearer: Bearer, proof: Proof, now_ms: int) -> Account:
        """The account that stays: the older one, with the points of both."""

        def both() -> tuple[Account, Account]:
            mine = self.of(bearer)
            other = self._owner(proof.identity)
            if other is None:
                raise UnknownAccount
            if other.stats.banned:
                raise Banned
            return mine, other

        return self._merge(both, now_ms)

    def merge_users(self, one_id: str, other_id: str, now_ms: int) -> Account:
        """For an operator, who has checked that both belong to one person."""
        return self._merge(lambda: (self._known(one_id), self._known(other_id)), now_ms)

    def _known(self, user_id: str) -> Account:
        account = self._table.account(user_id)
        if account is None or account.user.merged_into is not None:
            raise UnknownUser
        return account

    def _merge(self, both: Callable[[], tuple[Account, Account]], now_ms: int) -> Account:
        for attempt in range(TRIES):
            mine, other = both()
            if other.user.id == mine.user.id:
                return mine
            stays, goes = self._ordered(mine, other)
            check_merge(stays.user, goes.user)
            now_s = now_ms // 1000
            if goes.stats.lease_s > now_s:
                # The answer to a message is under way, and would find its account gone.
                raise InProgress(min(goes.stats.lease_s - now_s, 2))
            if self._done(partial(self._merged, stays, goes, now_ms)):
                after = self._table.account(stays.user.id)
                if after is not None:
                    return after
            pause(attempt, self._wait)
        raise Busy

    def of(self, bearer: Bearer) -> Account:
        account = self._table.account(bearer.user_id)
        if account is None or account.stats.epoch != bearer.epoch:
            raise TokenRevoked
        if account.stats.banned:
            raise Banned
        return account

    def _merged(self, stays: Account, goes: Account, now_ms: int) -> bool:
        at, moved = iso(now_ms), goes.stats.total_points
        gained = _with(next_event(stays.stats, moved, MERGED, at), "from", goes.user.id)
        lost = _with(next_event(goes.stats, -moved, MERGED, at), "into", stays.user.id)
        return self._table.merge(
            stays,
            goes,
            at=at,
            now_s=now_ms // 1000,
            level=self._level(gained.balance),
            events=(gained, lost),
        )

    def _ordered(self, one: Account, other: Account) -> tuple[Account, Account]:
        first, _ = stays_first(one.user, other.user)
        return (one, other) if first is one.user else (other, one)

    def _owner(self, identity: Identity) -> Account | None:
        """Read again where the account was merged or erased between the two reads."""
        for attempt in range(TRIES):
            user_id = self._table.owner(identity)
            if user_id is None:
                return None
            account = self._table.account(user_id)
            if account is not None and account.user.merged_into is None:
                return account
            pause(attempt, self._wait)
        raise Busy

    def _welcome(self, account: Account, proof: Proof, now_ms: int) -> Account:
        """Keeps the wallet as its provider says it; a banned account does not get in."""
        if account.stats.banned:
            raise Banned
        user = account.user
        if proof.wallet is None or proof.wallet == user.wallet:
            return account
        self._table.set_wallet(user, proof.wallet, iso(now_ms))
        again = self._table.account(user.id)
        if again is None:
            raise TokenRevoked
        return again

    def _done(self, write: Callable[[], bool]) -> bool:
        try:
            return write()
        except Busy:
            return False

    def _level(self, points: int) -> int:
        return level_of(points, self._levels)


def _with(event: Event, name: str, user_id: str) -> Event:
    return Event(
        version=event.version,
        delta=event.delta,
        balance=event.balance,
        reason=event.reason,
        at=event.at,
        metadata=json.dumps({name: user_id}, separators=(",", ":")),
    )
