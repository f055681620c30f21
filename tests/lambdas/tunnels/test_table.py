"""Agents, gateways and tunnels as they are stored: what is unique, counted, freed and revoked."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lambdas.shared.dynamo.transactions import Write
from lambdas.tunnels import table as tunnel_table
from lambdas.tunnels.api_keys import digest, new_key
from lambdas.tunnels.erasable import Tunnels
from lambdas.tunnels.errors import (
    AddressTaken,
    AgentInUse,
    DomainTaken,
    PortTaken,
    TooManyHosts,
    TooManyTunnels,
    UnknownHost,
    UnknownTunnel,
)
from lambdas.tunnels.records import (
    Agent,
    Certificate,
    Gateway,
    Tunnel,
    Version,
    network_of,
    status,
)
from lambdas.tunnels.subnets import FREE_AGAIN_SECONDS
from lambdas.tunnels.table import KeyHolder, TunnelTable
from local.dynamodb.tables import table_named

OWNER, OTHER = "11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"
NOW = 1_795_000_000_000
NOBODY = "0190a5b0-0000-7000-8000-00000000cafe"


@pytest.fixture
def table(moto: Any) -> Iterator[TunnelTable]:
    with table_named(moto, "tunnels") as name:
        made = TunnelTable(moto, name)
        made.wait = lambda _: None
        yield made


def agent(table: TunnelTable, owner: str = OWNER, now_ms: int = NOW, name: str = "home") -> Agent:
    return table.create_agent(owner, new_key("agent"), now_ms, {"name": name})


def gateway(table: TunnelTable, owner: str = OWNER, **fields: Any) -> Gateway:
    return table.create_gateway(owner, new_key("gateway"), NOW, {"name": "vps"} | fields)


def tunnel(table: TunnelTable, of: Agent, domain: str | None = "a.example", **more: Any) -> Tunnel:
    fields = {
        "agent_id": of.id,
        "protocol": "http",
        "domain": domain,
        "target": "localhost:8080",
        "public_port": None,
        "enabled": True,
        "proxy_protocol": False,
        "description": "",
    }
    return table.create_tunnel(of.owner, NOW, fields | more)


def everything(table: TunnelTable) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = table._client.scan(TableName="tunnels")["Items"]
    return items


def test_agents_get_the_lowest_subnets_of_all_creators_in_turn(table: TunnelTable) -> None:
    numbers = [agent(table, owner).number for owner in (OWNER, OTHER, OWNER)]
    assert numbers == [1, 2, 3]
    assert {each.number for each in table.agents(OWNER)} == {1, 3}


def test_a_freed_subnet_is_used_again_after_an_hour_and_not_before(table: TunnelTable) -> None:
    first, second = agent(table), agent(table)
    table.delete_agent(OWNER, first.id, NOW)
    soon, later = NOW + (FREE_AGAIN_SECONDS - 1) * 1000, NOW + FREE_AGAIN_SECONDS * 1000
    assert agent(table, now_ms=soon).number == 3
    assert agent(table, now_ms=later).number == 1
    assert agent(table, now_ms=later).number == 4
    assert second.number == 2


def test_an_agent_is_deleted_once_and_its_key_with_it(table: TunnelTable) -> None:
    key = new_key("agent")
    made = table.create_agent(OWNER, key, NOW, {"name": "home"})
    assert table.holder(key) == KeyHolder(OWNER, "agent", made.id)
    table.delete_agent(OWNER, made.id, NOW)
    assert table.holder(key) is None
    with pytest.raises(UnknownHost):
        table.delete_agent(OWNER, made.id, NOW)


def test_the_second_block_begins_where_the_first_is_full(table: TunnelTable) -> None:
    for number in range(1, 255):
        item = {
            "PK": {"S": "SUBNETS#000"},
            "SK": {"S": f"{number:05d}"},
            "agent": {"S": NOBODY},
            "owner": {"S": OTHER},
        }
        table._client.put_item(TableName="tunnels", Item=item)
    assert agent(table).number == 255


def test_a_subnet_that_another_took_meanwhile_is_not_given_twice(
    table: TunnelTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent(table)
    monkeypatch.setattr(table, "_used_subnets", lambda _block, _now: set())
    numbers = {agent(table).number for _ in range(5)}
    assert len(numbers | {1}) == 6


def test_a_write_that_fails_leaves_nothing_behind(
    table: TunnelTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crashed(BaseException):
        pass

    together = table._together

    def crash(*writes: Write) -> int | None:
        together(*writes, {"ConditionCheck": never()})
        raise Crashed

    def never() -> dict[str, Any]:
        return {
            "TableName": "tunnels",
            "Key": {"PK": "nobody", "SK": "-"},
            "ConditionExpression": "attribute_exists(PK)",
        }

    monkeypatch.setattr(table, "_together", crash)
    with pytest.raises(Crashed):
        agent(table)
    assert everything(table) == []


def test_there_are_only_so_many_agents_and_tunnels(
    table: TunnelTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel_table, "MOST_AGENTS", 2)
    monkeypatch.setattr(tunnel_table, "MOST_TUNNELS", 1)
    first, _ = agent(table), agent(table)
    with pytest.raises(TooManyHosts, match="at most 2 agents"):
        agent(table)
    assert agent(table, OTHER).number == 3
    tunnel(table, first)
    with pytest.raises(TooManyTunnels, match="at most 1 tunnels"):
        tunnel(table, first, "b.example")


def test_a_creator_reaches_nothing_of_another(table: TunnelTable) -> None:
    mine, vps = agent(table), gateway(table)
    made = tunnel(table, mine)
    for refused in (
        lambda: table.agent(OTHER, mine.id),
        lambda: table.delete_agent(OTHER, mine.id, NOW),
        lambda: table.rotate_key(OTHER, "agent", mine.id, new_key("agent"), NOW),
        lambda: table.delete_gateway(OTHER, vps.id, NOW),
        lambda: table.change_host(OTHER, "gateway", vps.id, NOW, lambda host: host),
        lambda: tunnel(table, replace(mine, owner=OTHER), "b.example"),
    ):
        with pytest.raises(UnknownHost):
            refused()
    with pytest.raises(UnknownTunnel):
        table.delete_tunnel(OTHER, made.id)
    with pytest.raises(UnknownTunnel):
        table.change_tunnel(OTHER, made.id, NOW, lambda each: each)


def issued(table: TunnelTable, owner: str, *, days: int = 90, proven: bool = True) -> bool:
    until = NOW // 1000 + days * 86_400
    made = Certificate(domain="a.example", state="issued", chain="pem", expires_s=until)
    return table.put_certificate(owner, made, until, proven=proven)


def test_a_creator_has_one_tunnel_with_a_domain(table: TunnelTable) -> None:
    mine = agent(table)
    made = tunnel(table, mine)
    with pytest.raises(DomainTaken, match=r"another of your tunnels has a\.example"):
        tunnel(table, mine)
    table.delete_tunnel(OWNER, made.id)
    assert tunnel(table, mine).domain == "a.example"


def test_a_claim_without_proof_keeps_nobody_away(table: TunnelTable) -> None:
    squatter, owner = agent(table, OTHER), agent(table)
    tunnel(table, squatter)
    assert not table._get({"PK": "DOMAIN#a.example", "SK": "-"}, consistent=True)
    assert issued(table, OTHER, proven=False)
    assert tunnel(table, owner).domain == "a.example"
    assert {each.owner for each in table.watched()} == {OWNER, OTHER}


def test_a_domain_that_a_creator_has_proven_is_refused_to_others(table: TunnelTable) -> None:
    mine, others = agent(table), agent(table, OTHER)
    made, moving = tunnel(table, mine), tunnel(table, others, "b.example")
    assert issued(table, OWNER)
    before = table.version(OTHER)
    with pytest.raises(DomainTaken, match=r"another creator's tunnel has a\.example"):
        tunnel(table, others)
    with pytest.raises(DomainTaken, match=r"another creator's tunnel has a\.example"):
        table.change_tunnel(OTHER, moving.id, NOW, lambda each: replace(each, domain="a.example"))
    assert table.version(OTHER) == before
    table.delete_tunnel(OWNER, made.id)
    assert tunnel(table, others).domain == "a.example"


def test_a_proof_ends_with_its_certificate(table: TunnelTable) -> None:
    tunnel(table, agent(table))
    assert issued(table, OWNER, days=-1)
    assert tunnel(table, agent(table, OTHER)).domain == "a.example"


def test_the_newest_proof_counts_and_the_loser_takes_nothing_of_it(table: TunnelTable) -> None:
    """Both had a tunnel before anybody proved the domain. Then it moved to the other's gateways."""
    first, second = tunnel(table, agent(table)), tunnel(table, agent(table, OTHER))
    assert issued(table, OWNER)
    assert issued(table, OTHER)
    table.delete_tunnel(OWNER, first.id)
    third = agent(table, NOBODY)
    with pytest.raises(DomainTaken):
        tunnel(table, third)
    table.delete_tunnel(OTHER, second.id)
    assert tunnel(table, third).domain == "a.example"


