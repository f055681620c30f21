"""Orders and renewals: when, after which pause, and with no key that belongs to another order."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lambdas.tunnels import renewals
from lambdas.tunnels.acme import AcmeError, Issued
from lambdas.tunnels.reach import NotReached
from lambdas.tunnels.records import Certificate
from lambdas.tunnels.vault import Place
from lambdas.tunnels.x509 import Leaf
from tests.lambdas.tunnels.stage import ANN, BEN, Context, Stage, staged
from tests.lambdas.tunnels.test_functions import P, agent, tunnel

NOW = int(dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC).timestamp())
DAY = 86_400


def leaf(begins: int = NOW, days: int = 90) -> Leaf:
    return Leaf(1, b"\1", begins, begins + days * DAY, b"id")


def test_a_certificate_is_renewed_at_a_third_of_its_life_or_when_the_authority_says() -> None:
    assert renewals.renew_at(leaf(), None) == NOW + 60 * DAY
    assert renewals.renew_at(leaf(), NOW + 5) == NOW + 5
    assert renewals.renew_at(leaf(days=6), None) == NOW + 4 * DAY
    assert renewals.renew_at(leaf(), NOW + 900 * DAY) == NOW + 90 * DAY


def test_pauses_grow_and_end_growing() -> None:
    unreached = [renewals.pause_after(number, refused=False) for number in range(1, 8)]
    assert unreached == [300, 900, 3600, *[21600] * 4]
    refused = [renewals.pause_after(number, refused=True) for number in range(1, 7)]
    assert refused == [3600, 10800, 21600, *[86400] * 3]
    assert renewals.pause_after(1, refused=True, limited_s=0) == 6 * 3600
    assert renewals.pause_after(1, refused=True, limited_s=99_999) == 99_999


def test_a_failure_keeps_a_certificate_that_is_still_valid() -> None:
    before = Certificate(domain="a.example", state="issued", chain="chain", serial="1")
    after = renewals.failed(before, "no", NOW, refused=True)
    assert (after.state, after.chain, after.failures) == ("issued", "chain", 1)
    assert after.retry_s == NOW + 3600
    new = renewals.failed(Certificate(domain="a", state="waiting"), "no", NOW, refused=False)
    assert new.state == "failed"


def chain(days: int = 90, begins: dt.datetime | None = None) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    begins = begins or dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


class Authority:
    """Stands in for ACME, whose own messages are tested with pebble."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, str]] = []
        self.failure: Exception | None = None
        self.chain: Callable[[], str] = chain

    def order(self, domain: str, publish: Any, *, until: float, replaces: str = "") -> Issued:
        assert until > 0
        publish("token", "answer")
        self.orders.append((domain, replaces))
        if self.failure:
            raise self.failure
        return Issued(self.chain(), "private")

    def renewal_time(self, _: Any) -> int | None:
        return None


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    with staged(monkeypatch, tmp_path) as made:
        yield made


