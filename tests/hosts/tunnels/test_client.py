"""How a host takes configs: whole or not at all, never an old one, and each with an answer."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from hosts.tunnels.program import client as program_client
from hosts.tunnels.program.client import Client, _Session
from hosts.tunnels.program.control import Control, ControlError
from hosts.tunnels.program.errors import NotApplied, TunnelError
from hosts.tunnels.program.websocket import Closed

KEY = "agt_" + "a" * 32


class Keys:
    """Counts the WireGuard keys that were made."""

    made = 0

    def make_next_key(self) -> None:
        self.made += 1


class Host:
    role = "agent"

    def __init__(self, state: Path) -> None:
        self.state = state
        self.applied: list[dict[str, Any]] = []
        self.problem = ""
        self.failure: Exception | None = None
        self.waits = False
        self.silent = ""
        self.wireguard = Keys()

    def complaint(self) -> str:
        return self.silent

    def tick(self) -> None: ...

    def apply(self, data: dict[str, Any]) -> str:
        if self.failure:
            raise self.failure
        self.applied.append(data)
        return self.problem

    def next_key_is_known(self, _: Any) -> bool:
        return False

    def rotate(self, _: Any) -> bool:
        return self.waits


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
def client(host: Host) -> Client:
    made = Client(host, Control("https://example.com", KEY), KEY)  # type: ignore[arg-type]
    made._described = {"config": "/api/tunnels/control/config"}
    return made


def config(version: int, epoch: str = "e", **data: Any) -> dict[str, Any]:
    return {
        "type": "config",
        "epoch": epoch,
        "version": version,
        "data": {"agent": {"generation": 0}, **data},
    }


def take(client: Client, message: dict[str, Any], *, first: bool = False) -> Any:
    answer = client.take(message, first=first)
    return None if answer is None else json.loads(answer)


def test_a_config_is_applied_kept_and_acknowledged(client: Client, host: Host) -> None:
    answer = take(client, config(3), first=True)
    assert answer == {"type": "config_ack", "epoch": "e", "version": 3, "success": True}
    assert json.loads((host.state / "config.json").read_text())["version"] == 3
    assert (host.state / "config.json").stat().st_mode & 0o777 == 0o600


def test_a_push_that_comes_late_changes_nothing(client: Client, host: Host) -> None:
    take(client, config(3), first=True)
    assert take(client, config(2)) is None
    assert len(host.applied) == 1
    assert take(client, config(4))["version"] == 4


def test_a_config_of_another_epoch_is_taken_only_at_the_beginning(
    client: Client, host: Host
) -> None:
    take(client, config(9), first=True)
    with pytest.raises(Closed, match="another epoch"):
        take(client, config(1, "other"))
    assert len(host.applied) == 1
    assert take(client, config(1, "other"), first=True)["version"] == 1


@pytest.mark.parametrize(
    "failure",
    [NotApplied("no"), TunnelError("no"), KeyError("no"), ValueError("no"), OSError("no")],
)
def test_a_failure_is_answered_and_the_kept_config_stays(
    client: Client, host: Host, failure: Exception
) -> None:
    take(client, config(3), first=True)
    host.failure = failure
    answer = take(client, config(4))
    assert (answer["version"], answer["success"]) == (4, False)
    assert "no" in answer["error"]
    assert json.loads((host.state / "config.json").read_text())["version"] == 3
    host.failure = None
    assert take(client, config(4))["success"]


def test_a_problem_of_one_tunnel_is_reported_and_the_rest_is_in_use(
    client: Client, host: Host
) -> None:
    host.problem = "tunnel a.example: outside"
    answer = take(client, config(3), first=True)
    assert (answer["success"], answer["error"]) == (False, "tunnel a.example: outside")
    assert json.loads((host.state / "config.json").read_text())["version"] == 3


def test_a_large_config_is_fetched_and_may_be_newer_than_announced(
    client: Client, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fetched(_: Control, path: str) -> dict[str, Any]:
        asked.append(path)
        return config(8, big=True)

    monkeypatch.setattr(Control, "config", fetched)
    announced = {"type": "config", "epoch": "e", "version": 7, "fetch": "?version=7"}
    assert take(client, announced, first=True)["version"] == 8
    assert asked == ["/api/tunnels/control/config?version=7"]
    assert host.applied[0]["big"]


def test_a_config_that_cannot_be_fetched_ends_the_connection(
    client: Client, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Control, path: str) -> dict[str, Any]:
        raise ControlError(f"{path} answers 503", 503)

    monkeypatch.setattr(Control, "config", fails)
    with pytest.raises(ControlError):
        take(client, {"epoch": "e", "version": 7, "fetch": "?version=7"}, first=True)
    assert host.applied == []


def test_a_restart_begins_with_the_kept_config(host: Host, client: Client) -> None:
    take(client, config(3), first=True)
    again = Host(host.state)
    later = Client(again, Control("https://example.com", KEY), KEY)  # type: ignore[arg-type]
    later.begin()
    assert again.applied == host.applied
    assert take(later, config(2)) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"data": 1}'])
def test_a_damaged_kept_config_does_not_stop_the_program(host: Host, text: str) -> None:
    (host.state / "config.json").write_text(text)
    host.failure = TypeError("no") if text.startswith('{"') else None
    Client(host, Control("https://example.com", KEY), KEY).begin()  # type: ignore[arg-type]
    assert host.applied == []


def test_a_new_key_is_introduced_after_the_config_that_asked_for_it(
    client: Client, host: Host
) -> None:
    host.waits = True
    take(client, config(3), first=True)
    assert client.must_introduce


def test_hosts_that_lost_control_at_once_do_not_come_back_at_once() -> None:
    waits = {round(program_client._jittered(1.0), 3) for _ in range(50)}
    assert len(waits) > 30
    assert max(waits) <= 1
    assert all(30 <= program_client._jittered(60) <= 60 for _ in range(50))


@pytest.mark.parametrize(
    "url", ["http://example.com", "ftp://example.com", "example.com", "", "http://127.1.example"]
)
def test_a_key_is_never_sent_without_encryption(url: str) -> None:
    with pytest.raises(TunnelError, match="https://"):
        Control(url, KEY)


def test_a_control_plane_on_this_machine_needs_none() -> None:
    assert Control("http://localhost:8000/", KEY).url == "http://localhost:8000"


class Pipe:
    """Takes what a session sends."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send(self, text: str) -> None:
        self.sent.append(json.loads(text))


