"""Creators' routes for their own secrets and those of their projects."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    list="GET /creator/env",
    put="PUT /creator/env",
    delete="DELETE /creator/env/{key}",
    list_of_project="GET /project/{projectId}/env",
    put_of_project="PUT /project/{projectId}/env",
    delete_of_project="DELETE /project/{projectId}/env/{key}",
)
