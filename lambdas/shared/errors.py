"""Errors that an operator reads."""

from typing import ClassVar


class ExplainedError(Exception):
    """Its message says what is wrong and what to do, so that nobody needs the traceback."""

    code: ClassVar[str]
