"""telemetry.json: where creators sign in, and the project of each of the site's games."""

import json
from typing import Any, Final

from config import names
from config.capabilities.telemetry import Telemetry
from config.environments import Environment
from operations.account.parameters import Clients, read_parameter
from operations.site.files import SiteError, SiteFile

NAME: Final = "telemetry.json"


def files(environment: Environment, clients: Clients) -> dict[str, SiteFile]:
    """An empty object if telemetry is off. The file is public."""
    telemetry = environment.given(Telemetry)
    content: dict[str, Any] = {}
    if telemetry is not None:
        content["signIn"] = {
            "address": _sign_in(environment, telemetry, clients),
            "key": telemetry.sign_in_key,
            "local": environment.is_local,
        }
        content["projects"] = dict(telemetry.projects)
    return {NAME: SiteFile(json.dumps(content, indent=1).encode(), "application/json")}


def _sign_in(environment: Environment, telemetry: Telemetry, clients: Clients) -> str:
    """The local issuer is known by its name to the emulator alone; it publishes its address."""
    if not environment.is_local:
        return telemetry.issuer
    address = read_parameter(names.LOCAL_SIGN_IN, clients)
    if address is None:
        raise SiteError(f"there is no SSM parameter {names.LOCAL_SIGN_IN}: start make dev again")
    return address
