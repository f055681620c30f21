"""What API users read of requests and functions, and how admins manage them."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    "/insights",
    functions="GET /functions",
    function="GET /functions/{fn}",
    errors="GET /functions/{fn}/errors",
    usage="GET /usage",
    requests="GET /requests",
    users="GET /users",
    create_user="POST /users",
    user="GET /users/{apiUser}",
    change_user="PUT /users/{apiUser}",
    remove_user="DELETE /users/{apiUser}",
    make_key="POST /users/{apiUser}/keys",
    revoke_key="DELETE /users/{apiUser}/keys/{prefix}",
)
