"""Limits that an operator narrows on the running system, until the operator clears them.

They are stored beside the games. A trim rewrites a game's entries, and a deploy writes them
from config; both narrow what they write by these limits. Limits cannot be widened: the origin
judges by the limits it was deployed with, and the rotation of keys waits for the longest play
that those allow.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lambdas.shared.edge_store import Changes, game_key, period_key
from lambdas.shared.errors import ExplainedError

Number = int | float
Limits = dict[str, Any]
"""A game's limits, as its entry holds them."""

PREFIX: Final = "limits#"


class LiveLimitsError(ExplainedError):
    """Live limits that cannot be read, or cannot be set."""

    code = "limits"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a game, and how it is narrowed."""

    name: str
    place: tuple[str, int] | tuple[str]
    narrower: Callable[[Number, Number], Number]

    def of(self, limits: Limits) -> Number | None:
        value: Any = limits[self.place[0]]
        found: Number | None = value if len(self.place) == 1 else value[self.place[1]]
        return found

    def narrowed(self, value: Number | None, live: Number) -> Number:
        return live if value is None else self.narrower(value, live)

    def put(self, limits: Limits, value: Number) -> None:
        if len(self.place) == 1:
            limits[self.place[0]] = value
        else:
            limits[self.place[0]][self.place[1]] = value


LIMITS: Final = (
    Limit("score.min", ("score", 0), max),
    Limit("score.max", ("score", 1), min),
    Limit("perSecond", ("perSecond",), min),
    Limit("playMs.min", ("playMs", 0), max),
    Limit("playMs.max", ("playMs", 1), min),
    Limit("graceMs", ("graceMs",), min),
    Limit("pauseMs", ("pauseMs",), min),
)


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """An operator's limits of one game."""

    values: dict[str, Number]
    packaged: Limits
    """The limits of the last deploy, which the origin judges by."""
    at: str

    @property
    def in_force(self) -> Limits:
        return narrowed(self.packaged, self.values)

    def text(self) -> str:
        content = {"v": 1, "set": self.values, "of": self.packaged, "at": self.at}
        return json.dumps(content, separators=(",", ":"))


def live_limits_key(game_id: str) -> str:
    return PREFIX + game_id


def live_limits(values: Mapping[str, str], game_id: str) -> LiveLimits | None:
    text = values.get(live_limits_key(game_id))
    if text is None:
        return None
    try:
        content = json.loads(text)
        return LiveLimits(dict(content["set"]), content["of"], content["at"])
    except (ValueError, TypeError, KeyError):
        raise LiveLimitsError(
            f"{live_limits_key(game_id)} in the edge's store is not what htmlgame limits writes: "
            "delete that key, then set the limits again"
        ) from None


def narrowed(limits: Limits, live: Mapping[str, Number]) -> Limits:
    """The limits, narrowed by the live ones that are narrower."""
    result: Limits = json.loads(json.dumps(limits))
    for limit in LIMITS:
        if limit.name in live:
            limit.put(result, limit.narrowed(limit.of(result), live[limit.name]))
    return result


def packaged_limits(values: Mapping[str, str], game_id: str) -> Limits | None:
    """None where the edge does not know the game."""
    live = live_limits(values, game_id)
    if live is not None:
        return live.packaged
    text = values.get(game_key(game_id))
    limits: Limits | None = None if text is None else json.loads(text)["limits"]
    return limits


def limited(
    values: Mapping[str, str], game_id: str, live: Mapping[str, Number], at: str
) -> Changes:
    """The game's entries with these live limits instead of those they have; none clears them."""
    packaged = packaged_limits(values, game_id)
    if packaged is None:
        raise LiveLimitsError(f"the edge does not know {game_id}: deploy it first")
    changes = Changes()
    for key, text in values.items():
        if key == game_key(game_id) or key.startswith(period_key(game_id, "")):
            entry = json.loads(text) | {"limits": narrowed(packaged, live)}
            changes.puts[key] = json.dumps(entry, separators=(",", ":"))
    if live:
        changes.puts[live_limits_key(game_id)] = LiveLimits(dict(live), packaged, at).text()
    elif live_limits_key(game_id) in values:
        changes.deletes.add(live_limits_key(game_id))
    return changes
