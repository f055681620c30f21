"""What brings each capability, and how AWS calls what is in this account and region."""

from typing import Final

from config.capabilities import CAPABILITIES
from operations.cli.session import Session

STACK_OF: Final = {each.name: each.stack for each in CAPABILITIES}


def arn(session: Session, service: str, resource: str) -> str:
    _, partition, _, _, account, _ = session.target.identity.split(":", 5)
    return f"arn:{partition}:{service}:{session.target.region}:{account}:{resource}"
