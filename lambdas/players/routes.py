"""The routes of players, their points and their chat, one table for each function."""

from typing import Final

from lambdas.shared.http.routes import Routes

SIGN_IN: Final = Routes(
    sign_in="POST /players/sign-in",
    link="POST /players/me/identities",
    merge="POST /players/me/merge",
)
"""The routes that verify a provider's proof."""

ME: Final = Routes(
    renew="POST /players/renew",
    me="GET /players/me",
    change="PUT /players/me",
    erase="DELETE /players/me",
    revoke="DELETE /players/me/tokens",
    unlink="DELETE /players/me/identities/{provider}",
    points="GET /players/me/points",
    export="GET /players/me/export",
    claim="POST /players/me/claim",
    ranking="GET /players/ranking",
)

CHAT: Final = Routes(
    session="POST /chat/session",
    say="POST /chat",
    messages="GET /chat/{sessionId}/messages",
)
