"""What brings each capability, and how AWS calls what is in this account and region."""

from typing import Final

from config.capabilities import CAPABILITIES
from operations.desk import Desk

STACK_OF: Final = {each.name: each.stack for each in CAPABILITIES}


def arn(desk: Desk, service: str, resource: str) -> str:
    _, partition, _, _, account, _ = desk.place.identity.split(":", 5)
    return f"arn:{partition}:{service}:{desk.place.region}:{account}:{resource}"
