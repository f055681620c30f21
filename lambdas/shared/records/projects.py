"""A project's record: what it takes, and for how long it is kept."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lambdas.shared.dynamo.table import Item, MeteredTable
from lambdas.shared.http.errors import Unknown

EVENT_NAME: Final = r"[a-z][a-z0-9_]{0,39}"
MOST_EVENTS: Final = 50
COLLECTION: Final = r"[a-z][a-z0-9_-]{0,39}"
MOST_KEY_CHARACTERS: Final = 64
_KEY: Final = re.compile(rf"[A-Z][A-Z0-9_]{{0,{MOST_KEY_CHARACTERS - 1}}}")
_BELIEVED_SECONDS: Final = 60
_MOST_REMEMBERED: Final = 1000


class UnknownProject(Unknown):
    code = "unknown_project"

    def __init__(self) -> None:
        super().__init__("projectId: there is no such project here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Days; None is for ever."""

    event_days: int = 90
    session_days: int = 30
    score_days: int | None = 365

    @property
    def pointer_days(self) -> int | None:
        """Longer than anything that comes of a session, which lasts a day."""
        if self.score_days is None:
            return None
        return max(self.event_days, self.session_days, self.score_days) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    id: str
    creator_id: str
    name: str
    events: tuple[str, ...] = ()
    retention: Retention = Retention()
    injectable: tuple[str, ...] = ()
    collections: Mapping[str, str] = field(default_factory=dict)
    created_at: str = ""
    updated_at: str = ""
    version: int = 1
    """Counts its changes."""

    def is_private(self, collection: str) -> bool:
        return self.collections.get(collection) == "private"


def is_key(text: Any) -> bool:
    """Whether a secret may have this name."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def project_key(project_id: str) -> Item:
    return {"PK": {"S": f"PR#{project_id}"}, "SK": {"S": "PROJECT"}}


def project_item(project: Project) -> Item:
    retention = project.retention
    score_days = retention.score_days
    return {
        **project_key(project.id),
        "creatorId": {"S": project.creator_id},
        "name": {"S": project.name},
        "events": _texts(project.events),
        "eventDays": {"N": str(retention.event_days)},
        "sessionDays": {"N": str(retention.session_days)},
        "scoreDays": {"NULL": True} if score_days is None else {"N": str(score_days)},
        "injectable": _texts(project.injectable),
        "collections": {"M": {name: {"S": seen} for name, seen in project.collections.items()}},
        "createdAt": {"S": project.created_at},
        "updatedAt": {"S": project.updated_at},
        "version": {"N": str(project.version)},
    }


def project_from(item: Item) -> Project:
    return Project(
        id=item["PK"]["S"].removeprefix("PR#"),
        creator_id=item["creatorId"]["S"],
        name=item["name"]["S"],
        events=tuple(each["S"] for each in item["events"]["L"]),
        retention=Retention(
            event_days=int(item["eventDays"]["N"]),
            session_days=int(item["sessionDays"]["N"]),
            score_days=int(item["scoreDays"]["N"]) if "N" in item["scoreDays"] else None,
        ),
        injectable=tuple(each["S"] for each in item["injectable"]["L"]),
        collections={name: seen["S"] for name, seen in item["collections"]["M"].items()},
        created_at=item["createdAt"]["S"],
        updated_at=item["updatedAt"]["S"],
        version=int(item["version"]["N"]),
    )


def _texts(values: tuple[str, ...]) -> Item:
    return {"L": [{"S": value} for value in values]}


class Projects(MeteredTable):
    """Read one by one, and believed for a minute; also of those there are not."""

    def __init__(
        self, client: Any, table: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(client, table)
        self._clock = clock
        self._believed: OrderedDict[str, tuple[float, Project | None]] = OrderedDict()

    def named(self, project_id: str) -> Project:
        now = self._clock()
        at, project = self._believed.get(project_id, (float("-inf"), None))
        if now - at >= _BELIEVED_SECONDS:
            project = self._read(project_id)
            self._remember(project_id, now, project)
        if project is None:
            raise UnknownProject
        return project

    def owned(self, project_id: str, creator_id: str) -> Project:
        """Another's project is answered as one there is not."""
        project = self.named(project_id)
        if project.creator_id != creator_id:
            raise UnknownProject
        return project

    def _read(self, project_id: str) -> Project | None:
        item = self._get(project_key(project_id), consistent=False)
        return None if item is None else project_from(item)

    def _remember(self, project_id: str, now: float, project: Project | None) -> None:
        self._believed[project_id] = (now, project)
        self._believed.move_to_end(project_id)
        if len(self._believed) > _MOST_REMEMBERED:
            self._believed.popitem(last=False)
