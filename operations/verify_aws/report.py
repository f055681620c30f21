"""What a run prints: one line for each check, or one JSON document."""

import json
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from operations.cli.output import counted, printable
from operations.findings import Finding, State
from operations.verify_aws.check import AwsCheck

_LEAST_WIDTH: Final = 60
_VERDICTS: Final[dict[State, str]] = {"ok": "holds", "broken": "wrong", "skipped": "not checked"}


def show(checks: Sequence[AwsCheck], findings: Iterable[Finding]) -> bool:
    """Prints each line as soon as its check is done; returns whether nothing is wrong."""
    width = max(len(each.name) for each in checks)
    states: Counter[State] = Counter()
    for finding in findings:
        states[finding.state] += 1
        print(_line(finding, width), flush=True)
    print(
        f"\n{counted(states['ok'], 'check')} ✓, {states['broken']} ✗, "
        f"{states['skipped']} – (not checked)"
    )
    return not states["broken"]


def _line(finding: Finding, width: int) -> str:
    head = f"{finding.mark} {finding.name:<{width}} {finding.seconds:>5.1f} s  "
    detail = _wrapped(head, finding.detail)
    return f"{detail}\n{_wrapped(' ' * len(head), f'→ {finding.fix}')}" if finding.fix else detail


def _wrapped(head: str, text: str) -> str:
    """Wraps to the width of a terminal; prints one line into a pipe or a log."""
    if not sys.stdout.isatty():
        return head + printable(text)
    width = max(_LEAST_WIDTH, shutil.get_terminal_size().columns)
    return textwrap.fill(
        printable(text),
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
        break_long_words=False,
    )


def document(checks: Sequence[AwsCheck], findings: Iterable[Finding]) -> bool:
    found = list(findings)
    claims = {each.name: each.claim for each in checks}
    fine = all(each.state != "broken" for each in found)
    rows = [_row(each, claims[each.name]) for each in found]
    print(json.dumps({"ok": fine, "checks": rows}, indent=1))
    return fine


def _row(finding: Finding, claim: str) -> dict[str, Any]:
    return {
        "check": finding.name,
        "claim": claim,
        "verdict": _VERDICTS[finding.state],
        "evidence": finding.detail,
        "fix": finding.fix or None,
        "seconds": round(finding.seconds, 2),
    }
