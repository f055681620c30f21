"""Custom resource: the distribution has our behaviours as long as the stack exists."""

from typing import Any, Final

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.edge.apis import read
from lambdas.edge.patch import Patcher
from lambdas.edge.settings import PatchSettings

_RESERVE_MS: Final = 30_000
"""For the last check, and for the answer to CloudFormation."""

settings = PatchSettings.from_environment()
logger = Logger(service="distribution-patch")
patcher = Patcher(settings, logger)


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    if event["RequestType"] == "Delete":
        # The distribution of the physical id may differ from the current one.
        physical_id: str = event["PhysicalResourceId"]
        distribution_id = physical_id.partition("/")[0]
        _leave(distribution_id)
        if distribution_id == settings.distribution_id:
            _wait_until_functions_are_free(distribution_id, context)
        return {"PhysicalResourceId": physical_id}
    patcher.apply(_gone(event))
    # Another id makes CloudFormation delete the old one after the update.
    return {"PhysicalResourceId": f"{settings.distribution_id}/htmlgame"}


def _gone(event: dict[str, Any]) -> list[str]:
    """Origins that the previous deploy described and this one does not."""
    before = read(event.get("OldResourceProperties", {}).get("APIS", "[]"))
    now = {each.origin for each in read(settings.apis)}
    return [each.origin for each in before if each.origin not in now]


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


def _wait_until_functions_are_free(distribution_id: str, context: Any) -> None:
    """CloudFormation deletes the functions next, and CloudFront keeps any that are in use."""
    if not patcher.is_everywhere(
        distribution_id, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS
    ):
        logger.warning(
            f"{distribution_id} is still spreading the removal: if CloudFormation now reports "
            "FunctionInUse, wait until its status is Deployed, then delete the stack again"
        )
