"""What an agent and a gateway have in common: the interface, the listeners and the keys."""

from __future__ import annotations

import asyncio
import contextlib
import platform
import threading
import uuid
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from . import VERSION
from .forwards import Forward, Forwards
from .networks import Guard, local_networks, refuse_overlap
from .state import keep, kept
from .wireguard import Peer, WireGuard

_Result = TypeVar("_Result")
_WIREGUARD = "wireguard.json"
_LOOP_SECONDS = 20


class Host:
    role = ""

    def __init__(self, state: Path, interface: str, *, port: int, allowed: list[str]) -> None:
        self.state, self.interface = state, interface
        self.boot_id = uuid.uuid4().hex
        self.wireguard = WireGuard(state, interface, port)
        self._guard = Guard(allowed, interface)
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.forwards = Forwards(self.allows)
        self._generation = int((kept(state, _WIREGUARD) or {}).get("generation", 0))

    def allows(self, address: str) -> bool:
        return self._guard.allows(address)

    def up(self) -> None:
        self.wireguard.up()

    def down(self) -> None:
        with contextlib.suppress(TimeoutError, asyncio.TimeoutError, RuntimeError):
            self.run(self._end_connections())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.wireguard.down()

    async def _end_connections(self) -> None:
        self.forwards.settle(set())
        tasks = [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def tick(self) -> None:
        """Looks after what runs, once a second, on the thread that applies configs."""

    def complaint(self) -> str:
        """Problems that came after the config was applied."""
        return ""

    def introduction(self) -> dict[str, Any]:
        return {
            "publicKey": self.wireguard.announced_key,
            "bootId": self.boot_id,
            "metadata": {
                "version": VERSION,
                "python": platform.python_version(),
                "system": platform.system() + "-" + platform.machine(),
                "wireguard": self.wireguard.kind,
                **self.more_metadata(),
            },
        }

    def more_metadata(self) -> dict[str, str]:
        return {}

    def apply(self, data: dict[str, Any]) -> str:
        """Makes this host as the config says, or changes nothing.

        Returns what is wrong with single tunnels, whose neighbours work.
        """
        raise NotImplementedError

    def rotate(self, me: dict[str, Any]) -> bool:
        """Whether a new WireGuard key waits to be introduced. Uses the one that is known by now."""
        if me["generation"] > self._generation:
            self.wireguard.make_next_key()
            self._generation = me["generation"]
            keep(self.state, _WIREGUARD, {"generation": self._generation})
        announced = self.wireguard.announced_key
        return announced != self.wireguard.public_key and announced != me["wireguardPublicKey"]

    def next_key_is_known(self, me: dict[str, Any]) -> bool:
        announced = self.wireguard.announced_key
        return announced != self.wireguard.public_key and announced == me["wireguardPublicKey"]

    def arrange(self, addresses: set[str], peers: list[Peer], wanted: set[Forward]) -> None:
        refuse_overlap(addresses | {peer.address for peer in peers}, local_networks(self.interface))
        self.wireguard.add_addresses(addresses)
        opened = self.run(self.forwards.open(wanted))
        try:
            self.before_commit()
            self.wireguard.apply(addresses, peers)
        except BaseException:
            self.call(self.forwards.close, opened)
            raise
        self.call(self.forwards.settle, wanted)

    def before_commit(self) -> None:
        """The last step that may refuse."""

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(_LOOP_SECONDS)

    def call(self, function: Any, *arguments: Any) -> None:
        async def work() -> None:
            function(*arguments)

        self.run(work())
