"""The public settings that the site's pages read."""

import json
from typing import Any, Final

from config.environments import Environment
from operations.site.files import SiteFile

TELEMETRY: Final = "telemetry.json"


def telemetry_file(environment: Environment, sign_in: str) -> dict[str, SiteFile]:
    """Where creators sign in, and the project of each game; an empty object if telemetry is off."""
    telemetry = environment.telemetry
    settings: dict[str, Any] = {}
    if telemetry is not None:
        settings["signIn"] = {
            "address": sign_in,
            "key": telemetry.sign_in_key,
            "local": environment.is_local,
        }
        settings["projects"] = dict(telemetry.projects)
    return {TELEMETRY: SiteFile(json.dumps(settings, indent=1).encode(), "application/json")}
