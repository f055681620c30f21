"""What an API user may do. Everything is allowed about oneself that is not an admin's alone."""

from dataclasses import dataclass
from typing import Final

from lambdas.insights.errors import RoleNeeded

ANYBODY: Final = ("user", "readonly", "admin")
READERS: Final = ("readonly", "admin")
ADMINS: Final = ("admin",)

ABOUT_ALL: Final[dict[str, tuple[str, ...]]] = {
    "read functions": ANYBODY,
    "read usage": READERS,
    "read requests": READERS,
    "read users": READERS,
    "change users": ADMINS,
    "make keys": ADMINS,
    "revoke keys": ADMINS,
}
"""The roles that may do this about anybody."""
ABOUT_ONESELF: Final = frozenset({"read requests", "read users", "revoke keys"})
"""What every role may do about its own rows."""


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: str
    role: str
    limit: int
    languages: tuple[str, ...] = ()

    def may(self, action: str, owner: str | None = None) -> bool:
        own = owner is not None and owner == self.user_id
        return self.role in ABOUT_ALL[action] or (own and action in ABOUT_ONESELF)

    def must(self, action: str, owner: str | None = None) -> None:
        if not self.may(action, owner):
            raise RoleNeeded(action, " or ".join(ABOUT_ALL[action]))
