"""Where the audit is: the score table, which every environment has."""

from config.capabilities import scores as scores_manifest
from operations.cli.audit import Audit
from operations.cli.session import Session


def audit(session: Session) -> Audit:
    table_name = session.parameter(
        scores_manifest.TABLE.parameter, scores_manifest.CAPABILITY.stack
    )
    return Audit(session.target.shared("dynamodb"), table_name)
