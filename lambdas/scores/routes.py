"""Submitting a score, and reading a ranking."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    put_score="PUT /scores/{gameId}/{period}/{userId}",
    get_ranking="GET /ranking/{gameId}/{period}",
)
