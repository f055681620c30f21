"""The routes of custom data: players', and those of the project's creator."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    "/data",
    list="GET /{collection}",
    add="POST /{collection}",
    get="GET /{collection}/{id}",
    replace="PUT /{collection}/{id}",
    delete="DELETE /{collection}/{id}",
)
CREATOR_ROUTES: Final = Routes(
    collections="GET /project/{projectId}/data",
    items="GET /project/{projectId}/data/{collection}",
    clear="DELETE /project/{projectId}/data/{collection}",
    remove="DELETE /project/{projectId}/data/{collection}/{id}",
)
