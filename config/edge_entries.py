"""Each game as the edge's key-value store holds it."""

import json
from typing import Any, Final

from config.games import GAME_CONFIG_DIRECTORY, Game
from config.model import ConfigError
from lambdas.scores.rules import effective_order
from lambdas.shared.edge_store import game_key, period_key
from lambdas.shared.values.wire import LARGEST_INTEGER

MOST_VALUE_BYTES: Final = 1024
_WIDEST_TIME: Final = 9_999_999_999_999
_LOCK_TRAVELS_SECONDS: Final = 1_800
"""A distribution usually deploys within minutes, but CloudFront guarantees no time."""
_MARGIN_SECONDS: Final = 120


def edge_entries(games: dict[str, Game]) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for game_id, game in games.items():
        entry = _entry(game)
        _check_size(game_id, entry)
        entries[game_key(game_id)] = entry
        entries |= {period_key(game_id, kind): entry for kind in game.periods}
    return entries


def longest_play_ms(games: dict[str, Game]) -> int:
    """From the first token to the last moment at which its score may be submitted."""
    return max(
        game.limits.playMs.max + game.limits.pauseMs + game.limits.graceMs
        for game in games.values()
    )


def rotation_rest_seconds(games: dict[str, Game]) -> int:
    """Until every play of the key before the last is over, and no edge sends its lock."""
    return max(longest_play_ms(games) // 1000, _LOCK_TRAVELS_SECONDS) + _MARGIN_SECONDS


def _entry(game: Game) -> dict[str, Any]:
    limits = game.limits
    return {
        "v": 1,
        "order": [list(pair) for pair in effective_order(tuple(game.order))],
        "topN": game.topN,
        "limits": {
            "score": [limits.score.min, limits.score.max],
            "perSecond": limits.perSecond,
            "playMs": [limits.playMs.min, limits.playMs.max],
            "graceMs": limits.graceMs,
            "pauseMs": limits.pauseMs,
        },
        "identity": game.identity,
    }


def _check_size(game_id: str, entry: dict[str, Any]) -> None:
    """Checks the entry at its largest: with a threshold, its window and the time of writing."""
    full = entry | {
        "from": _WIDEST_TIME,
        "until": _WIDEST_TIME,
        "thr": [-LARGEST_INTEGER] * len(entry["order"]),
        "updatedAt": "2026-11-21T12:00:00.000Z",
    }
    size = len(json.dumps(full, separators=(",", ":")).encode())
    if size > MOST_VALUE_BYTES:
        raise ConfigError(
            GAME_CONFIG_DIRECTORY / f"{game_id}.json",
            "",
            f"{size} bytes in the edge's store, and CloudFront takes {MOST_VALUE_BYTES} at most; "
            "shorten order or limits",
        )
