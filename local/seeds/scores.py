"""Players on every board, so that a new player has someone to beat."""

import base64
import hashlib
import random
from collections.abc import Callable
from typing import Final

from config.games import Game, load_games
from local.cloud import Cloud
from local.scores.origin import ScoreOrigin
from local.seeds import SeedError

_PLAYERS: Final = (
    "Ada,Björn,Chidi,Dana,Emeka,Farah,Goro,Hina,Juno,Lucía,Nils,Olu,Priya,AAA,Zoë & Max,pixel_pat,"
    "Grandma Ruth,The Owl,さくら,ゆうと,ひまり,みお,れん,つむぎ,ねこパンチ,たこ焼き名人,"
    "二丁目のゲン,"
    "夜ふかし,Mr. おにぎり,はやぶさ"
).split(",")
_PLAY_TIMES_MS: Final = (20_000, 240_000)

Values = tuple[int, int]
"""Score and play time in milliseconds."""


def seed(cloud: Cloud) -> None:
    """Submits the same players and scores each time, so a seeded board does not change."""
    origin = ScoreOrigin(cloud)
    for game_id, game in load_games().items():
        chance = random.Random(game_id)
        for name in _PLAYERS:
            _play_once(origin, game_id, game, name, chance)


def _play_once(
    origin: ScoreOrigin, game_id: str, game: Game, name: str, chance: random.Random
) -> None:
    score, time_ms = _VALUES.get(game_id, _any_values)(game, chance)
    reply = origin.submit(
        game_id,
        ",".join(game.periods),
        player_id(f"seed {name}"),
        score=score,
        time_ms=time_ms,
        play=f"seed-{game_id}-{name.encode().hex()}",
        name=name,
    )
    if reply.status != 200:
        raise SeedError(f"seeding {game_id} failed: {reply.status} {reply.body}")


def _snake_values(_: Game, chance: random.Random) -> Values:
    fruits = int(chance.triangular(3, 84, 16))
    return 5 * fruits, fruits * chance.randint(1500, 2300) + chance.randint(1500, 9000)


def _minesweeper_values(_: Game, chance: random.Random) -> Values:
    return 1, int(chance.triangular(27_000, 210_000, 70_000))


def _bricks_values(_: Game, chance: random.Random) -> Values:
    tens = int(chance.triangular(12, 410, 70))
    return 10 * tens, tens * chance.randint(1000, 1600) + chance.randint(7000, 15_000)


def _any_values(game: Game, chance: random.Random) -> Values:
    time_ms = chance.randint(*_PLAY_TIMES_MS)
    fastest = game.limits.perSecond or 1
    most = min(game.limits.score.max, int(fastest * time_ms / 1000 * 0.4))
    return chance.randint(most // 20, most), time_ms


_VALUES: Final[dict[str, Callable[[Game, random.Random], Values]]] = {
    "snake": _snake_values,
    "minesweeper": _minesweeper_values,
    "bricks": _bricks_values,
}


def player_id(key: str) -> str:
    """The id that the edge derives from a player's key."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()).decode()[:22]
