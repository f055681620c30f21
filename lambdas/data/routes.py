"""The routes of custom data."""

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
