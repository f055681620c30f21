"""What a run prints: one line a check, or one JSON document."""

import json
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from operations.cli.output import counted, printable
from operations.verify_aws.check import HOLDS, NOT_CHECKED, WRONG, Check, Result

_LEAST_WIDTH: Final = 60


def show(checks: Sequence[Check], results: Iterable[Result]) -> bool:
    """Each line as soon as its check is done; whether nothing is wrong."""
    width = max(len(each.name) for each in checks)
    verdicts: Counter[str] = Counter()
    for result in results:
        verdicts[result.verdict] += 1
        print(_line(result, width), flush=True)
    print(
        f"\n{counted(verdicts[HOLDS], 'check')} {HOLDS}, {verdicts[WRONG]} {WRONG}, "
        f"{verdicts[NOT_CHECKED]} {NOT_CHECKED} (not checked)"
    )
    return not verdicts[WRONG]


def _line(result: Result, width: int) -> str:
    head = f"{result.verdict} {result.check.name:<{width}} {result.seconds:>5.1f} s  "
    told = _wrapped(head, result.evidence)
    return f"{told}\n{_wrapped(' ' * len(head), f'→ {result.fix}')}" if result.fix else told


def _wrapped(head: str, text: str) -> str:
    """To the width of a terminal; one line where nobody reads along."""
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


def document(results: Iterable[Result]) -> bool:
    found = list(results)
    fine = all(each.verdict != WRONG for each in found)
    print(json.dumps({"ok": fine, "checks": [each.document() for each in found]}, indent=1))
    return fine