def test_an_idle_claim_that_moves_or_goes_leaves_the_proof_of_another(table: TunnelTable) -> None:
    squatting = tunnel(table, agent(table, OTHER))
    tunnel(table, agent(table))
    assert issued(table, OWNER)
    table.change_tunnel(
        OTHER, squatting.id, NOW + 1, lambda each: replace(each, domain="b.example")
    )
    table.delete_tunnel(OTHER, squatting.id)
    with pytest.raises(DomainTaken):
        tunnel(table, agent(table, OTHER))


def test_a_tunnel_moves_to_another_domain_and_frees_its_own(table: TunnelTable) -> None:
    mine = agent(table)
    made, other = tunnel(table, mine), tunnel(table, mine, "b.example")

    def moved(each: Tunnel, domain: str) -> Tunnel:
        return replace(each, domain=domain)

    with pytest.raises(DomainTaken):
        table.change_tunnel(OWNER, made.id, NOW + 1, lambda each: moved(each, "b.example"))
    table.change_tunnel(OWNER, made.id, NOW + 1, lambda each: moved(each, "c.example"))
    assert {each.domain for each in table.tunnels(OWNER)} == {"c.example", "b.example"}
    assert tunnel(table, mine, "a.example").id != other.id
    assert {each.domain for each in table.watched()} == {
        "a.example",
        "b.example",
        "c.example",
    }


