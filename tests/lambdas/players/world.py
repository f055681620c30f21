"""Devices that share a PlayerTable, one call at a time, with everything that can go wrong.

A seed decides whose call comes next, and whether it conflicts with another transaction, dies
before it is made, dies after it, or is made and its answer lost. The clock moves with the calls.
"""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ReadTimeoutError

from lambdas.players.accounts import Accounts
from lambdas.players.budget import Budget
from lambdas.players.character import Line
from lambdas.players.conversation import Conversation, Limits
from lambdas.players.ledger import Ledger
from lambdas.players.messages import Exchange, Session
from lambdas.players.personas import Persona, Personas, persona
from lambdas.players.player_keys import board_player
from lambdas.players.sessions import Sessions
from lambdas.players.table import PlayerTable
from lambdas.players.users import Identity, Proof
from lambdas.shared.keys.player_tokens import Bearer
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import uuid7
from local.dynamodb.tables import table_named

NOON: Final = 1_795_262_400_000
LEVELS: Final = (0, 20, 60)
TABLE: Final = "players"
MIKO: Final = persona(
    "miko",
    {
        "name": {"ja": "ミコ", "en": "Miko"},
        "voice": {"ja": "明るい", "en": "cheerful"},
        "locales": ["ja", "en"],
        "emotions": ["neutral", "happy"],
        "score": {"least": -5, "most": 10, "daily": 1000, "rule": {"ja": "親切", "en": "kind"}},
        "gameOver": {},
    },
)
PERSONAS: Final = Personas({"miko": MIKO})
GENEROUS: Final = Limits(levels=LEVELS, messages_a_day=10_000)

Item = dict[str, Any]


class Crashed(BaseException):
    """The function is gone, at this very moment."""


@dataclass
class Chances:
    conflict: float = 0
    crash_before: float = 0
    crash_after: float = 0
    lost_answer: float = 0


@dataclass
class Voice:
    """A character that never says the same twice, so a second answer cannot be mistaken."""

    scores: Callable[[], object] = lambda: 80
    before: Callable[[], object] = lambda: None
    said: list[str] = field(default_factory=list)

    def speak(
        self,
        persona: Persona,  # noqa: ARG002
        history: Sequence[Exchange],  # noqa: ARG002
        text: str,
        *,
        locale: str,  # noqa: ARG002
        username: str | None,  # noqa: ARG002
    ) -> Line:
        self.before()
        self.said.append(text)
        score = self.scores()
        assert score is None or isinstance(score, int)
        return Line(text=f"answer {len(self.said)}", score=score, emotion="happy", tokens=20)


class World:
    def __init__(
        self, client: Any, table: str = TABLE, seed: int = 0, chances: Chances | None = None
    ) -> None:
        self.client = client
        self.table_name = table
        self.chance = random.Random(seed)
        self.chances = chances or Chances()
        self.now_ms = NOON
        self.met: dict[str, int] = {}
        self._running: list[_Device] = []

    @property
    def table(self) -> PlayerTable:
        """As a test reads it, with nothing going wrong."""
        return PlayerTable(self.client, self.table_name)

    def happens(self, name: str, likely: float) -> bool:
        if self.chance.random() >= likely:
            return False
        self.met[name] = self.met.get(name, 0) + 1
        return True

    def run(self, *devices: Callable[["_Device"], object]) -> None:
        """All devices to their end, in an order that the seed decides."""
        running = [_Device(self, body) for body in devices]
        for device in running:
            device.start()
        while running:
            self.now_ms += self.chance.randrange(40)
            self.chance.choice(running).step()
            running = [device for device in running if not device.done]


