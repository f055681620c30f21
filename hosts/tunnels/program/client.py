"""Keeps a connection to control, and has each config applied.

The state goes from the kept config over connecting and authenticated to applied. Nothing here
waits for control: what was applied last goes on working without it. Only monotonic time counts,
so a wrong clock does no harm.
"""

from __future__ import annotations

import json
import random
import threading
import time
from typing import Any

from .control import Control, ControlError
from .errors import NotApplied, TunnelError
from .host import Host
from .state import CONFIG, keep, kept
from .websocket import Closed, Refused, WebSocket

HEARTBEAT_SECONDS = 240.0
LONGEST_SECONDS = (6900.0, 7080.0)
"""API Gateway ends each connection after two hours. The host goes first, at a time of its own."""
_UNANSWERED_SECONDS = 8.0
"""A host that has no config after its introduction asks again."""
_MOST_WAIT = 60.0
_REFUSED_WAIT = 60.0
_COMPLAINT_SECONDS = 5.0
_MOST_SKEW_SECONDS = 300.0
_BACK_SECONDS = 5.0
_SWITCH_SECONDS = 0.3
"""Gateways have applied an agent's new key by then."""
_random = random.SystemRandom()


def log(text: str) -> None:
    print(time.strftime("%H:%M:%S ") + text, flush=True)


class Client:
    def __init__(self, host: Host, control: Control, api_key: str) -> None:
        self._host, self._control, self._api_key = host, control, api_key
        self._version, self._epoch = 0, ""
        self._described = kept(host.state, "control.json") or {}
        self._problem = ""
        """Of the last config, or of single tunnels in it."""
        self._clock = time.time() - time.monotonic()
        self._stop = threading.Event()
        self._was_served = False
        """Whether the last connection brought a config, so that the next may come at once."""

    def stop(self) -> None:
        self._stop.set()

    def begin(self) -> None:
        """Applies the last config, so that tunnels work before control answers."""
        self._set_challenge()
        config = kept(self._host.state, CONFIG)
        if config is None:
            return
        # As if the program had run since then.
        self._clock = (self._host.state / CONFIG).stat().st_mtime - time.monotonic()
        try:
            problem = self._host.apply(config["data"])
            self._version, self._epoch, self._problem = config["version"], config["epoch"], problem
            log("applied the kept config, version %d%s" % (self._version, _because(problem)))
        except (TunnelError, KeyError, TypeError) as error:
            log(f"the kept config was not applied: {error}")

    def run(self) -> None:
        wait = 0.0
        while self._paused(_jittered(wait)):
            try:
                ended = self._connection()
                log(f"connection ends: {ended}")
                wait = 0.0
            except Refused as refused:
                log("control refuses the connection with %d" % refused.status)
                wait = max(wait * 2, 1.0)
                if refused.status in (401, 403):
                    log("the API key is unknown or revoked; fix: rotate it, then install again")
                    wait = max(wait, _REFUSED_WAIT * 2)
            except _Replaced:
                log("another host uses this API key; fix: install each host with its own key")
                wait = _REFUSED_WAIT * 2
            except (Closed, ControlError, OSError) as error:
                log(f"no connection: {error}")
                wait = 0.0 if self._was_served else max(wait * 2, 1.0)
            wait = min(wait, _REFUSED_WAIT * 2 if wait > _MOST_WAIT else _MOST_WAIT)

    def _paused(self, seconds: float) -> bool:
        """Waits, and looks after the host meanwhile. False where the program stops."""
        until = time.monotonic() + seconds
        while not self._stop.is_set():
            self.tick()
            left = until - time.monotonic()
            if left <= 0:
                return True
            self._stop.wait(min(left, 1.0))
        return False

    def complaint(self) -> str:
        """All that is wrong now."""
        return "; ".join(filter(None, (self._problem, self._host.complaint(), self._skew())))

    def _skew(self) -> str:
        ahead = self._control.ahead_seconds
        if abs(ahead) < _MOST_SKEW_SECONDS:
            return ""
        return "this host's clock is %d minutes %s; fix: timedatectl set-ntp true" % (
            abs(ahead) / 60,
            "ahead" if ahead > 0 else "behind",
        )

    def acknowledgement(self, problem: str) -> str | None:
        """Of the present version, None before the first."""
        return _ack(self._epoch, self._version, problem) if self._version else None

    def _look_at_clock(self) -> None:
        """WireGuard refuses handshakes that are older than the last, so use another key."""
        clock = time.time() - time.monotonic()
        if clock < self._clock - _BACK_SECONDS:
            log("the clock went back; making a new WireGuard key")
            self._host.wireguard.make_next_key()
            self.must_introduce = True
        self._clock = clock

    def tick(self) -> None:
        self._look_at_clock()
        try:
            self._host.tick()
        except TunnelError as error:
            log(f"{error}; trying again")

    def _connection(self) -> str:
        self._was_served = False
        self._described = self._describe()
        self._set_challenge()
        socket = WebSocket.connect(self._described["websocket"], {"X-Api-Key": self._api_key})
        try:
            return _Session(self, socket).run()
        finally:
            socket.close()

    def _describe(self) -> dict[str, Any]:
        """As control says now, or as it said last: its web address may be down alone."""
        try:
            described = self._control.describe()
        except ControlError:
            if "websocket" not in self._described:
                raise
            return self._described
        keep(self._host.state, "control.json", described)
        return described

    def _set_challenge(self) -> None:
        if hasattr(self._host, "challenge") and "challenge" in self._described:
            self._host.challenge = self._control.url + self._described["challenge"]

    # What a session does with configs

    def is_stopped(self) -> bool:
        return self._stop.is_set()

    def introduction(self) -> str:
        return json.dumps(
            {
                "type": "auth",
                "version": self._version,
                "epoch": self._epoch,
                "data": self._host.introduction(),
            }
        )

    def heartbeat(self) -> str:
        received, sent = self._host.wireguard.traffic()
        return json.dumps(
            {
                "type": "heartbeat",
                "version": self._version,
                "epoch": self._epoch,
                "traffic": {"received": received, "sent": sent},
            }
        )

    def take(self, message: dict[str, Any], *, first: bool) -> str | None:
        """Applies a config and returns the answer to it; None for an outdated one."""
        self._was_served = True
        epoch, version = str(message["epoch"]), int(message["version"])
        if epoch != self._epoch and not first:
            raise Closed("a config of another epoch; connecting again")
        if epoch == self._epoch and version < self._version:
            return None
        try:
            problem = self._applied(message)
        except TunnelError as error:
            log("config %d was not applied: %s" % (version, error))
            self._problem = str(error)
            return _ack(epoch, version, str(error))
        return _ack(epoch, self._version, problem)

    def _applied(self, message: dict[str, Any]) -> str:
        started = time.monotonic()
        if "fetch" in message:
            message = self._control.config(self._described["config"] + message["fetch"])
        data = message["data"]
        me = data[self._host.role]
        if self._host.next_key_is_known(me):
            if self._host.role == "agent":
                time.sleep(_SWITCH_SECONDS)
            self._host.wireguard.use_next_key()
            log("switched to the new WireGuard key")
        try:
            problem = self._host.apply(data)
        except NotApplied:
            raise
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise NotApplied(f"{type(error).__name__}: {error}") from None
        self._problem = problem
        self._version, self._epoch = int(message["version"]), str(message["epoch"])
        keep(self._host.state, CONFIG, message)
        log(
            "applied version %d in %d ms%s"
            % (self._version, (time.monotonic() - started) * 1000, _because(problem))
        )
        self.must_introduce = self._host.rotate(me)
        return problem

    must_introduce = False
    """A new WireGuard key waits until control and the other hosts know it."""


