"""Who asks: the creator that the JWT authorizer has verified."""

from collections.abc import Mapping
from typing import Any

from lambdas.shared.http.errors import Forbidden
from lambdas.shared.values.uuids import is_uuid


class NoCreator(Forbidden):
    code = "no_creator"

    def __init__(self) -> None:
        super().__init__("Authorization: this token names no creator; sign in with an account")


def creator_of(claims: Mapping[str, Any]) -> str:
    """Whoever signed in without an account is a player of somebody's, and no creator."""
    subject = claims.get("sub")
    if not is_uuid(subject) or str(claims.get("is_anonymous", "")).lower() == "true":
        raise NoCreator
    return str(subject).lower()
