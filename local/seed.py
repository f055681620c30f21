"""Boards with somebody on them, so that a new player has whom to beat."""

import base64
import hashlib
import random
from typing import Final

from config.games import Game, load_games
from local.origin import Origin

_PLAYERS: Final = (
    "Ada Björn Chidi Dana Emeka Farah Goro Hina Ivo Juno Kenji Lucía Mei Nils Olu Priya "
    "さくら ゆうと はると ひまり みお れん あおい りく つむぎ そうた"
).split()
_PLAY_TIMES_MS: Final = (20_000, 240_000)


class SeedError(Exception):
    """What the system just deployed said to its first players."""


def seed(origin: Origin) -> None:
    """The same players and scores each time; a board that has them already stays as it is."""
    for game_id, game in load_games().items():
        chance = random.Random(game_id)
        for name in _PLAYERS:
            _play_once(origin, game_id, game, name, chance)


def _play_once(origin: Origin, game_id: str, game: Game, name: str, chance: random.Random) -> None:
    time_ms = chance.randint(*_PLAY_TIMES_MS)
    fastest = game.limits.perSecond or 1
    most = min(game.limits.score.max, int(fastest * time_ms / 1000 * 0.4))
    reply = origin.submit(
        game_id,
        ",".join(game.periods),
        player_id(f"seed {name}"),
        score=chance.randint(most // 20, most),
        time_ms=time_ms,
        play=f"seed-{game_id}-{name.encode().hex()}",
        name=name,
    )
    if reply.status != 200:
        raise SeedError(f"seeding {game_id}: {reply.status} {reply.body}")


def player_id(key: str) -> str:
    """As the edge certifies players: the id is made from the key that only the player has."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()).decode()[:22]
