"""A project: the events it takes, and how long its data is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lambdas.shared.http.errors import Unknown

EVENT_NAME: Final = r"[a-z][a-z0-9_]{0,39}"
MOST_EVENTS: Final = 50
COLLECTION: Final = r"[a-z][a-z0-9_-]{0,39}"
MOST_KEY_CHARACTERS: Final = 64
_KEY: Final = re.compile(rf"[A-Z][A-Z0-9_]{{0,{MOST_KEY_CHARACTERS - 1}}}")


class UnknownProject(Unknown):
    code = "unknown_project"

    def __init__(self) -> None:
        super().__init__("projectId: no project has this id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """In days; None keeps data for ever."""

    event_days: int = 90
    session_days: int = 30
    score_days: int | None = 365

    @property
    def pointer_days(self) -> int | None:
        """Longer than any data of a session, which itself lasts a day."""
        if self.score_days is None:
            return None
        return max(self.event_days, self.session_days, self.score_days) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as its creator set it up."""

    id: str
    creator_id: str
    name: str
    events: tuple[str, ...] = ()
    retention: Retention = Retention()
    injectable: tuple[str, ...] = ()
    collections: Mapping[str, str] = field(default_factory=dict)
    collection_days: Mapping[str, int] = field(default_factory=dict)
    """How long items of a collection are kept; for ever in one that is not named."""
    created_at: str = ""
    updated_at: str = ""
    version: int = 1
    """Rises with each change."""

    def is_private(self, collection: str) -> bool:
        return self.collections.get(collection) == "private"


def is_key(text: Any) -> bool:
    """Whether a secret may have this name."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None
