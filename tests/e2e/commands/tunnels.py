"""htmlgame tunnels."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from config.capabilities import tunnels
from lambdas.tunnels.api_keys import digest
from lambdas.tunnels.records import Agent, Certificate, Version
from lambdas.tunnels.renewals import failed
from lambdas.tunnels.table import KeyHolder, TunnelTable
from tests.e2e.commands.stage import Change, Changes, Reading, Readings, Stage, Wrongs

CREATOR = "019aa000-0000-4000-8000-0000000000cc"
"""With a network that no other test has."""
ALONE = "019aa000-0000-4000-8000-0000000000cd"
"""With one host, which is online."""
NOBODY = "019aa000-0000-7000-8000-0000000000ce"


def table(stage: Stage) -> TunnelTable:
    return stage.table(TunnelTable, tunnels.TABLE.parameter)


def add(stage: Stage, kind: str = "agent", creator: str = CREATOR) -> dict[str, Any]:
    said = stage.htmlgame("tunnels", f"add-{kind}", creator, "home", "--yes", "--json")
    made: dict[str, Any] = said.json
    return made


def add_tunnel(stage: Stage) -> tuple[str, str]:
    """The tunnel's id, and its domain."""
    domain = f"{secrets.token_hex(4)}.example.test"
    words = ("add-tunnel", CREATOR, add(stage)["id"], "localhost:1", "--domain", domain)
    return str(stage.htmlgame("tunnels", *words, "--yes", "--json").json["id"]), domain


@contextmanager
def online(stage: Stage) -> Iterator[Reading]:
    made = add(stage, creator=ALONE)
    holder, now_s = KeyHolder(ALONE, "agent", made["id"]), int(time.time())
    network = table(stage)
    assert network.connected(holder, digest(made["apiKey"]), "one", now_s) == ""
    assert network.acked(holder, "one", Version("e", 1), "", now_s)
    yield [ALONE, made["id"]], "online: 1 of 1", {"online"}
    network.delete_agent(ALONE, made["id"], now_s * 1000)


def of_a_new_host(kind: str) -> Change:
    return Change(
        [CREATOR, "home"],
        question=f"Add the {kind} home to the creator {CREATOR}?",
        done="done: id ",
        recorded={"creatorId": CREATOR, "name": "home"},
    )


@contextmanager
def with_an_agent(stage: Stage) -> Iterator[Change]:
    agent, target = add(stage)["id"], "127.0.0.1:27015"
    yield Change(
        [CREATOR, agent, target, "--protocol", "udp"],
        question=f"Add a tunnel to {target} to the creator {CREATOR}?",
        done="publicPort 30",
        recorded={"creatorId": CREATOR, "agentId": agent, "target": target},
    )


@contextmanager
def an_agent_too_many(stage: Stage) -> Iterator[Change]:
    agent = add(stage)["id"]
    yield Change(
        [CREATOR, agent],
        question=f"Remove the agent home of the creator {CREATOR}?",
        done="done: removed 1",
        recorded={"creatorId": CREATOR, "id": agent},
        again=f"ID: the creator has no agent, gateway or tunnel {agent}",
    )


@contextmanager
def renamed(stage: Stage) -> Iterator[Change]:
    made = add(stage, "gateway")
    yield Change(
        [CREATOR, made["id"], "--name", "tokyo"],
        question=f"Change the gateway home of the creator {CREATOR} to name 'tokyo'?",
        done="done: changed 1",
        recorded={"creatorId": CREATOR, "id": made["id"], "name": "tokyo"},
        again="the gateway tokyo is so already",
    )
    after = table(stage).gateway(CREATOR, made["id"])
    assert (after.name, after.key) == ("tokyo", digest(made["apiKey"]))


def switched(*, on: bool) -> Callable[[Stage], AbstractContextManager[Change]]:
    @contextmanager
    def of_a_tunnel(stage: Stage) -> Iterator[Change]:
        tunnel, domain = add_tunnel(stage)
        if on:
            stage.htmlgame("tunnels", "disable", CREATOR, tunnel, "--yes")
        verb = "Enable" if on else "Disable"
        yield Change(
            [CREATOR, tunnel],
            question=f"{verb} the tunnel {domain} of the creator {CREATOR}?",
            done="done: changed 1",
            recorded={"creatorId": CREATOR, "id": tunnel},
            again=f"the tunnel {domain} is so already",
        )
        assert table(stage).tunnel(CREATOR, tunnel).enabled is on

    return of_a_tunnel


