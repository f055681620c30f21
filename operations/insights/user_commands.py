"""htmlgame api-users: who may use the APIs of keys"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

import click

from lambdas.shared.api_users.api_keys import new_key
from lambdas.shared.api_users.errors import (
    TooManyKeys,
    UnknownUser,
    UnknownUserKey,
    UserChanged,
    UserExists,
)
from lambdas.shared.api_users.users import DEFAULT_LIMIT, ROLES, Key, User, new_user
from lambdas.shared.http.errors import Malformed, Refusal
from lambdas.shared.values.clock import iso
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json
from operations.cli.session import Session
from operations.errors import OperatorError, WrongArgument
from operations.insights.store import Store

T = TypeVar("T")
_DAY_MS: Final = 86_400_000


class Refused(OperatorError):
    code = "refused"

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))


@click.group("api-users")
def api_users() -> None:
    """List, create, change and remove API users, and make and revoke their keys."""


@command("list")
def list_users(session: Session) -> None:
    """List all API users."""
    found = [each.to_json() for each in session.own(Store).keys.users()]

    def show() -> None:
        rows = [
            [
                each["userId"],
                each["role"] if each["active"] else f"{each['role']} (off)",
                each["rateLimitPerMinute"],
                ", ".join(key["prefix"] for key in each["keys"]),
                each["lastActiveAt"] or "",
            ]
            for each in found
        ]
        columns = ["user", "role", ">a minute", "~keys", "last active"]
        session.output.table(columns, rows)

    session.output.document({"users": found}, show)


@command("create")
@click.argument("user")
@click.option("--role", type=click.Choice(ROLES), default="user", show_default=True)
@click.option("--limit", default=DEFAULT_LIMIT, show_default=True, help="Requests a minute.")
@click.option("--days", type=click.IntRange(1, 3650), help="When its key ends; never without.")
@changes
def create_user(
    session: Session, consent: Consent, user: str, role: str, limit: int, days: int | None
) -> None:
    """Create an API user, and print its key, once."""
    made, keys = _checked(session, user, role, limit), session.own(Store).keys

    def act() -> Json:
        return _with_key(session, _answered(lambda: keys.create(made)), days)

    change = Change(
        "api-users create",
        {"user": user, "role": role, "limit": limit},
        f"Create the API user {user} with the role {role}",
        planned={"users": 1},
        document={"user": user, "role": role},
    )
    carry_out(session, consent, change, act)


@command("key")
@click.argument("user")
@click.option("--days", type=click.IntRange(1, 3650), help="When the key ends; never without.")
@changes
def make_key(session: Session, consent: Consent, user: str, days: int | None) -> None:
    """Make another key for an API user, and print it, once."""
    found = _answered(lambda: session.own(Store).keys.user(user))
    change = Change(
        "api-users key",
        {"user": user},
        f"Make a key for the API user {user}",
        planned={"keys": 1},
        document={"user": user},
    )
    carry_out(session, consent, change, lambda: _with_key(session, found, days))


@command("revoke")
@click.argument("user")
@click.argument("prefix")
@changes
def revoke_key(session: Session, consent: Consent, user: str, prefix: str) -> None:
    """Revoke a key. It works for another minute at most."""
    keys = session.own(Store).keys
    found = _answered(lambda: keys.user(user))

    def act() -> Json:
        _answered(lambda: keys.revoke(found, prefix))
        return {"keys": 1}

    change = Change(
        "api-users revoke",
        {"user": user, "prefix": prefix},
        f"Revoke the key {prefix} of the API user {user}",
        planned={"keys": 1},
        document={"user": user, "prefix": prefix},
    )
    carry_out(session, consent, change, act)


@command("change")
@click.argument("user")
@click.option("--role", type=click.Choice(ROLES))
@click.option("--limit", type=click.IntRange(1, 100_000), help="Requests a minute.")
@click.option("--active/--inactive", default=None, help="Switch it on or off.")
@changes
def change_user(
    session: Session,
    consent: Consent,
    user: str,
    role: str | None,
    limit: int | None,
    *,
    active: bool | None,
) -> None:
    """Change an API user's role or limit, or switch it off."""
    keys = session.own(Store).keys
    before = _answered(lambda: keys.user(user))
    after = replace(
        before,
        role=role or before.role,
        limit=limit or before.limit,
        active=before.active if active is None else active,
        updated_at=iso(session.now_ms),
    )

    def act() -> Json:
        _answered(lambda: keys.change(before, after))
        return {"users": 1}

    same = replace(after, updated_at=before.updated_at) == before
    change = Change(
        "api-users change",
        {"user": user, "role": after.role, "limit": after.limit, "active": after.active},
        f"Change the API user {user}",
        planned={"users": 1},
        nothing=f"the API user {user} is as you want it" if same else None,
        document={"user": after.to_json()},
    )
    carry_out(session, consent, change, act)


@command("remove")
@click.argument("user")
@changes
def remove_user(session: Session, consent: Consent, user: str) -> None:
    """Remove an API user and its keys. Its functions stay."""
    keys = session.own(Store).keys
    found = _answered(lambda: keys.user(user))

    def act() -> Json:
        _answered(lambda: keys.remove(found))
        return {"users": 1, "keys": len(found.keys)}

    change = Change(
        "api-users remove",
        {"user": user},
        f"Remove the API user {user}",
        planned={"users": 1, "keys": len(found.keys)},
        document={"user": user},
    )
    carry_out(session, consent, change, act)


def _with_key(session: Session, user: User, days: int | None) -> Json:
    made = new_key()
    expires_ms = session.now_ms + days * _DAY_MS if days else 0
    key = Key(made.prefix, made.hash, iso(session.now_ms), expires_ms)
    _answered(lambda: session.own(Store).keys.add_key(user, key, session.now_ms))
    return {"keys": 1, "key": made.text, "prefix": made.prefix}


def _checked(session: Session, user: str, role: str, limit: int) -> User:
    body = json.dumps({"userId": user, "role": role, "rateLimitPerMinute": limit}).encode()
    try:
        return new_user(body, now=iso(session.now_ms))
    except Malformed as wrong:
        raise WrongArgument("USER or --limit", str(wrong)) from None


def _answered(act: Callable[[], T]) -> T:
    try:
        return act()
    except (TooManyKeys, UnknownUser, UnknownUserKey, UserChanged, UserExists) as refusal:
        raise Refused(refusal) from None


for each in (list_users, create_user, make_key, revoke_key, change_user, remove_user):
    api_users.add_command(each)
