"""The telemetry API."""

from operations.cli.session import Session
from operations.deployed import has
from operations.doctor.check import check
from operations.doctor.probe import check_api
from operations.findings import Skipped
from operations.telemetry.probes import probe


@check("telemetry API")
def api(session: Session) -> str:
    if not has(session.target.environment, "telemetry"):
        raise Skipped("no Telemetry(…) in capabilities of config/environments.py")
    return check_api(session, probe())