class _Session:
    """One connection: the introduction, then configs and heartbeats."""

    def __init__(self, client: Client, socket: WebSocket) -> None:
        self._client, self._socket = client, socket
        self._first = True
        self._born = self._beat = self._looked = time.monotonic()
        self._said = ""
        """The complaint that control knows."""
        self._ends = self._born + _random.uniform(*LONGEST_SECONDS)

    def run(self) -> str:
        self._socket.send(self._client.introduction())
        while not self._client.is_stopped():
            now = time.monotonic()
            if now > self._ends:
                return _PLANNED
            patience = _UNANSWERED_SECONDS if self._first else HEARTBEAT_SECONDS
            if now - self._beat > patience:
                self._socket.send(self._client.heartbeat())
                self._beat = now
            self._client.tick()
            text = self._socket.receive(1.0)
            if text is not None:
                self._take(text)
            self._introduce_again()
            if now - self._looked > _COMPLAINT_SECONDS and not self._first:
                self._looked = now
                self._complain()
        return "the program stops"

    def _take(self, text: str) -> None:
        try:
            message = json.loads(text)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            log("control sent what is no message")
            return
        if kind == "config":
            self._configure(message)
        elif kind == "error":
            if message.get("code") == "replaced":
                raise _Replaced
            log("control refuses: {}".format(str(message.get("message"))[:300]))

    def _configure(self, message: dict[str, Any]) -> None:
        answer = self._client.take(message, first=self._first)
        self._first = False
        if answer is not None:
            self._socket.send(answer)
            self._said = str(json.loads(answer).get("error", ""))
        self._introduce_again()

    def _introduce_again(self) -> None:
        if self._client.must_introduce:
            self._client.must_introduce = False
            self._socket.send(self._client.introduction())

    def _complain(self) -> None:
        """Says what is wrong once it is, and again once it is not."""
        said = self._client.complaint()
        answer = self._client.acknowledgement(said) if said != self._said else None
        if answer is not None:
            log(said or "all is well again")
            self._socket.send(answer)
            self._said = said


class _Replaced(Exception):
    """Another connection has this host's key."""


_PLANNED = "it is old enough"


def _ack(epoch: str, version: int, problem: str) -> str:
    answer: dict[str, Any] = {
        "type": "config_ack",
        "epoch": epoch,
        "version": version,
        "success": not problem,
    }
    return json.dumps({**answer, "error": problem} if problem else answer)


def _because(problem: str) -> str:
    return "; " + problem if problem else ""


def _jittered(wait: float) -> float:
    """Hosts that lost their connections at once come back one by one."""
    return _random.random() if wait <= 1.0 else wait * _random.uniform(0.5, 1)
