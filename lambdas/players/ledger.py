"""Points that are given and taken once: rewards, and what an operator adjusts."""

import random
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from lambdas.players.errors import NoReward, RewardTaken, TokenRevoked, UnknownUser
from lambdas.players.points import Award, Event, balance_after, level_of
from lambdas.players.table import Account, PlayerTable
from lambdas.players.users import Stats
from lambdas.shared.dynamo.items import Item
from lambdas.shared.http.errors import Busy
from lambdas.shared.values.clock import iso

TRIES: Final = 6
_FIRST_PAUSE_SECONDS: Final = 0.02

Wait = Callable[[float], None]


class Given(NamedTuple):
    delta: int
    balance: int
    again: bool
    """Whether it had been given before."""


def pause(attempt: int, wait: Wait) -> None:
    """Longer each time, and not the same for everybody."""
    wait(_FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 - jitter


class Ledger:
    def __init__(self, table: PlayerTable, levels: Sequence[int], wait: Wait = time.sleep) -> None:
        self._table = table
        self._levels = levels
        self._wait = wait

    def level(self, points: int) -> int:
        return level_of(points, self._levels)

    def give(
        self,
        user_id: str,
        award: Award,
        now_ms: int,
        *,
        also: Sequence[Item] = (),
        epoch: int | None = None,
    ) -> Given:
        """Once: the same reference again is answered as the first time.

        `also` are new items that are written with it. Where one of them exists already, someone
        else has taken the reward.
        """
        for attempt in range(TRIES):
            account = self._account(user_id, epoch)
            given = self._given(account, award)
            if given is not None:
                return given
            event = next_event(account.stats, award.delta, award.reason, iso(now_ms))
            event = _with(event, award)
            level = self.level(event.balance)
            try:
                failed = self._table.award(account.stats, award, event, level, also)
            except Busy:
                failed = 1
            if failed is None:
                return Given(award.delta, event.balance, again=False)
            if failed > 2:
                raise NoReward
            pause(attempt, self._wait)
        raise Busy

    def _account(self, user_id: str, epoch: int | None) -> Account:
        account = self._table.account(user_id)
        if account is None:
            raise UnknownUser
        if epoch is not None and account.stats.epoch != epoch:
            raise TokenRevoked
        return account

    def _given(self, account: Account, award: Award) -> Given | None:
        """Also to an account that was merged into this one."""
        for user_id in account.user.ids:
            receipt = self._table.receipt(user_id, award.reference)
            if receipt is None:
                continue
            before, balance = receipt
            if (before.delta, before.reason) != (award.delta, award.reason):
                raise RewardTaken
            return Given(award.delta, balance, again=True)
        return None


def next_event(stats: Stats, delta: int, reason: str, at: str) -> Event:
    return Event(
        version=stats.version + 1,
        delta=delta,
        balance=balance_after(stats.total_points, delta),
        reason=reason,
        at=at,
    )


def _with(event: Event, award: Award) -> Event:
    return Event(
        version=event.version,
        delta=event.delta,
        balance=event.balance,
        reason=event.reason,
        at=event.at,
        metadata=award.metadata,
    )
