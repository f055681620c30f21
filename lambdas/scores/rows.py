"""How an entry is written in a row, and read back from one that anybody may have written."""

from typing import Any, Final

from lambdas.scores.periods import from_iso
from lambdas.scores.rules import Entry
from lambdas.shared.values.wire import LARGEST_INTEGER

Item = dict[str, Any]

_PLAYER: Final = "U#"


class UnreadableRow(Exception):
    """A row that is no entry, such as one that was imported by hand."""

    def __init__(self, item: Item, problem: str) -> None:
        self.row = str(item["SK"]["S"])
        self.problem = problem
        super().__init__(f"{self.row}: {problem}")


def row_key(board: str, user_id: str) -> Item:
    return {"PK": {"S": board}, "SK": {"S": f"{_PLAYER}{user_id}"}}


def number(value: int) -> Item:
    return {"N": str(value)}


def attributes_of(entry: Entry, meta: str | None = None) -> Item:
    """All but the keys."""
    attributes = {
        "score": number(entry.score),
        "timeMs": number(entry.time_ms),
        "userName": {"S": entry.user_name},
        "updatedAt": {"S": entry.updated_at},
        "rk": {"S": entry.rk},
        "play": {"S": entry.play},
        "moved": {"BOOL": entry.moved},
    }
    if meta is not None:
        attributes["meta"] = {"S": meta}
    if entry.hidden_at is not None:
        attributes["hiddenAt"] = {"S": entry.hidden_at}
    return attributes


def entry_in(item: Item) -> Entry:
    return Entry(
        user_id=_user_id(item),
        user_name=_text(item, "userName"),
        score=_integer(item, "score"),
        time_ms=_integer(item, "timeMs"),
        updated_at=_moment(item, "updatedAt"),
        # An imported row may know of no play, and have no rank key: that can be made.
        rk=_text(item, "rk") if "rk" in item else "",
        play=_text(item, "play") if "play" in item else "",
        moved=item.get("moved", {}).get("BOOL") is True,
        hidden_at=_text(item, "hiddenAt") if "hiddenAt" in item else None,
    )


def _user_id(item: Item) -> str:
    sort_key = str(item["SK"]["S"])
    if not sort_key.startswith(_PLAYER):
        raise UnreadableRow(item, f"not a player's: its SK does not begin with {_PLAYER}")
    return sort_key.removeprefix(_PLAYER)


def _text(item: Item, name: str) -> str:
    try:
        return str(item[name]["S"])
    except KeyError:
        raise _unlike(item, name, "a string") from None


def _integer(item: Item, name: str) -> int:
    try:
        value = int(item[name]["N"])
    except (KeyError, ValueError):
        raise _unlike(item, name, "a whole number") from None
    if abs(value) > LARGEST_INTEGER:
        raise UnreadableRow(item, f"{name} is beyond ±{LARGEST_INTEGER}")
    return value


def _moment(item: Item, name: str) -> str:
    text = _text(item, name)
    try:
        from_iso(text)
    except (ValueError, TypeError):
        # Without a zone it is no moment.
        raise _unlike(item, name, "a moment such as 2026-11-21T12:00:00.000Z") from None
    return text


def _unlike(item: Item, name: str, kind: str) -> UnreadableRow:
    return UnreadableRow(item, f"{name} is not {kind}" if name in item else f"{name} is missing")