def test_each_tunnel_of_an_agent_has_its_own_port(table: TunnelTable) -> None:
    mine, other = agent(table), agent(table)
    ports = [tunnel(table, mine, f"{n}.example").port for n in range(3)]
    assert ports == [20000, 20001, 20002]
    assert tunnel(table, other, "x.example").port == 20000


def test_public_ports_are_unique_for_each_protocol_of_a_creator(table: TunnelTable) -> None:
    mine = agent(table)
    first = tunnel(table, mine, None, protocol="udp")
    assert first.public_port == 30000
    assert tunnel(table, mine, None, protocol="tcp", public_port=30000).public_port == 30000
    assert tunnel(table, mine, None, protocol="udp").public_port == 30001
    with pytest.raises(PortTaken, match="udp port 30001"):
        tunnel(table, mine, None, protocol="udp", public_port=30001)
    others = agent(table, OTHER)
    assert tunnel(table, others, None, protocol="udp", public_port=30001).public_port == 30001
    table.delete_tunnel(OWNER, first.id)
    assert tunnel(table, mine, None, protocol="udp").public_port == 30000


def test_an_agent_with_tunnels_stays_until_they_are_gone(table: TunnelTable) -> None:
    mine = agent(table)
    made = tunnel(table, mine)
    with pytest.raises(AgentInUse):
        table.delete_agent(OWNER, mine.id, NOW)
    table.delete_tunnel(OWNER, made.id)
    table.delete_agent(OWNER, mine.id, NOW)
    assert [item["SK"]["S"] for item in everything(table) if item["SK"]["S"] != "V"] == ["00001"]


def test_gateways_have_octets_and_addresses_of_their_own(table: TunnelTable) -> None:
    first = gateway(table, public_ip="203.0.113.7", fixed_ip=True)
    second = gateway(table)
    assert (first.octet, second.octet) == (1, 2)
    with pytest.raises(AddressTaken, match=r"203\.0\.113\.7"):
        gateway(table, public_ip="203.0.113.7")

    def moved(each: Gateway) -> Gateway:
        return replace(each, public_ip="203.0.113.7")

    with pytest.raises(AddressTaken):
        table.change_host(OWNER, "gateway", second.id, NOW + 1, moved)
    table.delete_gateway(OWNER, first.id, NOW)
    table.change_host(OWNER, "gateway", second.id, NOW + 1, moved)
    assert table.gateway(OWNER, second.id).public_ip == "203.0.113.7"
    assert gateway(table).octet == 1
    assert gateway(table, OTHER, public_ip="203.0.113.7").public_ip == "203.0.113.7"


