"""Creators' routes for their projects, their audit and their erasures."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    list="GET /projects",
    create="POST /projects",
    read="GET /project/{projectId}",
    change="PUT /project/{projectId}",
    delete="DELETE /project/{projectId}",
    forget="POST /project/{projectId}/forget",
    audit="GET /creator/audit",
    job="GET /creator/job/{jobId}",
    erase="DELETE /creator",
)
