"""Writes game configs into the store at a deploy, and keeps what is live there.

Live are each board's threshold, and the limits that an operator has narrowed.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from lambdas.edge.live_limits import PREFIX as LIVE_LIMITS
from lambdas.edge.live_limits import live_limits, live_limits_key, narrowed
from lambdas.shared.edge_store import GAMES, Changes, entry_in, game_in

_LIVE: Final = ("from", "until", "thr", "updatedAt")


def synchronised(values: Mapping[str, str], wanted: Mapping[str, dict[str, Any]]) -> Changes:
    changes = Changes()
    games = {game_in(key): entry for key, entry in wanted.items()}
    for key, entry in wanted.items():
        _put(changes, values, key, _dumped(_limited(values, game_in(key), entry), values.get(key)))
    for game_id, entry in games.items():
        live = live_limits(values, game_id)
        if live is not None:
            text = replace(live, packaged=entry["limits"]).text()
            _put(changes, values, live_limits_key(game_id), text)
    changes.deletes = {
        key
        for key in values
        if (key.startswith(GAMES) and key not in wanted)
        or (key.startswith(LIVE_LIMITS) and key.removeprefix(LIVE_LIMITS) not in games)
    }
    return changes


def _put(changes: Changes, values: Mapping[str, str], key: str, text: str) -> None:
    if values.get(key) != text:
        changes.puts[key] = text


def _limited(values: Mapping[str, str], game_id: str, entry: dict[str, Any]) -> dict[str, Any]:
    live = live_limits(values, game_id)
    return entry if live is None else entry | {"limits": narrowed(entry["limits"], live.values)}


def _dumped(entry: dict[str, Any], present: str | None) -> str:
    return json.dumps(entry | _live_part(present, entry), separators=(",", ":"))


def _live_part(text: str | None, entry: dict[str, Any]) -> dict[str, Any]:
    """Drops a threshold that belongs to another order or top N."""
    present = entry_in(text)
    if present is None or (present["order"], present["topN"]) != (entry["order"], entry["topN"]):
        return {}
    return {name: present[name] for name in _LIVE if name in present}
