"""API users and their keys: made, rotated, expired, revoked, limited, and changed together."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from lambdas.shared.api_users.access import Principal
from lambdas.shared.api_users.admission import Admission
from lambdas.shared.api_users.api_keys import NewKey, new_key
from lambdas.shared.api_users.errors import (
    ExpiredKey,
    Inactive,
    InvalidKey,
    MissingKey,
    TooManyKeys,
    TooManyRequests,
    UnknownKey,
    UnknownUser,
    UnknownUserKey,
    UserChanged,
    UserExists,
)
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.minute_table import MinuteTable
from lambdas.shared.api_users.users import Key, User, changed_user, key_lifetime, new_user
from lambdas.shared.http.errors import Malformed
from lambdas.shared.http.requests import Request
from local.dynamodb.tables import table_named

NOW = 1_795_262_400_000
ANN = User(id="ann", role="readonly", limit=3, created_at="now", updated_at="now")


@pytest.fixture
def keys(moto: Any) -> Iterator[KeyTable]:
    with table_named(moto, "keys"):
        yield KeyTable(moto, "keys")


@pytest.fixture
def admission(moto: Any, keys: KeyTable) -> Iterator[Admission]:
    with minutes_table(moto):
        yield Admission(keys, MinuteTable(moto, "minutes"))


def minutes_table(client: Any) -> Any:
    return table_named(client, "minutes", "PK")


def with_key(keys: KeyTable, user: User = ANN, expires_ms: int = 0) -> tuple[User, NewKey]:
    key = new_key()
    made = keys.add_key(keys.create(user), Key(key.prefix, key.hash, "now", expires_ms), NOW)
    return made, key


def asking(key: str | None, now_ms: int = NOW) -> Request:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    return Request({"headers": headers}, now_ms)


def test_a_key_admits_its_user(keys: KeyTable, admission: Admission) -> None:
    _, key = with_key(keys)
    assert admission.of(asking(key.text)) == Principal("ann", "readonly", 3)


def test_a_typo_is_refused_without_a_read(keys: KeyTable, admission: Admission) -> None:
    _, key = with_key(keys)
    keys.spent.reads = 0
    with pytest.raises(InvalidKey):
        admission.of(asking(key.text[:-1] + ("a" if key.text[-1] != "a" else "b")))
    assert keys.spent.reads == 0


def test_no_key_and_another_key_are_refused(keys: KeyTable, admission: Admission) -> None:
    with_key(keys)
    with pytest.raises(MissingKey):
        admission.of(asking(None))
    with pytest.raises(UnknownKey):
        admission.of(asking(new_key().text))


def test_only_the_hash_is_stored(moto: Any, keys: KeyTable) -> None:
    _, key = with_key(keys)
    stored = json.dumps(moto.scan(TableName="keys")["Items"])
    assert key.hash in stored
    assert key.text not in stored
    assert key.text[len(key.prefix) :] not in stored


def test_a_key_is_replaced_without_a_gap(keys: KeyTable, admission: Admission) -> None:
    user, old = with_key(keys)
    key = new_key()
    user = keys.add_key(user, Key(key.prefix, key.hash, "now"), NOW)
    for each in (old, key):
        admission.of(asking(each.text))
    with pytest.raises(TooManyKeys):
        keys.add_key(user, Key("p", "h", "now"), NOW)
    user = keys.revoke(user, old.prefix)
    later = NOW + 60_000
    admission.of(asking(key.text, later))
    with pytest.raises(UnknownKey):
        admission.of(asking(old.text, later))
    with pytest.raises(UnknownUserKey):
        keys.revoke(user, old.prefix)


def test_a_key_ends_and_makes_room_for_another(keys: KeyTable, admission: Admission) -> None:
    user, key = with_key(keys, expires_ms=NOW + 1000)
    admission.of(asking(key.text, NOW + 999))
    with pytest.raises(ExpiredKey):
        admission.of(asking(key.text, NOW + 1000))
    for number in range(2):
        user = keys.add_key(user, Key(f"p{number}", f"h{number}", "now"), NOW + 1000)
    assert [each.prefix for each in user.keys] == ["p0", "p1"]


def test_a_change_of_a_user_reaches_its_keys(keys: KeyTable, admission: Admission) -> None:
    user, key = with_key(keys)
    admission.of(asking(key.text))
    user = keys.change(user, replace(user, role="admin"))
    assert admission.of(asking(key.text, NOW + 60_000)).role == "admin"
    keys.change(user, replace(user, active=False))
    with pytest.raises(Inactive):
        admission.of(asking(key.text, NOW + 120_000))


def test_a_removed_user_leaves_nothing(moto: Any, keys: KeyTable, admission: Admission) -> None:
    user, key = with_key(keys)
    keys.remove(user)
    assert moto.scan(TableName="keys")["Count"] == 0
    with pytest.raises(UnknownKey):
        admission.of(asking(key.text))
    with pytest.raises(UnknownUser):
        keys.user("ann")


def test_two_changes_at_once_do_not_overwrite_each_other(keys: KeyTable) -> None:
    user, _ = with_key(keys)
    keys.change(user, replace(user, limit=5))
    with pytest.raises(UserChanged):
        keys.change(user, replace(user, role="admin"))
    with pytest.raises(UserChanged):
        keys.remove(user)
    assert (keys.user("ann").limit, keys.user("ann").role) == (5, "readonly")
    with pytest.raises(UserExists):
        keys.create(ANN)


def test_the_limit_is_exact_in_each_minute(keys: KeyTable, admission: Admission) -> None:
    _, key = with_key(keys)
    for _ in range(3):
        admission.of(asking(key.text))
    with pytest.raises(TooManyRequests) as refused:
        admission.of(asking(key.text))
    assert refused.value.retry_after == 60
    admission.of(asking(key.text, NOW + 60_000))


def test_the_limit_holds_under_concurrency_in_one_unit_each(dynalite: Any) -> None:
    with minutes_table(dynalite):
        minutes = [MinuteTable(dynalite, "minutes") for _ in range(150)]

        def take(table: MinuteTable) -> bool:
            try:
                table.take("ann", 100, NOW // 1000)
            except TooManyRequests:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(take, minutes)) == 100
        assert {each.spent.writes for each in minutes} == {1}


def test_activity_is_noted_once_an_hour(dynalite: Any) -> None:
    with table_named(dynalite, "keys"):
        keys = KeyTable(dynalite, "keys")
        keys.create(ANN)
        keys.spent.writes = 0
        for minute in range(60):
            keys.note_activity("ann", NOW - NOW % 3_600_000 + minute * 60_000, f"at {minute:02d}")
        assert keys.spent.writes == 1
        assert keys.user("ann").last_active_at == "at 00"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "userId"),
        ({"userId": "Ann"}, "userId"),
        ({"userId": "a" * 65}, "userId"),
        ({"userId": "ann", "role": "root"}, "role"),
        ({"userId": "ann", "rateLimitPerMinute": 0}, "rateLimitPerMinute"),
        ({"userId": "ann", "rateLimitPerMinute": True}, "rateLimitPerMinute"),
        ({"userId": "ann", "rateLimitPerMinute": 1.5}, "rateLimitPerMinute"),
        ({"userId": "ann", "allowedLanguages": "javascript"}, "allowedLanguages"),
        ({"userId": "ann", "allowedLanguages": ["JS!"]}, "allowedLanguages"),
        ({"userId": "ann", "active": 1}, "active"),
        ({"userId": "ann", "name": "a\u202eb"}, "name"),
        ({"userId": "ann", "apiKeyHash": "x"}, "apiKeyHash"),
        ({"userId": "ann", "version": 7}, "version"),
    ],
)
def test_a_wrong_field_is_named(body: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=field):
        new_user(json.dumps(body).encode(), now="now")


def test_a_user_has_the_specified_defaults() -> None:
    made = new_user(b'{"userId": "ann"}', now="now")
    assert (made.role, made.limit, made.languages, made.active) == ("user", 100, (), True)
    changed = changed_user(made, b'{"allowedLanguages": ["javascript"]}', now="later")
    assert (changed.languages, changed.updated_at) == (("javascript",), "later")


def test_a_change_cannot_rename_a_user() -> None:
    with pytest.raises(Malformed, match="userId"):
        changed_user(ANN, b'{"userId": "bob"}', now="now")


@pytest.mark.parametrize("days", [0, -1, 3651, "7", 1.5, True])
def test_a_wrong_lifetime_is_refused(days: Any) -> None:
    with pytest.raises(Malformed, match="days"):
        key_lifetime(json.dumps({"days": days}).encode(), NOW)


def test_a_lifetime_is_counted_from_now() -> None:
    assert key_lifetime(b'{"days": 7}', NOW) == NOW + 7 * 86_400_000
    assert key_lifetime(b"", NOW) == 0
