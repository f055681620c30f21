"""The scores API, asked for a ranking and for a submission that it refuses."""

from config.capabilities import scores as scores_manifest
from config.games import load_games
from config.paths import API_BASE_PATH
from lambdas.scores.routes import ROUTES
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    game_id, game = next(iter(load_games().items()))
    ranking = ROUTES.path("get_ranking", API_BASE_PATH).format(
        gameId=game_id, period=game.periods[0]
    )
    submission = ROUTES.path("put_score", API_BASE_PATH).format(
        gameId=game_id, period=game.periods[0], userId="x" * 22
    )
    public = Question("GET", ranking, 200, scores_manifest.GET_RANKING.name)
    return Probe(
        name="score API",
        parameter=scores_manifest.ENDPOINT.parameter,
        stack=scores_manifest.CAPABILITY.stack,
        locked=(public, Question("PUT", submission, 400, scores_manifest.PUT_SCORE.name)),
        public=public,
    )
