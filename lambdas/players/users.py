"""Users, their identities and their stats, and the rules by which accounts are merged."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from lambdas.players.errors import LastIdentity, TooManyIdentities, TooManyMerges, UnknownIdentity

MOST_IDENTITIES: Final = 10
MOST_MERGES: Final = 20
GUEST: Final = "guest"
"""The provider of guests, who are known by the id of their session alone."""
DEVICES: Final = ("key", GUEST)
"""Providers whose identities stay on one device."""


class Identity(NamedTuple):
    """An account of a provider: its subject is unique there and never used again."""

    provider: str
    subject: str


class Proof(NamedTuple):
    """An identity that the sender has proven, and what its provider says of them."""

    identity: Identity
    name: str | None = None
    wallet: str | None = None
    makes_user: bool = True
    """False where only an identity that exists can sign in."""


class User(NamedTuple):
    id: str
    """A UUIDv7: it sorts by the moment the account was made."""
    player_id: str
    """The user's row on the leaderboards."""
    created_at: str
    updated_at: str
    display_name: str | None = None
    wallet: str | None = None
    identities: tuple[Identity, ...] = ()
    merged_into: str | None = None
    merged_from: tuple[str, ...] = ()
    former_players: tuple[str, ...] = ()
    """The rows on the leaderboards of the accounts that were merged into this one."""
    revision: int = 1

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids under which the user's sessions and ledgers are stored, its own first."""
        return (self.id, *self.merged_from)

    @property
    def player_ids(self) -> tuple[str, ...]:
        """The user's rows on the leaderboards, those of anonymous play included."""
        keys = (each.subject for each in self.identities if each.provider == "key")
        return (self.player_id, *self.former_players, *keys)


class Stats(NamedTuple):
    user_id: str
    total_points: int = 0
    version: int = 0
    """Of the last event of the ledger."""
    epoch: int = 0
    """Tokens of an earlier epoch are revoked."""
    banned: bool = False
    guest: bool = False
    """Whether the id of a session is enough to act as this user."""
    lease_s: int = 0
    """Until when the claim holds."""
    claim: str | None = None
    """The attempt that may write the answer to a message."""
    days: tuple["Day", ...] = ()
    """Today, and days whose counts the next answer removes."""
    last_message_at: str | None = None
    last_message: str | None = None
    """Session and id of the last message that was answered."""

    def on(self, day: str) -> "Day":
        return next((each for each in self.days if each.day == day), Day(day))


class Day(NamedTuple):
    """What a user's messages of one day count."""

    day: str
    used: int = 0
    """Messages that were claimed."""
    gained: int = 0
    """Points from messages."""


def lasting(identities: Iterable[Identity]) -> tuple[Identity, ...]:
    """Without those of guests: a session's id opens no account that has another identity."""
    return tuple(each for each in identities if each.provider != GUEST)


def linked(identities: Sequence[Identity], identity: Identity) -> tuple[Identity, ...]:
    kept = lasting(identities)
    if len(kept) >= MOST_IDENTITIES:
        raise TooManyIdentities(MOST_IDENTITIES)
    return (*kept, identity)


def merged(stays: User, goes: User) -> tuple[Identity, ...]:
    """The identities of both. Two guests stay one guest."""
    both = (*stays.identities, *goes.identities)
    return lasting(both) or stays.identities


def unlinked(
    identities: Sequence[Identity], provider: str, subject: str | None
) -> tuple[Identity, ...]:
    """Without the provider's identities, or the one with this subject; the last one stays."""
    named = tuple(
        each for each in identities if each.provider == provider and subject in (None, each.subject)
    )
    if not named:
        raise UnknownIdentity
    if len(named) == len(identities):
        raise LastIdentity
    return tuple(each for each in identities if each not in named)


def stays_first(one: User, other: User) -> tuple[User, User]:
    """The older account stays, so merges begun from both sides agree."""
    return (one, other) if one.id < other.id else (other, one)


def check_merge(stays: User, goes: User) -> None:
    if len(merged(stays, goes)) > MOST_IDENTITIES:
        raise TooManyIdentities(MOST_IDENTITIES)
    if len(stays.merged_from) + len(goes.merged_from) + 1 > MOST_MERGES:
        raise TooManyMerges(MOST_MERGES)
