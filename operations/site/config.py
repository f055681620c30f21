"""What the site's pages need to know of where they are deployed to. Anybody may read it."""

import json
from typing import Any, Final

from config.environments import Environment
from operations.site.files import SiteFile

TELEMETRY: Final = "telemetry.json"


def telemetry_file(environment: Environment, sign_in: str) -> dict[str, SiteFile]:
    """Where creators sign in, and which project each game sends to; nothing where it is off."""
    telemetry = environment.telemetry
    told: dict[str, Any] = {}
    if telemetry is not None:
        told["signIn"] = {
            "address": sign_in,
            "key": telemetry.sign_in_key,
            "local": environment.is_local,
        }
        told["projects"] = dict(telemetry.projects)
    return {TELEMETRY: SiteFile(json.dumps(told, indent=1).encode(), "application/json")}
