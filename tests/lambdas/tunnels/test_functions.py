"""The functions for tunnels: who may ask what, and what a host's connection brings about."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdas.tunnels import configs
from lambdas.tunnels.api_keys import new_key
from lambdas.tunnels.records import Certificate, network_of
from lambdas.tunnels.renewals import failed
from lambdas.tunnels.vault import Place
from tests.lambdas.tunnels.stage import ANN, BEN, Reply, Stage, staged

P = "/api/tunnels"


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    with staged(monkeypatch, tmp_path) as made:
        yield made


def agent(stage: Stage, owner: str = ANN) -> Any:
    return stage.good(f"POST {P}/agents", {"name": "home"}, owner=owner)


def gateway(stage: Stage, owner: str = ANN, **more: Any) -> Any:
    return stage.good(f"POST {P}/gateways", {"name": "vps", **more}, owner=owner)


def tunnel(stage: Stage, of: Any, owner: str = ANN, **more: Any) -> Any:
    fields = {"agentId": of["id"], "domain": "a.example", "target": "localhost:8080"}
    return stage.good(f"POST {P}/tunnels", fields | more, owner=owner)


def online(stage: Stage, host: Any, number: int) -> str:
    connection, status = stage.connect(host["apiKey"])
    assert status == 200
    stage.introduce(connection, host["apiKey"], number)
    return connection


def test_a_key_is_shown_once_and_never_listed(stage: Stage) -> None:
    made = agent(stage)
    assert made["apiKey"].startswith("agt_")
    assert (made["subnet"], made["virtualIp"]) == ("10.1.0.0/24", "10.1.0.100")
    for listed in (
        stage.good(f"GET {P}/agents"),
        stage.good(f"GET {P}/agents/{{id}}", id=made["id"]),
        stage.good(f"GET {P}/overview"),
    ):
        assert made["apiKey"] not in str(listed)
        assert "key" not in {each.lower() for each in str(listed).split("'")}


def test_a_creator_finds_nothing_of_another(stage: Stage) -> None:
    made, vps = agent(stage), gateway(stage)
    put = tunnel(stage, made)
    for route, wanted in [
        (f"GET {P}/agents/{{id}}", made["id"]),
        (f"PATCH {P}/agents/{{id}}", made["id"]),
        (f"DELETE {P}/agents/{{id}}", made["id"]),
        (f"POST {P}/agents/{{id}}/rotate-key", made["id"]),
        (f"POST {P}/agents/{{id}}/rotate-wireguard", made["id"]),
        (f"DELETE {P}/gateways/{{id}}", vps["id"]),
        (f"GET {P}/gateways/{{id}}", vps["id"]),
    ]:
        assert stage.ask(route, {}, owner=BEN, id=wanted).code == (404, "unknown_host"), route
    assert stage.ask(f"GET {P}/tunnels/{{id}}", owner=BEN, id=put["id"]).status == 404
    assert stage.ask(f"DELETE {P}/tunnels/{{id}}", owner=BEN, id=put["id"]).status == 404
    taken = {"agentId": made["id"], "domain": "b.example", "target": "localhost:1"}
    assert stage.ask(f"POST {P}/tunnels", taken, owner=BEN).code == (404, "unknown_host")
    assert stage.good(f"GET {P}/overview", owner=BEN)["agents"] == []


@pytest.mark.parametrize("id", ["x", "", "../A#1", "0190a5b0-0000-7000-8000-00000000cafe"])
def test_an_id_that_names_nothing_is_unknown(stage: Stage, id: str) -> None:
    assert stage.ask(f"GET {P}/agents/{{id}}", id=id).code == (404, "unknown_host")
    assert stage.ask(f"GET {P}/tunnels/{{id}}", id=id).code == (404, "unknown_tunnel")


def test_hosts_are_renamed_and_switched_off(stage: Stage) -> None:
    made = agent(stage)
    changed = stage.good(
        f"PATCH {P}/agents/{{id}}", {"name": "new", "enabled": False}, id=made["id"]
    )
    assert (changed["name"], changed["enabled"]) == ("new", False)
    refused = stage.ask(f"PATCH {P}/agents/{{id}}", {"subnet": "10.9.0.0/24"}, id=made["id"])
    assert refused.code == (400, "malformed")


def test_only_a_known_key_may_connect_by_header_or_address(stage: Stage) -> None:
    made = agent(stage)
    for in_query in (False, True):
        policy = stage.authorize(made["apiKey"], in_query=in_query)
        assert policy["policyDocument"]["Statement"][0]["Effect"] == "Allow"
        assert policy["context"]["id"] == made["id"]
    for unfit in ("", "x", new_key("agent"), made["apiKey"] + "x", "agt_" + "é" * 32):
        policy = stage.authorize(unfit)
        assert policy["policyDocument"]["Statement"][0]["Effect"] == "Deny"
        assert policy["context"] == {}


def test_an_introduction_is_answered_with_a_config_and_wakes_the_others(stage: Stage) -> None:
    home, vps = agent(stage), gateway(stage)
    tunnel(stage, home)
    to_home = online(stage, home, 1)
    to_vps = online(stage, vps, 2)
    stage.push()
    config = stage.connections.last(to_home)
    assert (config["type"], config["version"]) == ("config", 5)
    [seen] = config["data"]["gateways"]
    assert (seen["publicIp"], seen["virtualIp"], seen["port"]) == ("203.0.113.7", "10.1.0.1", 51820)
    [served] = stage.connections.last(to_vps)["data"]["tunnels"]
    assert (served["agentVirtualIp"], served["port"]) == ("10.1.0.100", 20000)
    assert stage.connections.last(to_vps)["data"]["agents"][0]["gatewayIp"] == "10.1.0.1"


def test_a_host_without_a_key_or_switched_off_is_no_peer(stage: Stage) -> None:
    home, other, vps = agent(stage), agent(stage), gateway(stage)
    tunnel(stage, home)
    online(stage, home, 1)
    to_vps = online(stage, vps, 2)
    stage.push()
    assert len(stage.connections.last(to_vps)["data"]["agents"]) == 1
    assert other["id"] not in str(stage.connections.last(to_vps))
    stage.good(f"PATCH {P}/agents/{{id}}", {"enabled": False}, id=home["id"])
    stage.push()
    data = stage.connections.last(to_vps)["data"]
    assert (data["agents"], data["tunnels"]) == ([], [])


def test_status_follows_the_connection_and_its_acknowledgements(stage: Stage) -> None:
    home = agent(stage)

    def status() -> str:
        return str(stage.good(f"GET {P}/agents/{{id}}", id=home["id"])["status"])

    assert status() == "offline"
    connection = online(stage, home, 1)
    assert status() == "online"
    config = stage.connections.last(connection)
    ack = {"type": "config_ack", "epoch": config["epoch"], "version": config["version"]}
    stage.say(connection, home["apiKey"], {**ack, "success": False, "error": "no nft\x1b[0m"})
    assert status() == "error"
    assert stage.good(f"GET {P}/agents/{{id}}", id=home["id"])["error"] == "no nft[0m"
    stage.say(connection, home["apiKey"], {**ack, "success": True})
    assert status() == "online"
    stage.event("DISCONNECT", connection, stage.who(home["apiKey"]))
    assert status() == "offline"


def test_a_heartbeat_of_an_old_version_brings_the_config_and_another_brings_nothing(
    stage: Stage,
) -> None:
    home = agent(stage)
    connection = online(stage, home, 1)
    config, before = stage.connections.last(connection), len(stage.connections.sent[connection])
    beat = {"type": "heartbeat", "epoch": config["epoch"], "traffic": {"received": 5, "sent": 7}}
    stage.say(connection, home["apiKey"], {**beat, "version": config["version"]})
    assert len(stage.connections.sent[connection]) == before
    shown = stage.good(f"GET {P}/agents/{{id}}", id=home["id"])
    assert shown["traffic"] == {"received": 5, "sent": 7}
    stage.say(connection, home["apiKey"], {**beat, "version": 0})
    assert stage.connections.last(connection)["version"] == config["version"]
    stage.say(connection, home["apiKey"], {**beat, "version": config["version"], "epoch": "x"})
    assert len(stage.connections.sent[connection]) == before + 2


def test_the_newer_of_two_connections_with_one_key_stays(stage: Stage) -> None:
    home = agent(stage)
    first = online(stage, home, 1)
    second = online(stage, home, 1)
    assert stage.connections.last(first)["code"] == "replaced"
    assert stage.connections.closed == [first]
    stage.event("DISCONNECT", first, stage.who(home["apiKey"]))
    assert stage.good(f"GET {P}/agents/{{id}}", id=home["id"])["status"] == "online"
    stage.push()
    assert stage.connections.last(second)["type"] == "config"


def test_a_rotated_key_is_refused_and_its_connection_closed_by_the_push(stage: Stage) -> None:
    home = agent(stage)
    connection = online(stage, home, 1)
    old = stage.who(home["apiKey"])
    new = stage.good(f"POST {P}/agents/{{id}}/rotate-key", id=home["id"])["apiKey"]
    stage.push()
    assert stage.connections.closed == [connection]
    assert stage.authorize(home["apiKey"])["context"] == {}
    stage.connections.open.add("late")
    assert stage.event("CONNECT", "late", old)["statusCode"] == 403
    assert stage.connect(new)[1] == 200
    assert stage.host(f"GET {P}/control/config", **{"x-api-key": home["apiKey"]}).status == 401


def test_a_message_on_a_revoked_connection_closes_it_even_before_the_push(stage: Stage) -> None:
    home = agent(stage)
    connection = online(stage, home, 1)
    stage.who(home["apiKey"])
    stage.good(f"POST {P}/agents/{{id}}/rotate-key", id=home["id"])
    before = len(stage.connections.sent[connection])
    stage.introduce(connection, home["apiKey"], 9)
    assert stage.connections.closed == [connection]
    assert len(stage.connections.sent[connection]) == before
    shown = stage.good(f"GET {P}/agents/{{id}}", id=home["id"])
    assert shown["wireguardPublicKey"].startswith("AQEB")


def test_a_deleted_host_is_disconnected(stage: Stage) -> None:
    home = agent(stage)
    connection = online(stage, home, 1)
    stage.good(f"DELETE {P}/agents/{{id}}", id=home["id"])
    stage.push()
    assert stage.connections.closed == [connection]


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", "null", '"x"', "{}", '{"type": 1}', '{"type": "config"}', "[" * 9000,
     '{"type": "auth"}', '{"type": "auth", "data": {"publicKey": 1}}',
     '{"type": "heartbeat", "version": -1}', '{"type": "heartbeat", "version": true}',
     '{"type": "heartbeat", "version": 1, "traffic": 5}',
     '{"type": "heartbeat", "version": 1, "traffic": {"sent": "1"}}',
     '{"type": "heartbeat", "version": 1e99}',
     '{"type": "config_ack", "version": 1, "success": "yes"}',
     '{"type": "config_ack", "version": 99999999999999999999, "success": true}',
     "x" * 9000],
)  # fmt: skip
def test_rubbish_is_answered_with_an_error_and_changes_nothing(stage: Stage, message: str) -> None:
    home = agent(stage)
    connection = online(stage, home, 1)
    before = stage.table.version(ANN)
    stage.say(connection, home["apiKey"], message)
    assert stage.connections.last(connection)["type"] == "error"
    assert stage.table.version(ANN) == before
    assert stage.connections.closed == []


def test_a_gateway_cannot_take_the_address_that_another_of_the_creator_has(stage: Stage) -> None:
    gateway(stage, publicIp="203.0.113.7")
    second = gateway(stage)
    connection, _ = stage.connect(second["apiKey"])
    stage.introduce(connection, second["apiKey"], 3)
    assert stage.connections.last(connection)["code"] == "address_taken"
    stage.introduce(connection, second["apiKey"], 3, publicIp="203.0.113.8")
    assert stage.connections.last(connection)["type"] == "config"


def test_a_gateway_that_restarts_raises_the_version_and_an_agent_does_not(stage: Stage) -> None:
    home, vps = agent(stage), gateway(stage)
    to_home, to_vps = online(stage, home, 1), online(stage, vps, 2)
    before = stage.table.version(ANN).number
    stage.introduce(to_home, home["apiKey"], 1, bootId="1" * 8)
    assert stage.connections.last(to_home)["version"] == before
    stage.introduce(to_vps, vps["apiKey"], 2, bootId="1" * 8)
    stage.push()
    config = stage.connections.last(to_home)
    assert config["version"] == before + 1
    assert config["data"]["gateways"][0]["bootId"] == "1" * 8


def test_an_address_that_a_person_set_is_not_replaced_by_the_connections(stage: Stage) -> None:
    vps = gateway(stage, publicIp="198.51.100.9")
    connection, _ = stage.connect(vps["apiKey"])
    stage.introduce(connection, vps["apiKey"], 3, publicIp="203.0.113.8")
    assert stage.good(f"GET {P}/gateways/{{id}}", id=vps["id"])["publicIp"] == "198.51.100.9"


def test_a_config_with_certificates_is_fetched_with_the_key_and_holds_them(stage: Stage) -> None:
    home, vps = agent(stage), gateway(stage)
    tunnel(stage, home)
    online(stage, home, 1)
    to_vps = online(stage, vps, 2)
    place = Place(ANN, "a.example", "1f")
    stage.module("hosts").vault.put(place, "private")
    issued = Certificate(domain="a.example", state="issued", chain="chain", serial="1f")
    assert stage.table.put_certificate(ANN, issued, 0)
    stage.push()
    announced = stage.connections.last(to_vps)
    assert "data" not in announced
    assert announced["fetch"] == f"?version={announced['version']}"
    reply = stage.host(f"GET {P}/control/config", **{"x-api-key": vps["apiKey"]})
    assert reply.body["data"]["certificates"] == [
        {"domain": "a.example", "certificate": "chain", "privateKey": "private"}
    ]
    assert reply.headers["cache-control"] == "no-store"
    of_agent = stage.host(f"GET {P}/control/config", **{"x-api-key": home["apiKey"]})
    assert "private" not in str(of_agent.body)
    other = gateway(stage, BEN)
    of_other = stage.host(f"GET {P}/control/config", **{"x-api-key": other["apiKey"]})
    assert of_other.body["data"]["certificates"] == []


def test_a_large_config_is_fetched(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configs, "MOST_FRAME_BYTES", 500)
    home, vps = agent(stage), gateway(stage)
    tunnel(stage, home)
    online(stage, home, 1)
    to_vps = online(stage, vps, 2)
    stage.push()
    assert "fetch" in stage.connections.last(to_vps)
    reply = stage.host(f"GET {P}/control/config", **{"x-api-key": vps["apiKey"]})
    assert len(reply.body["data"]["tunnels"]) == 1


@pytest.mark.parametrize("key", ["", "x", "agt_" + "a" * 32])
def test_a_config_needs_a_key(stage: Stage, key: str) -> None:
    reply = stage.host(f"GET {P}/control/config", path={}, **{"x-api-key": key})
    assert reply.code == (401, "unknown_key")


def test_the_installer_names_the_program_that_is_served(stage: Stage) -> None:
    control = stage.host("GET /install/control.json").body
    assert control["websocket"] == "wss://abc.example/v1"
    name = control["program"]["path"].rpartition("/")[2]
    sent = stage.host("GET /install/programs/{name}", {"name": name})
    assert hashlib.sha256(sent.body).hexdigest() == control["program"]["sha256"]
    assert "immutable" in sent.headers["cache-control"]
    for role in ("agent", "gateway"):
        script = stage.host(f"GET /install/{role}.sh").body.decode()
        assert f"ROLE='{role}'" in script
        assert name in script
        assert control["program"]["sha256"] in script
        assert "@" not in script.replace('"$@"', "")
    unknown = stage.host("GET /install/programs/{name}", {"name": "x.pyz"})
    assert unknown.code == (404, "unknown_program")


def test_a_challenge_is_answered_in_plain_text_and_others_are_unknown(stage: Stage) -> None:
    stage.table.put_challenge(ANN, "a.example", "token", "token.thumb", 2**31)

    def asked(network: str, domain: str) -> Reply:
        path = {"network": network, "domain": domain, "token": "token"}
        return stage.host(f"GET {P}/challenge/{{network}}/{{domain}}/{{token}}", path)

    assert asked(network_of(ANN), "A.example").body == b"token.thumb"
    for network, domain, status in (
        (network_of(ANN), "b.example", 404),
        (network_of(BEN), "a.example", 404),
        (network_of(ANN), "a b", 400),
        ("x", "a.example", 400),
    ):
        assert asked(network, domain).status == status


def test_one_network_that_cannot_be_pushed_does_not_block_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = agent(stage, BEN)
    connection = online(stage, ben, 1)
    before = len(stage.connections.sent[connection])
    push = stage.module("push")
    network = push.table.network

    def broken(owner: str) -> Any:
        if owner == ANN:
            raise RuntimeError("broken")
        return network(owner)

    monkeypatch.setattr(push.table, "network", broken)
    keys = [{"PK": {"S": f"O#{owner}"}, "SK": {"S": "V"}} for owner in (ANN, BEN)]
    push.handler({"Records": [{"dynamodb": {"Keys": each}} for each in keys]}, None)
    assert len(stage.connections.sent[connection]) == before + 1


def test_a_connection_that_is_gone_is_marked_so_by_the_push(stage: Stage) -> None:
    home = agent(stage)
    connection = online(stage, home, 1)
    stage.connections.open.remove(connection)
    stage.push()
    assert stage.good(f"GET {P}/agents/{{id}}", id=home["id"])["status"] == "offline"


def test_a_new_tunnel_has_its_certificate_ordered_once_there_is_a_gateway(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered: list[int] = []
    monkeypatch.setattr(stage.module("push"), "order_now", lambda _: ordered.append(1))
    home, vps = agent(stage), gateway(stage)
    tunnel(stage, home)
    stage.push()
    assert ordered == []
    connection = online(stage, vps, 2)
    config = stage.connections.last(connection)
    ack = {"epoch": config["epoch"], "version": config["version"], "success": True}
    stage.say(connection, vps["apiKey"], {"type": "config_ack", **ack})
    stage.push()
    assert ordered == [1]
    waiting = Certificate(domain="a.example", state="failed", problem="no DNS")
    stage.table.put_certificate(ANN, waiting, 0)
    stage.push()
    assert ordered == [1]


def test_a_failed_order_is_repeated_on_request_and_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered: list[str] = []
    monkeypatch.setattr(stage.module("api"), "order_now", ordered.append)
    made = tunnel(stage, agent(stage))
    route, now_s = f"POST {P}/tunnels/{{id}}/certificate", int(time.time())
    assert stage.ask(route, id=made["id"]).code == (409, "nothing_to_order")
    fresh = Certificate(domain="a.example", state="waiting")
    lost = failed(fresh, "no DNS", now_s, refused=False)
    stage.table.put_certificate(ANN, lost, lost.retry_s)
    assert stage.ask(route, id=made["id"]).code == (429, "ordered_too_soon")
    lost = failed(fresh, "no DNS", now_s - 20, refused=False)
    stage.table.put_certificate(ANN, lost, lost.retry_s)
    assert stage.ask(route, owner=BEN, id=made["id"]).code == (404, "unknown_tunnel")
    assert stage.good(route, id=made["id"]) == {"ok": True}
    assert stage.table.watched()[0].due_s <= time.time()
    assert stage.ask(route, id=made["id"]).code == (409, "nothing_to_order")
    assert ordered == ["certificates"]


def test_a_refusal_of_the_authority_keeps_its_pause(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.module("api"), "order_now", lambda _: pytest.fail("ordered"))
    made = tunnel(stage, agent(stage))
    fresh = Certificate(domain="a.example", state="waiting")
    lost = failed(fresh, "no", int(time.time()) - 600, refused=True)
    stage.table.put_certificate(ANN, lost, lost.retry_s)
    reply = stage.ask(f"POST {P}/tunnels/{{id}}/certificate", id=made["id"])
    assert reply.code == (429, "ordered_too_soon")
    assert 2900 < int(reply.headers["retry-after"]) <= 3000


def test_the_records_of_a_domain_are_compared_with_the_gateways(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = agent(stage)
    made, route = tunnel(stage, home), f"GET {P}/tunnels/{{id}}/dns"
    gateway(stage, publicIp="203.0.113.7")
    for seen, fits in ((["203.0.113.7"], True), ([], False), (None, None),
                       (["203.0.113.7", "2001:db8::1"], False)):  # fmt: skip
        monkeypatch.setattr(stage.module("api"), "addresses_of", lambda _, found=seen: found)
        answer = {"domain": "a.example", "wanted": ["203.0.113.7"], "seen": seen, "fits": fits}
        assert stage.good(route, id=made["id"]) == answer
    port = tunnel(stage, home, domain=None, protocol="udp")
    assert stage.ask(route, id=port["id"]).code == (422, "no_certificate")


def test_a_gateway_without_an_address_of_version_four_says_so(stage: Stage) -> None:
    vps = gateway(stage)
    connection, _ = stage.connect(vps["apiKey"])
    data = {"publicKey": base64.b64encode(bytes([2]) * 32).decode(), "bootId": "0" * 8}
    message = json.dumps({"type": "auth", "data": data})
    stage.event("MESSAGE", connection, stage.who(vps["apiKey"]), message, address="2001:db8::7")
    shown = stage.good(f"GET {P}/gateways/{{id}}", id=vps["id"])
    assert (shown["status"], shown["publicIp"]) == ("error", None)
    assert "--public-ip" in shown["error"]
    stage.good(f"PATCH {P}/gateways/{{id}}", {"publicIp": "203.0.113.9"}, id=vps["id"])
    assert stage.good(f"GET {P}/gateways/{{id}}", id=vps["id"])["status"] == "online"