class _Device:
    """A thread that stands still before each of its calls until it is its turn."""

    def __init__(self, world: World, body: Callable[["_Device"], object]) -> None:
        self.world = world
        self._body = body
        self._turn = threading.Semaphore(0)
        self._paused = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure: BaseException | None = None
        self.done = False
        self.exceptions = world.client.exceptions

    def start(self) -> None:
        self._thread.start()
        self._wait_for_pause()

    def step(self) -> None:
        self._turn.release()
        self._wait_for_pause()

    def pass_turn(self) -> None:
        self._paused.release()
        self._turn.acquire()

    def sleep(self, seconds: float) -> None:
        """The world's time, not the test's."""
        until = self.world.now_ms + seconds * 1000
        self.pass_turn()
        self.world.now_ms = max(self.world.now_ms, int(until))

    def _wait_for_pause(self) -> None:
        self._paused.acquire()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._body(self)
        except BaseException as failure:  # noqa: BLE001 - handed to the test's own thread
            self._failure = failure
        finally:
            self.done = True
            self._paused.release()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self.pass_turn()
            world, chances = self.world, self.world.chances
            if world.happens("crash before", chances.crash_before):
                raise Crashed
            if name == "transact_write_items" and world.happens("conflict", chances.conflict):
                raise _conflict(self.exceptions, len(request["TransactItems"]))
            answer = getattr(world.client, name)(**request)
            if world.happens("crash after", chances.crash_after):
                raise Crashed
            if world.happens("lost answer", chances.lost_answer):
                raise ReadTimeoutError(endpoint_url="dynamodb")
            return answer

        return call


def _conflict(exceptions: Any, writes: int) -> Exception:
    """As AWS cancels a transaction that meets another one: the emulators never do."""
    reasons = [{"Code": "TransactionConflict"}, *({"Code": "None"} for _ in range(writes - 1))]
    failure: Exception = exceptions.TransactionCanceledException(
        {
            "Error": {
                "Code": "TransactionCanceledException",
                "Message": "Transaction cancelled, please refer cancellation reasons",
            },
            "CancellationReasons": reasons,
        },
        "TransactWriteItems",
    )
    return failure


@contextmanager
def world(client: Any, seed: int = 0, chances: Chances | None = None) -> Iterator[World]:
    with table_named(client, TABLE) as name:
        yield World(client, name, seed, chances)


def no_wait(_: float) -> None:
    pass


def accounts(client: Any, table: str = TABLE) -> Accounts:
    return Accounts(
        PlayerTable(client, table),
        LEVELS,
        player_id_of=lambda user_id: board_player("secret", user_id).id,
        wait=no_wait,
    )


def ledger(client: Any, table: str = TABLE) -> Ledger:
    return Ledger(PlayerTable(client, table), LEVELS, wait=no_wait)


def conversation(
    client: Any,
    voice: Voice,
    limits: Limits = GENEROUS,
    *,
    table: str = TABLE,
    calls_a_day: int = 100_000,
    personas: Personas = PERSONAS,
) -> Conversation:
    players = PlayerTable(client, table)
    budget = Budget(players, calls_a_day)
    return Conversation(players, voice, budget, personas, limits, wait=no_wait)


def sessions(client: Any, table: str = TABLE) -> Sessions:
    return Sessions(PlayerTable(client, table), accounts(client, table), level=1)


def proof(subject: str, provider: str = "key", **more: Any) -> Proof:
    return Proof(identity=Identity(provider, subject), **more)


def player(client: Any, subject: str, now_ms: int = NOON, table: str = TABLE) -> Bearer:
    """Someone who has signed in."""
    account = accounts(client, table).sign_in(proof(subject), now_ms).account
    return Bearer(account.user.id, account.stats.epoch)


def session_of(client: Any, bearer: Bearer, now_ms: int = NOON, table: str = TABLE) -> str:
    return sessions(client, table).begin(bearer, "miko", None, now_ms)


def new_id(now_ms: int = NOON) -> str:
    return uuid7(now_ms)


def stored_session(user_id: str) -> Session:
    return Session(
        id=new_id(),
        user_id=user_id,
        character="miko",
        username=None,
        guest=False,
        created_at=iso(NOON),
    )
