"""API users: what they are, and what a request may say about one."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.errors import Malformed

ROLES: Final = ("user", "readonly", "admin")
MOST_KEYS: Final = 2
"""Live at once, so that a key can be replaced without a gap."""
MOST_BODY_BYTES: Final = 4096
DEFAULT_LIMIT: Final = 100
_MOST_LIMIT: Final = 100_000
_MOST_KEY_DAYS: Final = 3650
_DAY_MS: Final = 86_400_000
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LANGUAGE: Final = re.compile(r"[a-z][a-z0-9]{0,31}")
_FIELDS: Final = ("name", "email", "role", "rateLimitPerMinute", "allowedLanguages", "active")


@dataclass(frozen=True, slots=True)
class Key:
    prefix: str
    hash: str
    created_at: str
    expires_ms: int = 0
    """0: never."""

    def is_live(self, now_ms: int) -> bool:
        return not self.expires_ms or now_ms < self.expires_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: str
    role: str = "user"
    limit: int = DEFAULT_LIMIT
    """Requests a minute."""
    languages: tuple[str, ...] = ()
    """Whose functions it may run; empty for all."""
    active: bool = True
    name: str = ""
    email: str = ""
    created_at: str = ""
    updated_at: str = ""
    last_active_at: str = ""
    keys: tuple[Key, ...] = ()
    version: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "userId": self.id,
            "name": self.name,
            "email": self.email,
            "role": self.role,
            "rateLimitPerMinute": self.limit,
            "allowedLanguages": list(self.languages) or None,
            "active": self.active,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "lastActiveAt": self.last_active_at or None,
            "keys": [
                {
                    "prefix": each.prefix,
                    "createdAt": each.created_at,
                    "expiresMs": each.expires_ms or None,
                }
                for each in self.keys
            ],
        }


def new_user(body: bytes, *, now: str) -> User:
    said = object_in(body, most_bytes=MOST_BODY_BYTES, fields=("userId", *_FIELDS))
    user_id = said.pop("userId", None)
    if not isinstance(user_id, str) or not _ID.fullmatch(user_id):
        raise Malformed("userId", "not 1 to 64 of a-z 0-9 . _ -, of which the first is a-z or 0-9")
    return _changed(User(id=user_id, created_at=now, updated_at=now), said)


def changed_user(user: User, body: bytes, *, now: str) -> User:
    said = object_in(body, most_bytes=MOST_BODY_BYTES, fields=_FIELDS)
    return replace(_changed(user, said), updated_at=now)


def key_lifetime(body: bytes, now_ms: int) -> int:
    """When a new key expires, in milliseconds; 0 for never."""
    said = object_in(body or b"{}", most_bytes=MOST_BODY_BYTES, fields=("days",))
    days = said.get("days")
    if days is None:
        return 0
    if not _is_whole(days, 1, _MOST_KEY_DAYS):
        raise Malformed("days", f"not a whole number from 1 to {_MOST_KEY_DAYS}")
    return now_ms + int(days) * _DAY_MS


def _changed(user: User, said: dict[str, Any]) -> User:
    role = said.get("role", user.role)
    if role not in ROLES:
        raise Malformed("role", f"not one of {', '.join(ROLES)}")
    limit = said.get("rateLimitPerMinute", user.limit)
    if not _is_whole(limit, 1, _MOST_LIMIT):
        raise Malformed("rateLimitPerMinute", f"not a whole number from 1 to {_MOST_LIMIT}")
    languages = said.get("allowedLanguages", list(user.languages))
    if not _are_languages(languages):
        raise Malformed("allowedLanguages", "not null or a list of at most 20 names of languages")
    active = said.get("active", user.active)
    if not isinstance(active, bool):
        raise Malformed("active", "not true or false")
    return replace(
        user,
        role=role,
        limit=limit,
        languages=tuple(languages or ()),
        active=active,
        name=_text(said, "name", user.name),
        email=_text(said, "email", user.email),
    )


def _text(said: dict[str, Any], field: str, usual: str) -> str:
    value = said.get(field, usual)
    if not isinstance(value, str) or len(value) > 256 or not (value.isprintable()):
        raise Malformed(field, "not a text of at most 256 printable characters")
    return value


def _is_whole(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _are_languages(value: Any) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, list)
        and len(value) <= 20
        and all(isinstance(each, str) and _LANGUAGE.fullmatch(each) for each in value)
    )
