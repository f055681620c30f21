"""Patterns of subscription filters: any of several terms, phrases, and terms that must be absent.

The emulator knows only words that must all be there.
"""

import re

from ministack.services import cloudwatch_logs

_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))')
_match_words = cloudwatch_logs._subscription_pattern_matches


def know_log_patterns() -> None:
    cloudwatch_logs._subscription_pattern_matches = _matches


def _matches(pattern: str, message: str) -> bool:
    pattern = (pattern or "").strip()
    if not pattern or pattern[0] in "{[%":  # of JSON, of columns, or a regular expression
        return bool(_match_words(pattern, message))
    terms = [(sign, quoted or word) for sign, quoted, word in _TERM.findall(pattern)]
    optional = [term for sign, term in terms if sign == "?"]
    return (
        all(term in message for sign, term in terms if not sign)
        and not any(term in message for sign, term in terms if sign == "-")
        and (not optional or any(term in message for term in optional))
    )