def test_every_change_raises_the_version_within_one_epoch(table: TunnelTable) -> None:
    assert table.version(OWNER) == Version("", 0)
    mine = agent(table)
    versions = [table.version(OWNER)]
    made = tunnel(table, mine)
    versions.append(table.version(OWNER))
    table.change_tunnel(OWNER, made.id, NOW + 1, lambda each: replace(each, enabled=False))
    versions.append(table.version(OWNER))
    table.delete_tunnel(OWNER, made.id)
    versions.append(table.version(OWNER))
    assert [each.number for each in versions] == [1, 2, 3, 4]
    assert len({each.epoch for each in versions}) == 1
    assert table.version(OTHER).number == 0


def test_a_refused_change_raises_no_version(table: TunnelTable) -> None:
    mine = agent(table)
    tunnel(table, mine)
    before = table.version(OWNER)
    with pytest.raises(DomainTaken):
        tunnel(table, mine)
    assert table.version(OWNER) == before


def holder_of(host: Agent | Gateway) -> KeyHolder:
    return KeyHolder(host.owner, host.kind, host.id)


def test_a_late_disconnect_does_not_take_a_new_connection_offline(table: TunnelTable) -> None:
    mine = agent(table)
    holder, now_s = holder_of(mine), NOW // 1000
    assert table.connected(holder, mine.key, "one", now_s) == ""
    assert table.connected(holder, mine.key, "two", now_s) == "one"
    assert not table.disconnected(holder, "one")
    assert status(table.agent(OWNER, mine.id), now_s) == "online"
    assert table.disconnected(holder, "two")
    assert status(table.agent(OWNER, mine.id), now_s) == "offline"


