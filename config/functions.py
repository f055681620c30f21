"""Every Lambda: its name, its module, and whether it carries the games."""

from dataclasses import dataclass
from typing import Final

from config import names


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    module: str
    knows_games: bool = False


PUT_SCORE: Final = Function(names.PUT_SCORE, "lambdas.scores.put_score", knows_games=True)
GET_RANKING: Final = Function(names.GET_RANKING, "lambdas.scores.get_ranking", knows_games=True)
TRIM_TOP: Final = Function(names.TRIM_TOP, "lambdas.scores.trim_top", knows_games=True)
ORIGIN_LOCK_KEEPER: Final = Function(names.ORIGIN_LOCK_KEEPER, "lambdas.edge.origin_lock")

FUNCTIONS: Final = (PUT_SCORE, GET_RANKING, TRIM_TOP, ORIGIN_LOCK_KEEPER)
