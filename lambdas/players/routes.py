"""The routes of players, their points and their chat."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    sign_in="POST /players/sign-in",
    link="POST /players/me/identities",
    merge="POST /players/me/merge",
    renew="POST /players/renew",
    me="GET /players/me",
    change="PUT /players/me",
    erase="DELETE /players/me",
    revoke="DELETE /players/me/tokens",
    unlink="DELETE /players/me/identities/{provider}",
    points="GET /players/me/points",
    export="GET /players/me/export",
    export_all="POST /players/me/export",
    claim="POST /players/me/claim",
    ranking="GET /players/ranking",
    session="POST /chat/session",
    say="POST /chat",
    messages="GET /chat/{sessionId}/messages",
)

SIGN_IN: Final = ("sign_in", "link", "merge")
"""The routes that verify a provider's proof."""
ME: Final = (
    "renew",
    "me",
    "change",
    "erase",
    "revoke",
    "unlink",
    "points",
    "export",
    "export_all",
    "claim",
    "ranking",
)
CHAT: Final = ("session", "say", "messages")
