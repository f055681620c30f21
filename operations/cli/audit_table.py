"""Where the audit is: the score table, which every environment has."""

from config import names
from operations.cli.audit import Audit
from operations.cli.session import Session


def audit(session: Session) -> Audit:
    table_name = session.parameter(names.SCORE_TABLE_NAME, names.SCORE_API_STACK)
    return Audit(session.target.shared("dynamodb"), table_name)
