"""players.json: how players sign in here, and which characters they can talk with."""

import json
from typing import Any, Final

from config.capabilities.players import LOCAL_ADDRESS, Players
from config.environments import Environment
from lambdas.players.personas import FOLDER
from operations.account.parameters import Clients, read_parameter
from operations.site.files import SiteError, SiteFile

NAME: Final = "players.json"
_SHOWN: Final = ("name", "locales", "emotions")


def files(environment: Environment, clients: Clients) -> dict[str, SiteFile]:
    """An empty object if players are off. The file is public."""
    players = environment.given(Players)
    content = {} if players is None else _content(environment, players, clients)
    return {NAME: SiteFile(json.dumps(content, indent=1).encode(), "application/json")}


def _content(environment: Environment, players: Players, clients: Clients) -> dict[str, Any]:
    content: dict[str, Any] = {
        "providers": [name for name in players.providers() if name != "guest"],
        "local": environment.is_local,
        "characters": _characters(),
    }
    address = _local_address(clients) if environment.is_local else ""
    if players.x is not None:
        content["x"] = {
            "clientId": players.x.client_id,
            "redirect": players.x.redirect,
            "authorize": f"{address}/i/oauth2/authorize" if address else players.x.authorize,
        }
    if players.privy is not None:
        page = f"{address}/privy/sign-in" if address else players.privy.page
        content["privy"] = {"appId": players.privy.app_id, "page": page}
    return content


def _characters() -> list[dict[str, Any]]:
    """What pages show of them. Voices and rules stay on the server."""
    found = []
    for path in sorted(FOLDER.glob("*.json"), reverse=True):
        persona = json.loads(path.read_text(encoding="utf-8"))
        found.append({"id": path.stem, **{field: persona[field] for field in _SHOWN}})
    return found


def _local_address(clients: Clients) -> str:
    """The stand-ins have another port at each start."""
    address = read_parameter(LOCAL_ADDRESS, clients)
    if address is None:
        raise SiteError(f"there is no SSM parameter {LOCAL_ADDRESS}: start make dev again")
    return address