def test_a_host_that_has_been_silent_is_offline_though_no_disconnect_was_seen(
    table: TunnelTable,
) -> None:
    mine = agent(table)
    table.connected(holder_of(mine), mine.key, "one", NOW // 1000)
    found = table.agent(OWNER, mine.id)
    assert status(found, NOW // 1000 + 600) == "online"
    assert status(found, NOW // 1000 + 601) == "offline"


def test_only_the_present_connection_acknowledges_and_an_error_ends_with_it(
    table: TunnelTable,
) -> None:
    mine = agent(table)
    holder, now_s, version = holder_of(mine), NOW // 1000, Version("e", 3)
    table.connected(holder, mine.key, "one", now_s)
    assert table.acked(holder, "one", version, "no such interface", now_s)
    assert status(table.agent(OWNER, mine.id), now_s) == "error"
    table.connected(holder, mine.key, "two", now_s)
    assert status(table.agent(OWNER, mine.id), now_s) == "online"
    assert not table.acked(holder, "one", version, "", now_s)
    assert table.acked(holder, "two", version, "", now_s)
    assert table.agent(OWNER, mine.id).link.acked == version


def test_a_rotated_key_is_refused_at_once_and_its_connection_is_to_be_closed(
    table: TunnelTable,
) -> None:
    old, new = new_key("agent"), new_key("agent")
    mine = table.create_agent(OWNER, old, NOW, {"name": "home"})
    holder = holder_of(mine)
    table.connected(holder, mine.key, "one", NOW // 1000)
    table.rotate_key(OWNER, "agent", mine.id, new, NOW)
    assert table.holder(old) is None
    assert table.holder(new) == holder
    assert table.connected(holder, digest(old), "late", NOW // 1000) is None
    assert table.network(OWNER).closing == ("one",)
    assert not table.seen(holder, "one", NOW // 1000)
    table.closed(OWNER, "one")
    assert table.network(OWNER).closing == ()
    assert table.connected(holder, digest(new), "two", NOW // 1000) == ""


def test_a_deleted_host_cannot_connect_nor_come_back(table: TunnelTable) -> None:
    mine = agent(table)
    table.delete_agent(OWNER, mine.id, NOW)
    assert table.connected(holder_of(mine), mine.key, "late", NOW // 1000) is None
    assert not table.seen(holder_of(mine), "late", NOW // 1000)
    assert table.agents(OWNER) == []


def test_a_change_keeps_what_the_connection_writes_meanwhile(table: TunnelTable) -> None:
    mine = agent(table)

    def changed(each: Agent) -> Agent:
        table.connected(holder_of(mine), mine.key, "one", NOW // 1000)
        return replace(each, name="renamed")

    table.change_host(OWNER, "agent", mine.id, NOW + 1, changed)
    found = table.agent(OWNER, mine.id)
    assert (found.name, found.link.connection) == ("renamed", "one")


def test_two_changes_at_once_both_happen(table: TunnelTable) -> None:
    mine = agent(table)
    calls: list[int] = []

    def rename(each: Agent) -> Agent:
        if not calls:
            calls.append(1)
            table.change_host(OWNER, "agent", mine.id, NOW + 1, disable)
        return replace(each, name="renamed")

    def disable(each: Agent) -> Agent:
        return replace(each, enabled=False)

    table.change_host(OWNER, "agent", mine.id, NOW + 2, rename)
    found = table.agent(OWNER, mine.id)
    assert (found.name, found.enabled) == ("renamed", False)


def test_work_on_a_certificate_is_claimed_once_and_ends_with_its_tunnel(table: TunnelTable) -> None:
    mine = agent(table)
    made, now_s = tunnel(table, mine), NOW // 1000
    [due] = table.watched()
    assert (due.owner, due.domain) == (OWNER, "a.example")
    assert table.claim_due(due, now_s + 300)
    assert not table.claim_due(due, now_s + 300)
    assert [each.due_s for each in table.watched()] == [now_s + 300]
    chain = Certificate(domain="a.example", state="issued", chain="pem", serial="1f")
    assert table.put_certificate(OWNER, chain, now_s + 900)
    assert table.certificate(OWNER, "a.example") == chain
    table.delete_tunnel(OWNER, made.id)
    assert not table.put_certificate(OWNER, chain, now_s + 900, proven=True)
    assert not table._get({"PK": "DOMAIN#a.example", "SK": "-"}, consistent=True)
    assert table.certificates(OWNER) == {}


def test_a_challenge_is_answered_for_its_domain_until_it_expires(table: TunnelTable) -> None:
    table.put_challenge("ann", "a.example", "token", "answer", 1000)
    mine, other = network_of("ann"), network_of("ben")
    assert table.challenge(mine, "a.example", "token", 4599) == "answer"
    assert table.challenge(mine, "a.example", "token", 4600) is None
    assert table.challenge(mine, "b.example", "token", 1000) is None
    assert table.challenge(other, "a.example", "token", 1000) is None


def test_erasure_finds_all_that_a_creator_has_and_nothing_of_others(table: TunnelTable) -> None:
    for owner, domain in ((OWNER, "a.example"), (OTHER, "b.example")):
        mine = agent(table, owner)
        for each in {"a.example", domain}:
            tunnel(table, mine, each)
        gateway(table, owner, public_ip="203.0.113.7")
    assert issued(table, OTHER)
    erasable = Tunnels(table._client, "tunnels")

    class Erasure:
        creator_id = OWNER

    steps = list(erasable.of_creator(Erasure, ""))  # type: ignore[arg-type]
    for step in steps:
        for sweep in step(None):  # type: ignore[arg-type]
            assert sweep is not None
            delete(table, sweep.partition, sweep.prefix, sweep.owner)
    left = everything(table)
    assert not [item for item in left if OWNER in repr(item)]
    assert len([item for item in left if OTHER in repr(item)]) >= 8
    assert [item for item in left if item["PK"]["S"] == "DOMAIN#a.example"]


def delete(table: TunnelTable, partition: str, prefix: str, owner: str) -> None:
    for item in everything(table):
        pk, sk = item["PK"]["S"], item["SK"]["S"]
        owned = not owner or item.get("owner", {}).get("S") == owner
        if pk == partition and sk.startswith(prefix) and owned:
            table._client.delete_item(TableName="tunnels", Key={"PK": item["PK"], "SK": item["SK"]})
