"""Custom resource: the distribution carries our behaviours for as long as the stack stands."""

from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.edge.patch import Patcher
from lambdas.edge.settings import PatchSettings

settings = PatchSettings.from_environment()
logger = Logger(service="distribution-patch")
patcher = Patcher(settings, logger)


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    if event["RequestType"] == "Delete":
        # Of the distribution it was made for, which may be another than that of today.
        physical_id: str = event["PhysicalResourceId"]
        _leave(physical_id.partition("/")[0])
        return {"PhysicalResourceId": physical_id}
    patcher.apply()
    # Another id makes CloudFormation delete the old one after the update.
    return {"PhysicalResourceId": f"{settings.distribution_id}/htmlgame"}


def _leave(distribution_id: str) -> None:
    try:
        patcher.remove(distribution_id)
    except ClientError as error:
        denied = error.response["Error"]["Code"] == "AccessDenied"
        if not denied or distribution_id == settings.distribution_id:
            raise
        # The grant names one distribution, and the deploy that moved on has moved it too.
        logger.warning(
            f"{distribution_id} still carries htmlgame's origin and behaviours: "
            f"make patch-remove DISTRIBUTION={distribution_id} takes them out"
        )
