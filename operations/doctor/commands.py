"""htmlgame doctor"""

import click

from operations.checks import CHECKS
from operations.cli.command import command
from operations.cli.output import counted
from operations.cli.session import Session
from operations.doctor.check import Finding

_MARKS = {"ok": "✓", "broken": "✗", "skipped": "–"}


@command("doctor")
@click.pass_context
def doctor(context: click.Context, session: Session) -> None:
    """Look at every wire between the parts; say what is broken, and the mend.

    Ends with 1 where anything is.
    """
    findings = []
    with session.output.progress("looking", len(CHECKS)) as done:
        for check in CHECKS:
            findings.append(check.run(session))
            done(1)
    broken = sum(finding.state == "broken" for finding in findings)
    document = {"ok": broken == 0, "checks": [finding.document() for finding in findings]}
    session.output.document(document, lambda: _show(session, findings, broken))
    if broken:
        context.exit(1)


def _show(session: Session, findings: list[Finding], broken: int) -> None:
    widest = max(len(finding.name) for finding in findings)
    for finding in findings:
        session.output.hanging(f"{_MARKS[finding.state]} {finding.name:<{widest}}", finding.detail)
        if finding.mend is not None:
            session.output.hanging(" " * (widest + 2), f"→ {finding.mend}")
    session.output.say(f"\n{counted(broken, 'wire')} broken" if broken else "\nall is well")
