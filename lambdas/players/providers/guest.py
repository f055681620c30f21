"""The guest of a chat's session, who proves themselves with its id. No guest is made here."""

from collections.abc import Mapping
from typing import Any, Final

from lambdas.players.messages import read_session_id
from lambdas.players.providers.port import Ports, Prove
from lambdas.players.users import GUEST, Identity, Proof

NAME: Final = GUEST
FIELDS: Final = ("sessionId",)


def provider(_options: Mapping[str, Any], _ports: Ports) -> Prove:
    return _prove


def _prove(sent: Mapping[str, Any], _now_s: int) -> Proof:
    session_id = read_session_id(sent.get("sessionId"))
    return Proof(identity=Identity(NAME, session_id), makes_user=False)
