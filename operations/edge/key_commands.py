"""htmlgame keys: the keys that sign plays, and the origin lock"""

from typing import Any, Final

import click

from config import names
from config.capabilities import edge as edge_manifest
from lambdas.edge.token_keys import CURRENT, PREVIOUS
from lambdas.shared.http.origin_lock import accepted_values
from lambdas.shared.keys.signing_keys import made_at
from lambdas.shared.values.clock import iso
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.invoke import invoke
from operations.cli.output import Json, short_time
from operations.cli.session import Session
from operations.edge.store import Store
from operations.errors import OperatorError
from operations.rooms import modules
from operations.rotated_keys import RotatedKeys

_DAY_MS: Final = 24 * 3600 * 1000
_OF_PLAYS: Final = RotatedKeys(
    option="",
    help="",
    function=edge_manifest.ROTATE_KEYS.name,
    sentence="Rotate the token keys and the origin lock",
    count=2,
)
_OTHERS: Final = {module.KEYS.option: module.KEYS for module in modules("rotated_keys")}


@click.group("keys")
def keys() -> None:
    """Show and rotate the keys that sign play tokens, and the origin lock."""


@command("show")
def show_keys(session: Session) -> None:
    """Show the ids and ages of the keys, and never the keys."""
    store = session.own(Store)
    found = [
        _key_document(session, name, text)
        for name, text in (("current", store.get(CURRENT)), ("previous", store.get(PREVIOUS)))
        if text is not None
    ]
    ssm = session.target.shared("ssm")
    lock = ssm.get_parameter(Name=names.ORIGIN_LOCK, WithDecryption=True)["Parameter"]
    changed_at = iso(int(lock["LastModifiedDate"].timestamp() * 1000))
    values = len(accepted_values(lock["Value"]))
    document = {"tokenKeys": found, "originLock": {"values": values, "changedAt": changed_at}}

    def show() -> None:
        session.output.table(
            ["key", "id", "made (UTC)", ">age in days"],
            [
                *(
                    [f"token, {key['name']}", key["kid"], short_time(key["madeAt"]), key["ageDays"]]
                    for key in found
                ),
                [f"origin lock, {values} accepted", None, short_time(changed_at), None],
            ],
        )

    session.output.document(document, show)


class NoKey(OperatorError):
    code = "no_key"

    def __init__(self, name: str) -> None:
        super().__init__(f"the {name} token key is not valid: htmlgame doctor shows the fix")


def _key_document(session: Session, name: str, text: str) -> Json:
    try:
        made_ms = made_at(text) * 1000
    except ValueError:
        raise NoKey(name) from None
    return {
        "name": name,
        "kid": text.partition(":")[0],
        "madeAt": iso(made_ms),
        "ageDays": max(0, session.now_ms - made_ms) // _DAY_MS,
    }


@command("rotate")
@changes
def rotate_keys(session: Session, consent: Consent, **others: Any) -> None:
    """Create new token keys and a new origin lock, and lose no play in flight.

    The previous keys stay valid until the next rotation, so a rotation that comes
    too soon is refused with the seconds to wait.
    """
    chosen = next((_OTHERS[option] for option, given in others.items() if given), _OF_PLAYS)

    def act() -> Json:
        made = invoke(session, chosen.function, {}, doing="rotating keys")["madeAt"]
        return {"rotated": True, "madeAt": iso(made * 1000)}

    arguments = {chosen.option: True} if chosen.option else {}
    change = Change("keys rotate", arguments, chosen.sentence, {"keys": chosen.count})
    carry_out(session, consent, change, act)


rotate_keys.params[:0] = [
    click.Option([f"--{each.option}"], is_flag=True, help=each.help) for each in _OTHERS.values()
]
keys.add_command(show_keys)
keys.add_command(rotate_keys)
