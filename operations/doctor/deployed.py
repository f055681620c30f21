"""What brings each capability, and how AWS calls what is in this account and region."""

from typing import Final

from config import names
from config.capabilities import ARCHIVE, EDGE, SCORES, TELEMETRY
from operations.cli.session import Session

STACK_OF: Final = {
    SCORES.name: names.SCORE_API_STACK,
    EDGE.name: names.EDGE_STACK,
    TELEMETRY.name: names.TELEMETRY_STACK,
    ARCHIVE.name: names.TELEMETRY_STACK,
}


def arn(session: Session, service: str, resource: str) -> str:
    _, partition, _, _, account, _ = session.target.identity.split(":", 5)
    return f"arn:{partition}:{service}:{session.target.region}:{account}:{resource}"
