"""tunnels.json: whether the creators' page has a view of tunnels."""

import json
from typing import Final

from config.capabilities.tunnels import Tunnels
from config.environments import Environment
from operations.account.parameters import Clients
from operations.site.files import SiteFile

NAME: Final = "tunnels.json"


def files(environment: Environment, _clients: Clients) -> dict[str, SiteFile]:
    """The file is public."""
    content = {"on": environment.given(Tunnels) is not None}
    return {NAME: SiteFile(json.dumps(content).encode(), "application/json")}
