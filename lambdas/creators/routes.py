"""What creators may ask of their projects, each a method and a path."""

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
