"""The anonymous player of the leaderboards, who proves themselves with the player's key.

The subject is the id that the boards derive from the key. The key is neither stored nor logged.
"""

from collections.abc import Mapping
from typing import Any, Final

from lambdas.players.errors import DerivedKey
from lambdas.players.player_keys import KEY, PREFIX, player_id
from lambdas.players.providers.port import Ports, Prove
from lambdas.players.users import Identity, Proof
from lambdas.shared.http.errors import Malformed

NAME: Final = "key"
FIELDS: Final = ("playerKey",)


def provider(_options: Mapping[str, Any], _ports: Ports) -> Prove:
    return _prove


def _prove(sent: Mapping[str, Any], _now_s: int) -> Proof:
    key = sent.get("playerKey")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise Malformed("playerKey", "not 16 to 128 letters, digits, hyphens or underscores")
    if key.startswith(PREFIX):
        # It goes along with every score, and a sign-in that was revoked must not come back by it.
        raise DerivedKey("playerKey")
    return Proof(identity=Identity(NAME, player_id(key)))
