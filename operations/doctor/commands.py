"""htmlgame doctor"""

from typing import Final

import click

from operations.cli.command import command
from operations.cli.output import Json, counted
from operations.cli.session import Session
from operations.doctor.check import Check
from operations.findings import Finding
from operations.rooms import NAMES, members, modules

ROOMS: Final = ("doctor", *NAMES, "site", "monitoring")
"""Whose checks run, in this order."""


def checks() -> list[Check]:
    return [check for module in modules("checks", ROOMS) for check in members(module, Check)]


@command("doctor")
@click.pass_context
def doctor(context: click.Context, session: Session) -> None:
    """Check every part of the system and how the parts are connected.

    Prints the fix for everything that is broken, and exits with 1 if anything is.
    """
    findings = []
    wanted = checks()
    with session.output.progress("checking", len(wanted)) as done:
        for check in wanted:
            findings.append(check.run(session))
            done(1)
    broken = sum(finding.state == "broken" for finding in findings)
    document = {"ok": broken == 0, "checks": [_document(finding) for finding in findings]}
    session.output.document(document, lambda: _show(session, findings, broken))
    if broken:
        context.exit(1)


def _document(finding: Finding) -> Json:
    fix = finding.fix or None
    return {
        "name": finding.name,
        "state": finding.state,
        "detail": finding.detail,
        "fix": fix,
        # The name of this field in version 1, kept for programs that read it.
        "mend": fix,
    }


def _show(session: Session, findings: list[Finding], broken: int) -> None:
    widest = max(len(finding.name) for finding in findings)
    for finding in findings:
        session.output.hanging(f"{finding.mark} {finding.name:<{widest}}", finding.detail)
        if finding.fix:
            session.output.hanging(" " * (widest + 2), f"→ {finding.fix}")
    session.output.say(f"\n{counted(broken, 'check')} failed" if broken else "\nall is well")
