"""The creator who sends a request."""

from lambdas.shared.http.errors import Forbidden
from lambdas.shared.http.requests import Request
from lambdas.shared.values.uuids import is_uuid


class NoCreator(Forbidden):
    code = "no_creator"

    def __init__(self) -> None:
        super().__init__("Authorization: this token names no creator; sign in with an account")


def creator_of(request: Request) -> str:
    """Refuses users who signed in without an account: they are players, not creators."""
    subject = request.claims.get("sub")
    if not is_uuid(subject) or str(request.claims.get("is_anonymous", "")).lower() == "true":
        raise NoCreator
    return str(subject).lower()
