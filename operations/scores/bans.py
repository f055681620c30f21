"""Bans: one key for each banned player in the edge's store, which the edge reads."""

import json
from dataclasses import dataclass
from typing import Final

from lambdas.shared.edge_store import Changes, EdgeStore
from operations.cli.output import Json

_PREFIX: Final = "ban#"


@dataclass(frozen=True, slots=True)
class Ban:
    user_id: str
    at: str | None
    reason: str | None

    def document(self) -> Json:
        return {"userId": self.user_id, "at": self.at, "reason": self.reason}


def ban_of(store: EdgeStore, user_id: str) -> Ban | None:
    text = store.get(_PREFIX + user_id)
    return None if text is None else _ban(user_id, text)


def bans_in(store: EdgeStore) -> list[Ban]:
    return [
        _ban(key.removeprefix(_PREFIX), text)
        for key, text in sorted(store.values().items())
        if key.startswith(_PREFIX)
    ]


def put_ban(store: EdgeStore, ban: Ban) -> None:
    value = json.dumps({"at": ban.at, "reason": ban.reason}, ensure_ascii=False)
    store.write(Changes(puts={_PREFIX + ban.user_id: value}))


def lift_ban(store: EdgeStore, user_id: str) -> None:
    store.write(Changes(deletes={_PREFIX + user_id}))


def _ban(user_id: str, text: str) -> Ban:
    """A value written by hand may be anything; for the edge it is a ban all the same."""
    try:
        content = json.loads(text)
        return Ban(user_id, content["at"], content["reason"])
    except (ValueError, TypeError, KeyError):
        return Ban(user_id, None, None)
