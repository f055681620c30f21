"""Describes the entries of the edge's key-value store, without their secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lambdas.edge.live_limits import PREFIX as LIMITS
from lambdas.edge.live_limits import LiveLimitsError, live_limits, live_limits_key

Json = dict[str, Any]

_BOARD: Final = re.compile(r"cfgthr#g:(?P<game>[^#]+)(#p:(?P<period>[^#]+))?")
_TOKEN_KEY: Final = re.compile(r"(?P<kid>[a-z0-9]{1,8}):(?P<secret>.+)", re.DOTALL)
_LONGEST_NOTE: Final = 200
_NO_THRESHOLD: Final = "Has room: every valid score is forwarded."
_NOT_NOW: Final = "The threshold is for another period: every valid score is forwarded."


def described(values: Mapping[str, str], now_ms: int) -> list[Json]:
    return [_described(key, values[key], now_ms) for key in sorted(values)]


def _described(key: str, value: str, now_ms: int) -> Json:
    size = len(value.encode())
    if key in ("k_current", "k_prev"):
        return {"key": key, "bytes": size, **_token_key(value)}
    if key.startswith("ban#"):
        user_id = key.removeprefix("ban#")
        return {"key": key, "bytes": size, "kind": "ban", "userId": user_id, "note": _note(value)}
    if key.startswith(LIMITS):
        return {"key": key, "bytes": size, **_live_limits(key.removeprefix(LIMITS), value)}
    board = _BOARD.fullmatch(key)
    if board is None:
        return {"key": key, "bytes": size, "kind": "other"}
    try:
        kind = "board" if board["period"] else "game"
        return {
            "key": key,
            "bytes": size,
            "kind": kind,
            **board.groupdict(),
            **_game(value, now_ms),
        }
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        problem = f"the edge cannot read this entry: {type(error).__name__}"
        return {"key": key, "bytes": size, "kind": "corrupt", "problem": problem}


def _token_key(value: str) -> Json:
    parts = _TOKEN_KEY.fullmatch(value)
    if parts is None:
        return {"kind": "corrupt", "problem": "not kid:secret"}
    made_s = int(parts["kid"], 36)
    return {
        "kind": "key",
        "kid": parts["kid"],
        "madeAt": made_s * 1000,
        "secretCharacters": len(parts["secret"]),
    }


def _live_limits(game: str, value: str) -> Json:
    try:
        live = live_limits({live_limits_key(game): value}, game)
    except LiveLimitsError:
        live = None
    if live is None:
        return {"kind": "corrupt", "problem": "not what htmlgame limits writes"}
    return {"kind": "limits", "game": game, "set": dict(live.values), "at": live.at}


def _note(value: str) -> str:
    return value if len(value) <= _LONGEST_NOTE else f"{value[:_LONGEST_NOTE]}…"


def _game(value: str, now_ms: int) -> Json:
    entry: Json = json.loads(value)
    order = [(str(name), str(direction)) for name, direction in entry["order"]]
    thr = entry.get("thr")
    last = None if thr is None else [int(number) for number in thr]
    window = _window(entry, now_ms)
    return {
        "order": order,
        "topN": entry["topN"],
        "limits": entry["limits"],
        "identity": entry.get("identity", "key"),
        "from": entry.get("from"),
        "until": entry.get("until"),
        "window": window,
        "updatedAt": entry.get("updatedAt"),
        "last": None if last is None else dict(zip(_names(order), last, strict=True)),
        "meaning": _meaning(order, last, window),
    }


def _names(order: list[tuple[str, str]]) -> list[str]:
    return [name for name, _ in order]


def _window(entry: Json, now_ms: int) -> str | None:
    """Whether the threshold applies to plays that end now; None if there is none."""
    if entry.get("from") is None:
        return None
    if now_ms < entry["from"]:
        return "to come"
    return "over" if entry["until"] and now_ms >= entry["until"] else "open"


def _meaning(order: list[tuple[str, str]], last: list[int] | None, window: str | None) -> str:
    if last is None:
        return _NO_THRESHOLD
    if window in ("over", "to come"):
        return _NOT_NOW
    steps = [
        f"{name} {'above' if direction == 'desc' else 'below'} {_shown(name, value)}"
        for (name, direction), value in zip(order, last, strict=True)
    ]
    return f"A score enters with {'; or if equal, '.join(steps)}."


def _shown(name: str, value: int) -> str:
    if name == "updatedAt":
        return f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"{value:,}"
