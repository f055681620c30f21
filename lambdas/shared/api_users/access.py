"""What an API user may do. Everything is allowed about oneself that is not an admin's alone."""

from dataclasses import dataclass
from typing import Final

from lambdas.shared.api_users.errors import RoleNeeded

ANYBODY: Final = ("user", "readonly", "admin")
READERS: Final = ("readonly", "admin")
WRITERS: Final = ("user", "admin")
ADMINS: Final = ("admin",)

ABOUT_ALL: Final[dict[str, tuple[str, ...]]] = {
    "read functions": ANYBODY,
    "read usage": READERS,
    "read requests": READERS,
    "read users": READERS,
    "change users": ADMINS,
    "make keys": ADMINS,
    "revoke keys": ADMINS,
    "read sources": READERS,
    "change sources": ADMINS,
    "run functions": ADMINS,
}
"""The roles that may do this about anybody."""
ABOUT_ONESELF: Final[dict[str, tuple[str, ...]]] = {
    "read usage": ANYBODY,
    "read requests": ANYBODY,
    "read users": ANYBODY,
    "revoke keys": ANYBODY,
    "read sources": ANYBODY,
    "change sources": WRITERS,
    "run functions": WRITERS,
}
"""The roles that may do this about their own rows. A user's functions are its own."""


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: str
    role: str
    limit: int
    languages: tuple[str, ...] = ()

    def may(self, action: str, owner: str | None = None) -> bool:
        own = owner is not None and owner == self.user_id
        return self.role in ABOUT_ALL[action] or (
            own and self.role in ABOUT_ONESELF.get(action, ())
        )

    def must(self, action: str, owner: str | None = None) -> None:
        if not self.may(action, owner):
            raise RoleNeeded(action, " or ".join(ABOUT_ALL[action]))
