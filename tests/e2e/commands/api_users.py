"""htmlgame api-users."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.capabilities import insights
from lambdas.shared.api_users.api_keys import NewKey, new_key
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.users import Key, User
from lambdas.shared.values.clock import iso
from tests.e2e.commands.stage import Change, Changes, Reading, Readings, Stage, Wrongs


@contextmanager
def api_user(stage: Stage) -> Iterator[tuple[str, NewKey]]:
    """The id of a user, and the user's key."""
    keys = stage.table(KeyTable, insights.KEYS.parameter)
    now_ms, key = time.time_ns() // 1_000_000, new_key()
    made = keys.create(User(id=f"u{secrets.token_hex(3)}", limit=1000))
    keys.add_key(made, Key(key.prefix, key.hash, iso(now_ms)), now_ms)
    yield made.id, key
    if any(each.id == made.id for each in keys.users()):
        keys.remove(keys.user(made.id))


@contextmanager
def listed(stage: Stage) -> Iterator[Reading]:
    with api_user(stage) as (user, _):
        yield [], user, {"users"}


@contextmanager
def created(stage: Stage) -> Iterator[Change]:
    user = f"u{secrets.token_hex(3)}"
    yield Change(
        [user, "--role", "readonly"],
        question=f"Create the API user {user} with the role readonly?",
        done="done: keys 1, key hg_live_",
        recorded={"user": user, "role": "readonly", "limit": 100},
        again=f"there is an API user '{user}' already",
    )
    keys = stage.table(KeyTable, insights.KEYS.parameter)
    [key] = keys.user(user).keys
    principal, active, _ = keys.key(key.hash) or (None, False, 0)
    assert principal is not None
    assert (principal.user_id, principal.role, active) == (user, "readonly", True)
    keys.remove(keys.user(user))


@contextmanager
def another_key(stage: Stage) -> Iterator[Change]:
    with api_user(stage) as (user, _):
        yield Change(
            [user, "--days", "90"],
            question=f"Make a key for the API user {user}?",
            done="done: keys 1, key hg_live_",
            recorded={"user": user},
            again="the user has 2 live keys; revoke one first",
        )


@contextmanager
def revoked(stage: Stage) -> Iterator[Change]:
    with api_user(stage) as (user, key):
        yield Change(
            [user, key.prefix],
            question=f"Revoke the key {key.prefix} of the API user {user}?",
            done="done: keys 1",
            recorded={"user": user, "prefix": key.prefix},
            again=f"the user has no key '{key.prefix}'",
        )
        assert stage.table(KeyTable, insights.KEYS.parameter).key(key.hash) is None


@contextmanager
def changed(stage: Stage) -> Iterator[Change]:
    with api_user(stage) as (user, _):
        yield Change(
            [user, "--limit", "20", "--inactive"],
            question=f"Change the API user {user}?",
            done="done: users 1",
            recorded={"user": user, "role": "user", "limit": 20, "active": False},
            again=f"the API user {user} is as you want it",
        )


@contextmanager
def removed(stage: Stage) -> Iterator[Change]:
    with api_user(stage) as (user, key):
        yield Change(
            [user],
            question=f"Remove the API user {user}?",
            done="done: users 1, keys 1",
            recorded={"user": user},
            again=f"there is no API user '{user}'",
        )
        assert stage.table(KeyTable, insights.KEYS.parameter).key(key.hash) is None


READ: Readings = {"api-users list": listed}
CHANGES: Changes = {
    "api-users create": created,
    "api-users key": another_key,
    "api-users revoke": revoked,
    "api-users change": changed,
    "api-users remove": removed,
}
_UNKNOWN = "there is no API user 'nobody'"
WRONG: Wrongs = {
    "api-users create": [
        (["Ann"], 2, "USER or --limit: userId: not 1 to 64 of a-z"),
        (["ann", "--role", "boss"], 2, "'boss' is not one of 'user', 'readonly', 'admin'"),
        (["ann", "--limit", "0"], 2, "rateLimitPerMinute: not a whole number from 1"),
    ],
    "api-users key": [
        (["nobody"], 1, _UNKNOWN),
        (["nobody", "--days", "0"], 2, "'--days': 0 is not in the range"),
    ],
    "api-users revoke": [
        (["nobody"], 2, "Missing argument 'PREFIX'"),
        (["nobody", "hg_live_"], 1, _UNKNOWN),
    ],
    "api-users change": [
        (["nobody", "--limit", "20"], 1, _UNKNOWN),
        (["nobody", "--limit", "0"], 2, "'--limit': 0 is not in the range"),
    ],
    "api-users remove": [([], 2, "Missing argument 'USER'"), (["nobody"], 1, _UNKNOWN)],
}
SOMETHING = {
    "api-users create": ["ann"],
    "api-users key": ["ann"],
    "api-users revoke": ["ann", "hg_live_"],
    "api-users change": ["ann", "--limit", "20"],
    "api-users remove": ["ann"],
}
