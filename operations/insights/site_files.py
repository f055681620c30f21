"""insights.json: whether the creators' page has a link to Insights."""

import json
from typing import Final

from config.capabilities.insights import Insights
from config.environments import Environment
from operations.account.parameters import Clients
from operations.site.files import SiteFile

NAME: Final = "insights.json"


def files(environment: Environment, _clients: Clients) -> dict[str, SiteFile]:
    """The file is public."""
    content = {"on": environment.given(Insights) is not None}
    return {NAME: SiteFile(json.dumps(content).encode(), "application/json")}
