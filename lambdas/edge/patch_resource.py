"""Custom resource: the distribution carries our behaviours for as long as the stack stands."""

from typing import Any

from aws_lambda_powertools import Logger

from lambdas.edge.patch import Patcher
from lambdas.edge.settings import PatchSettings

settings = PatchSettings.from_environment()
logger = Logger(service="distribution-patch")
patcher = Patcher(settings, logger)


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    if event["RequestType"] == "Delete":
        patcher.remove()
    else:
        patcher.apply()
    # The same for as long as it is this distribution: another id would mean a delete of the old.
    return {"PhysicalResourceId": f"{settings.distribution_id}/htmlgame"}
