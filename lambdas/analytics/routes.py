"""The route by which creators read their projects' counters."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes("/analytics", summary="GET /summary")
