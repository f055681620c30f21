"""What the edge's store must hold, or no play of a game can begin, end or be judged."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lambdas.scores.games import Game
from lambdas.shared.edge_store import CURRENT_KEY, entry_in, game_key, period_key

_KEY: Final = re.compile(r"[a-z0-9]{1,8}:.{16,}")
"""As the edge's functions themselves read it."""


def lacking(values: Mapping[str, str], games: Iterable[Game]) -> Iterator[str]:
    """Names alone: the value of a key is a secret, even where it is none that could be read."""
    if not _KEY.fullmatch(values.get(CURRENT_KEY, "")):
        yield CURRENT_KEY
    for game in games:
        for key in (game_key(game.id), *(period_key(game.id, kind) for kind in game.periods)):
            if entry_in(values.get(key)) is None:
                yield key
