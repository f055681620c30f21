"""The players API, asked for the ranking and for what it refuses before it writes anything."""

from config.capabilities import players
from config.paths import API_BASE_PATH
from lambdas.players.routes import ROUTES
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    ranking = Question("GET", ROUTES.path("ranking", API_BASE_PATH), 200, players.ME.name)
    return Probe(
        name="players API",
        parameter=players.ENDPOINT.parameter,
        stack=players.CAPABILITY.stack,
        locked=(
            ranking,
            Question("POST", ROUTES.path("sign_in", API_BASE_PATH), 400, players.SIGN_IN.name),
            Question("POST", ROUTES.path("say", API_BASE_PATH), 400, players.CHAT.name),
        ),
        public=ranking,
    )
