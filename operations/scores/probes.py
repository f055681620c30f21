"""The scores API, asked for a ranking and for a submission that it refuses."""

from config import paths
from config.capabilities import scores as scores_manifest
from config.games import load_games
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    game_id, game = next(iter(load_games().items()))
    ranking = paths.GET_RANKING.format(gameId=game_id, period=game.periods[0])
    submission = paths.PUT_SCORE.format(gameId=game_id, period=game.periods[0], userId="x" * 22)
    public = Question("GET", ranking, 200, scores_manifest.GET_RANKING.name)
    return Probe(
        name="score API",
        parameter=scores_manifest.ENDPOINT.parameter,
        stack=scores_manifest.CAPABILITY.stack,
        locked=(public, Question("PUT", submission, 400, scores_manifest.PUT_SCORE.name)),
        public=public,
    )
