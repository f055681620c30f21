"""The routes that games send telemetry to."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    "/telemetry",
    start="POST /session",
    renew="POST /session/renew",
    end="POST /session/end",
    event="POST /event",
    events="POST /events",
    score="POST /score",
)
