"""The keys that the edge's store must hold for plays to begin, end and be judged."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lambdas.scores.games import Game
from lambdas.shared.edge_store import CURRENT_KEY, entry_in, game_key, period_key

_KEY: Final = re.compile(r"[a-z0-9]{1,8}:.{16,}")
"""The form that the edge's functions read."""


def lacking(values: Mapping[str, str], games: Iterable[Game]) -> Iterator[str]:
    """The missing or unreadable keys by name. Their values are secret."""
    if not _KEY.fullmatch(values.get(CURRENT_KEY, "")):
        yield CURRENT_KEY
    for game in games:
        for key in (game_key(game.id), *(period_key(game.id, kind) for kind in game.periods)):
            if entry_in(values.get(key)) is None:
                yield key
