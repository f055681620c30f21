"""A session whose clients refuse every call that could change something."""

from typing import Any, Final

import boto3

_READS: Final = ("BatchGet", "Describe", "Filter", "Get", "List", "Query", "Simulate")
_CHANGES_NOTHING: Final = frozenset({"TestFunction"})
"""CloudFront runs the function on an event from us; no request is served and nothing is stored."""
_HANDS_OUT_CREDENTIALS: Final = frozenset({"GetFederationToken", "GetSessionToken"})


class WriteRefused(Exception):
    def __init__(self, service: str, operation: str) -> None:
        super().__init__(f"{service}:{operation} is not a read; make verify-aws only reads")


def read_only(session: boto3.Session) -> boto3.Session:
    """The same session; clients made from it from now on only read."""
    session.events.register("provide-client-params", _refuse_writes)
    return session


def is_read(operation: str) -> bool:
    if operation in _HANDS_OUT_CREDENTIALS:
        return False
    return operation.startswith(_READS) or operation in _CHANGES_NOTHING


def _refuse_writes(model: Any, **_: Any) -> None:
    # CloudFront's operations end in the date of its API.
    operation = model.name.rstrip("0123456789_")
    if not is_read(operation):
        raise WriteRefused(model.service_model.signing_name, operation)