def test_a_later_problem_is_reported_once_and_so_is_its_end(client: Client, host: Host) -> None:
    pipe = Pipe()
    session = _Session(client, pipe)  # type: ignore[arg-type]
    session._complain()
    assert pipe.sent == []
    session._configure(config(3))
    host.silent = "no answer"
    for silent in ("no answer", "no answer", "", ""):
        host.silent = silent
        session._complain()
    said = [(each["version"], each["success"], each.get("error")) for each in pipe.sent]
    assert said == [(3, True, None), (3, False, "no answer"), (3, True, None)]


def test_a_config_that_was_not_applied_is_not_called_well_later(client: Client, host: Host) -> None:
    pipe = Pipe()
    session = _Session(client, pipe)  # type: ignore[arg-type]
    session._configure(config(3))
    host.failure = NotApplied("no")
    session._configure(config(4))
    session._complain()
    assert [each["success"] for each in pipe.sent] == [True, False]


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(86_400.0, "1440 minutes ahead"), (-86_400.0, "1440 minutes behind"), (60.0, "")],
)
def test_a_clock_that_is_off_is_said(client: Client, ahead: float, said: str) -> None:
    client._control.ahead_seconds = ahead
    assert said in client.complaint()
    assert bool(said) == bool(client.complaint())


def test_a_clock_that_goes_back_makes_a_new_key_and_one_that_goes_on_does_not(
    client: Client, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time
    for later, made in ((0.0, 0), (86_400.0, 0), (86_401.0, 0), (1.0, 1), (2.0, 1)):
        monkeypatch.setattr(time, "time", lambda later=later: real() + later)
        client.tick()
        assert host.wireguard.made == made
    assert client.must_introduce


def test_a_clock_that_went_back_while_the_program_was_off_is_noticed(
    client: Client, host: Host
) -> None:
    take(client, config(3), first=True)
    tomorrow = time.time() + 86_400
    os.utime(host.state / "config.json", (tomorrow, tomorrow))
    again = Client(host, Control("https://example.com", KEY), KEY)  # type: ignore[arg-type]
    again.begin()
    again.tick()
    assert host.wireguard.made == 1
