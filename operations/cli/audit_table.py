"""Finds the table that holds the audit."""

from config.manifests import CAPABILITIES
from operations.cli.audit import Audit
from operations.cli.session import Session


def audit(session: Session) -> Audit:
    [(parameter, stack)] = [
        (table.parameter, capability.stack)
        for capability in CAPABILITIES
        for table in capability.tables
        if table.audited
    ]
    return Audit(session.target.shared("dynamodb"), session.parameter(parameter, stack))
