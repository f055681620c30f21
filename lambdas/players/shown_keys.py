"""The keys that a person shows, so that what their browsers have left under them is found.

Telemetry and collections know a player by the hash of a key that only the player has. Nothing
connects that hash with an account, so whoever has the key is the player.
"""

from typing import Any, Final, NamedTuple

from lambdas.shared.http.bodies import object_in, refuse_unknown
from lambdas.shared.http.errors import Malformed
from lambdas.shared.keys.identities import player_hash, player_key
from lambdas.shared.records.jobs import Pseudonym
from lambdas.shared.values.uuids import is_uuid

MOST_KEYS: Final = 10
MOST_BODY_BYTES: Final = 16_384
_FIELD: Final = "playerKeys"


class ShownKey(NamedTuple):
    project_id: str
    key: str


def keys_in(sent: dict[str, Any]) -> tuple[ShownKey, ...]:
    given = sent.get(_FIELD)
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > MOST_KEYS:
        raise Malformed(_FIELD, f"not a list of at most {MOST_KEYS} keys, one for a project")
    shown = tuple(_shown(number, each) for number, each in enumerate(given))
    if len({each.project_id for each in shown}) < len(shown):
        raise Malformed(_FIELD, "has a project twice; send one request for each of its keys")
    return shown


def body_in(body: bytes, *fields: str) -> dict[str, Any]:
    """An empty body shows no key."""
    if not body:
        return {}
    return object_in(body, most_bytes=MOST_BODY_BYTES, fields=(_FIELD, *fields))


def pseudonyms_of(shown: Any, hash_key: str) -> tuple[Pseudonym, ...]:
    return tuple(Pseudonym(project, player_hash(hash_key, project, key)) for project, key in shown)


def _shown(number: int, sent: Any) -> ShownKey:
    where = f"{_FIELD}[{number}]"
    if not isinstance(sent, dict):
        raise Malformed(where, 'not an object, such as {"projectId": "…", "playerKey": "…"}')
    refuse_unknown(sent, ("projectId", "playerKey"), f"{where}.")
    project_id = sent.get("projectId")
    if not is_uuid(project_id):
        raise Malformed(f"{where}.projectId", "not a UUID")
    key = player_key(sent.get("playerKey"))
    if key is None:
        raise Malformed(f"{where}.playerKey", "missing; send the key that sessions began with")
    return ShownKey(str(project_id).lower(), key)
