"""What creators may ask, by the function that answers. Each is a method and a path."""

from typing import Final

PROJECTS: Final = (
    "GET /projects",
    "POST /projects",
    "GET /project/{projectId}",
    "PUT /project/{projectId}",
    "DELETE /project/{projectId}",
    "POST /project/{projectId}/forget",
    "GET /creator/audit",
    "GET /creator/job/{jobId}",
    "DELETE /creator",
)

SECRETS: Final = (
    "GET /creator/env",
    "PUT /creator/env",
    "DELETE /creator/env/{key}",
    "GET /project/{projectId}/env",
    "PUT /project/{projectId}/env",
    "DELETE /project/{projectId}/env/{key}",
)