@contextmanager
def another_key(stage: Stage) -> Iterator[Change]:
    made = add(stage)
    yield Change(
        [CREATOR, made["id"]],
        question=f"Replace the API key of the agent home of the creator {CREATOR}?",
        done="done: apiKey agt_",
        recorded={"creatorId": CREATOR, "id": made["id"]},
    )
    assert table(stage).holder(made["apiKey"]) is None


@contextmanager
def another_wireguard_key(stage: Stage) -> Iterator[Change]:
    made = add(stage)
    yield Change(
        [CREATOR, made["id"]],
        question=f"Replace the WireGuard key of the agent home of the creator {CREATOR}?",
        done="done: asked 1",
        recorded={"creatorId": CREATOR, "id": made["id"]},
    )
    agent: Agent = table(stage).agent(CREATOR, made["id"])
    assert agent.generation == 1


@contextmanager
def an_order_that_failed(stage: Stage) -> Iterator[Change]:
    tunnel, domain = add_tunnel(stage)
    before = failed(
        Certificate(domain=domain, state="waiting"),
        "leads elsewhere",
        int(time.time()) - 60,
        refused=False,
    )
    assert table(stage).put_certificate(CREATOR, before, before.retry_s)
    yield Change(
        [CREATOR, tunnel],
        question=f"Order a certificate for {domain} of the creator {CREATOR}?",
        done="done: state failed, problem ",
        recorded={"creatorId": CREATOR, "id": tunnel},
    )
    assert table(stage).certificate(CREATOR, domain) is not None


READ: Readings = {
    "tunnels show": ([CREATOR], "", {"version", "hosts", "tunnels"}),
    "tunnels certificates": ([], "", {"certificates"}),
    "tunnels wait": online,
}
CHANGES: Changes = {
    "tunnels add-agent": of_a_new_host("agent"),
    "tunnels add-gateway": of_a_new_host("gateway"),
    "tunnels add-tunnel": with_an_agent,
    "tunnels change": renamed,
    "tunnels enable": switched(on=True),
    "tunnels disable": switched(on=False),
    "tunnels rotate-key": another_key,
    "tunnels rotate-wireguard": another_wireguard_key,
    "tunnels order": an_order_that_failed,
    "tunnels remove": an_agent_too_many,
}
_UNKNOWN = ([CREATOR, "x"], 1, "ID: the creator has no agent, gateway or tunnel x")
WRONG: Wrongs = {
    "tunnels show": [
        ([], 2, "Missing argument 'CREATOR_ID'"),
        (["ann"], 2, "CREATOR_ID: 'ann' is not a UUID"),
    ],
    "tunnels wait": [
        ([NOBODY], 1, "CREATOR_ID: this creator has no agent or gateway that is switched on"),
        ([CREATOR, "x"], 1, "ID: the creator has no agent, gateway or tunnel x"),
        ([CREATOR, "--seconds", "-1"], 2, "'--seconds': -1 is not in the range"),
    ],
    "tunnels add-agent": [
        (["ann", "home"], 2, "CREATOR_ID: 'ann' is not a UUID"),
        ([CREATOR, "a b"], 1, "name: not 1 to 64 letters"),
    ],
    "tunnels add-gateway": [
        ([CREATOR, "vps", "--public-ip", "localhost"], 1, "publicIp: not an IPv4 address"),
    ],
    "tunnels add-tunnel": [
        ([CREATOR, CREATOR, "localhost"], 1, "target: not a host and a port"),
        ([CREATOR, CREATOR, "localhost:1"], 1, "domain: missing"),
    ],
    "tunnels change": [
        ([CREATOR, "x"], 2, "ID: give an option that changes something, such as --name"),
        ([CREATOR, "x", "--name", "home"], 1, _UNKNOWN[2]),
    ],
    "tunnels enable": [_UNKNOWN],
    "tunnels disable": [_UNKNOWN],
    "tunnels rotate-key": [_UNKNOWN],
    "tunnels rotate-wireguard": [_UNKNOWN],
    "tunnels order": [_UNKNOWN],
    "tunnels remove": [_UNKNOWN],
}
SOMETHING = {
    "tunnels show": [CREATOR],
    "tunnels wait": [CREATOR],
    "tunnels add-agent": [CREATOR, "home"],
    "tunnels add-gateway": [CREATOR, "vps"],
    "tunnels add-tunnel": [CREATOR, CREATOR, "localhost:1", "--domain", "a.example"],
    "tunnels change": [CREATOR, "x", "--name", "home"],
    **{
        f"tunnels {each}": [CREATOR, "x"]
        for each in ("enable", "disable", "rotate-key", "rotate-wireguard", "order", "remove")
    },
}
