"""The scores API, asked for a ranking and for a submission that it refuses."""

from config import names, paths
from config.games import load_games
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    game_id, game = next(iter(load_games().items()))
    ranking = paths.GET_RANKING.format(gameId=game_id, period=game.periods[0])
    submission = paths.PUT_SCORE.format(gameId=game_id, period=game.periods[0], userId="x" * 22)
    public = Question("GET", ranking, 200, names.GET_RANKING)
    return Probe(
        name="score API",
        parameter=names.SCORE_API_ENDPOINT,
        stack=names.SCORE_API_STACK,
        locked=(public, Question("PUT", submission, 400, names.PUT_SCORE)),
        public=public,
    )
