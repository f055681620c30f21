"""Beginning a session of a chat, with a token or as a guest."""

import uuid
from collections.abc import Callable
from typing import Any

from lambdas.players.accounts import Accounts
from lambdas.players.errors import TokenRevoked
from lambdas.players.items_table import listed_session_item, session_item
from lambdas.players.messages import MOST_BODY_BYTES, Session
from lambdas.players.names import display_name
from lambdas.players.personas import Personas
from lambdas.players.table import PlayerTable
from lambdas.players.users import GUEST, Identity, Proof
from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.errors import Busy
from lambdas.shared.keys.player_tokens import Bearer
from lambdas.shared.values.clock import iso


def read_session(body: bytes, personas: Personas) -> tuple[str, str | None]:
    """The character, and what it calls the player."""
    sent = object_in(body, most_bytes=MOST_BODY_BYTES, fields=("characterType", "username"))
    character = personas.named(sent.get("characterType")).id
    return character, _username(sent.get("username"))


def _username(value: Any) -> str | None:
    return None if value is None or value == "" else display_name(value, "username")


class Sessions:
    def __init__(
        self,
        table: PlayerTable,
        accounts: Accounts,
        *,
        level: int,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._table = table
        self._accounts = accounts
        self._level = level
        self._new_id = new_id

    def begin(self, bearer: Bearer, character: str, username: str | None, now_ms: int) -> str:
        session = self._session(bearer.user_id, character, username, now_ms, guest=False)
        if not self._table.begin(session, bearer.epoch):
            raise TokenRevoked
        return session.id

    def begin_as_guest(self, character: str, username: str | None, now_ms: int) -> str:
        """Whoever knows the session's id is the guest: it cannot be guessed."""
        session_id = self._new_id()
        proof = Proof(identity=Identity(GUEST, session_id), name=username)
        user = self._accounts.new_user(proof, now_ms)
        session = Session(
            id=session_id,
            user_id=user.id,
            character=character,
            username=username,
            guest=True,
            created_at=iso(now_ms),
        )
        also = (session_item(session), listed_session_item(session))
        if not self._table.create(user, level=self._level, guest=True, also=also):
            raise Busy
        return session_id

    def _session(
        self, user_id: str, character: str, username: str | None, now_ms: int, *, guest: bool
    ) -> Session:
        return Session(
            id=self._new_id(),
            user_id=user_id,
            character=character,
            username=username,
            guest=guest,
            created_at=iso(now_ms),
        )