@pytest.fixture
def authority(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made, module = Authority(), stage.module("certificates")
    monkeypatch.setattr(module._Authority, "acme", lambda _: made)
    monkeypatch.setattr(module.reach, "check", lambda domain, publish: publish("own", domain))
    tunnel(stage, agent(stage))
    return made


def run(stage: Stage) -> int:
    done: int = stage.module("certificates").handler({}, Context())["done"]
    return done


def certificate(stage: Stage) -> Any:
    return stage.table.certificate(ANN, "a.example")


def due_in(stage: Stage) -> int:
    import time

    [watched] = stage.table.watched()
    return int(watched.due_s - time.time())


def make_due(stage: Stage) -> None:
    assert stage.table.put_due(ANN, "a.example", 0)


def test_a_new_domain_gets_a_certificate_and_its_key_is_kept_apart(
    stage: Stage, authority: Authority
) -> None:
    assert run(stage) == 1
    issued = certificate(stage)
    assert issued.state == "issued"
    assert "private" not in repr(issued)
    place = Place(ANN, "a.example", issued.serial)
    assert stage.module("certificates").vault.read([place]) == {place: "private"}
    assert due_in(stage) <= 12 * 3600
    assert run(stage) == 0
    assert authority.orders == [("a.example", "")]
    shown = stage.good(f"GET {P}/tunnels")["tunnels"][0]["certificate"]
    assert (shown["state"], shown["serial"]) == ("issued", issued.serial)


@pytest.mark.usefixtures("authority")
def test_a_name_is_its_owners_once_ordered_and_not_by_asking_first(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ANN's name leads elsewhere at first, so BEN can have a tunnel with it. Then it is ANN's."""
    reached = stage.module("certificates").reach
    with monkeypatch.context() as patch:
        patch.setattr(reached, "check", not_reached)
        assert run(stage) == 1
    early = tunnel(stage, agent(stage, BEN), BEN)
    stage.good(f"DELETE {P}/tunnels/{{id}}", owner=BEN, id=early["id"])
    make_due(stage)
    assert run(stage) == 1
    fields = {"agentId": agent(stage, BEN)["id"], "target": "localhost:1", "domain": "a.example"}
    refused = stage.ask(f"POST {P}/tunnels", fields, owner=BEN)
    assert refused.code == (409, "domain_taken")
    assert "a certificate until 20" in refused.body["error"]["message"]


def not_reached(_domain: str, _publish: Any) -> None:
    raise NotReached("leads elsewhere")


def test_a_certificate_that_is_good_for_long_is_only_looked_at(
    stage: Stage, authority: Authority
) -> None:
    run(stage)
    before = stage.table.version(ANN)
    make_due(stage)
    assert run(stage) == 1
    assert len(authority.orders) == 1
    assert stage.table.version(ANN) == before


def test_an_old_certificate_is_replaced_and_its_key_swept_later(
    stage: Stage, authority: Authority
) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=80)
    authority.chain = lambda: chain(begins=old)
    run(stage)
    first = certificate(stage).serial
    authority.chain = chain
    make_due(stage)
    run(stage)
    second = certificate(stage)
    assert second.serial != first
    assert authority.orders[1][1].count(".") == 1
    vault = stage.module("certificates").vault
    places = [Place(ANN, "a.example", each) for each in (first, second.serial)]
    assert len(vault.read(places)) == 2
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    assert vault.sweep([places[1]], tomorrow) == 1
    assert list(vault.read(places)) == [places[1]]


def test_a_young_key_is_never_swept(stage: Stage, authority: Authority) -> None:
    """It may belong to an order whose certificate is not stored yet."""
    assert authority.orders == []
    vault = stage.module("certificates").vault
    place = Place(ANN, "a.example", "1")
    vault.put(place, "private")
    hour_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    assert vault.sweep([], hour_ago) == 0
    assert vault.read([place])


def test_a_domain_that_leads_elsewhere_says_so_and_the_authority_is_not_asked(
    stage: Stage, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(*_: Any) -> None:
        raise NotReached("http://a.example leads to another server")

    monkeypatch.setattr(stage.module("certificates").reach, "check", elsewhere)
    run(stage)
    assert authority.orders == []
    assert certificate(stage).problem == "http://a.example leads to another server"
    assert 200 < due_in(stage) <= 300


@pytest.mark.parametrize(
    ("failure", "least"),
    [
        (AcmeError("urn:ietf:params:acme:error:unauthorized", "no"), 3500),
        (AcmeError("urn:ietf:params:acme:error:rateLimited", "slow", 50_000), 49_900),
        (OSError("down"), 3500),
        (KeyError("order"), 3500),
        (ValueError("cut"), 3500),
    ],
)
def test_a_refusal_is_shown_and_waits(
    stage: Stage, authority: Authority, failure: Exception, least: int
) -> None:
    authority.failure = failure
    run(stage)
    assert certificate(stage).state == "failed"
    assert certificate(stage).problem
    assert due_in(stage) >= least


def test_two_runs_at_once_order_once(stage: Stage, authority: Authority) -> None:
    order = authority.order

    def slow(*arguments: Any, **more: Any) -> Issued:
        if len(authority.orders) == 0:
            authority.orders.append(("inner", ""))
            assert run(stage) == 0
            authority.orders.clear()
        return order(*arguments, **more)

    authority.order = slow  # type: ignore[method-assign]
    run(stage)
    assert authority.orders == [("a.example", "")]


def test_a_tunnel_that_is_deleted_during_the_order_leaves_no_certificate(
    stage: Stage, authority: Authority
) -> None:
    made = stage.good(f"GET {P}/tunnels")["tunnels"][0]["id"]
    order = authority.order

    def deleted(*arguments: Any, **more: Any) -> Issued:
        stage.good(f"DELETE {P}/tunnels/{{id}}", id=made)
        return order(*arguments, **more)

    authority.order = deleted  # type: ignore[method-assign]
    run(stage)
    assert certificate(stage) is None
    assert stage.table.watched() == []


def test_a_run_reports_certificates_that_expire_soon(stage: Stage, authority: Authority) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=80)
    authority.chain = lambda: chain(begins=old)
    run(stage)
    authority.failure = AcmeError("x", "no")
    make_due(stage)
    run(stage)
    assert stage.module("certificates").handler({}, Context()) == {"done": 0, "expiring": 1}
    assert certificate(stage).state == "issued"
