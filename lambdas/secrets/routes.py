"""What creators may ask of their secrets, each a method and a path."""

from typing import Final

SECRETS: Final = (
    "GET /creator/env",
    "PUT /creator/env",
    "DELETE /creator/env/{key}",
    "GET /project/{projectId}/env",
    "PUT /project/{projectId}/env",
    "DELETE /project/{projectId}/env/{key}",
)
