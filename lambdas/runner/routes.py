"""Creators' functions: their versions, their runs in one stage or two, and what the runs logged."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    "/functions",
    list="GET /{project}",
    read="GET /{project}/{function}",
    put="PUT /{project}/{function}",
    activate="POST /{project}/{function}/activate",
    version="GET /{project}/{function}/versions/{version}",
    runs="GET /{project}/{function}/runs",
    run="POST /{project}/{function}",
    begin="POST /{project}/{function}/sessions",
    session="GET /{project}/{function}/sessions/{requestId}",
    execute="POST /{project}/{function}/sessions/{requestId}",
)
