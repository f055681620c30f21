"""The API for tunnels, and their certificates."""

import time

from config.capabilities import tunnels as tunnels_manifest
from lambdas.tunnels.renewals import WARN_SECONDS
from lambdas.tunnels.table import TunnelTable
from operations.cli.output import counted
from operations.cli.session import Session
from operations.deployed import has
from operations.doctor.check import check
from operations.doctor.probe import check_api
from operations.findings import Broken, Skipped
from operations.tunnels.probes import probe

_OFF = "no Tunnels(…) in capabilities of config/environments.py"


@check("tunnels API")
def api(session: Session) -> str:
    if not has(session.target.environment, "tunnels"):
        raise Skipped(_OFF)
    return check_api(session, probe())


@check("tunnel certificates")
def certificates(session: Session) -> str:
    if not has(session.target.environment, "tunnels"):
        raise Skipped(_OFF)
    stack = tunnels_manifest.CAPABILITY.stack
    name = session.parameter(tunnels_manifest.TABLE.parameter, stack)
    watched = TunnelTable(session.target.shared("dynamodb"), name).watched()
    soon = time.time() + WARN_SECONDS
    late = sorted(each.domain for each in watched if 0 < each.expires_s < soon)
    if late:
        raise Broken(
            f"{counted(len(late), 'certificate')} not renewed, such as that of {late[0]}",
            "htmlgame tunnels certificates",
        )
    return counted(len(watched), "domain")
