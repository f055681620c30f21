"""Keys rotate under tokens in use, and nobody can make us read them at each request."""

import base64

import pytest

from lambdas.shared.keys.key_ring import REREAD_SECONDS, KeyRing, TooSoonError, rotated
from lambdas.shared.keys.signing_keys import made_at, new_key
from lambdas.shared.keys.tokens import TOKEN_SECONDS, BadToken, Grant, sign
from lambdas.shared.values.uuids import uuid7

NOW = 1_795_262_400
GRANT = Grant(project_id=uuid7(1), session_id=uuid7(2), home="home", player=None, expires=NOW + 1)


def signed_by(token: str) -> str:
    payload = token.partition(".")[0]
    return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode().split("|")[1]


class Parameter:
    def __init__(self, value: str) -> None:
        self.value = value
        self.reads = 0
        self.now = 0.0

    def read(self) -> str:
        self.reads += 1
        if not self.value:
            raise TimeoutError
        return self.value


@pytest.fixture
def parameter() -> Parameter:
    return Parameter(f"{new_key(NOW)},{new_key(NOW - 10_000)}")


@pytest.fixture
def ring(parameter: Parameter) -> KeyRing:
    return KeyRing(parameter.read, lambda: parameter.now)


def kid(parameter: Parameter, place: int = 0) -> str:
    return parameter.value.split(",")[place].partition(":")[0]


def test_the_newest_key_signs_once_every_instance_has_had_time_to_read_it(
    ring: KeyRing, parameter: Parameter
) -> None:
    assert signed_by(ring.token(GRANT, NOW + REREAD_SECONDS - 1)) == kid(parameter, 1)
    assert signed_by(ring.token(GRANT, NOW + REREAD_SECONDS)) == kid(parameter, 0)


def test_the_hash_key_changes_with_the_signing_key_and_is_no_part_of_it(
    ring: KeyRing, parameter: Parameter
) -> None:
    before, after = (ring.hashing_key(NOW + REREAD_SECONDS - early) for early in (1, 0))
    assert before != after
    elsewhere = KeyRing(parameter.read, lambda: parameter.now)
    assert elsewhere.hashing_key(NOW + REREAD_SECONDS) == after
    assert not any(key in parameter.value for key in (before, after))


def test_the_only_key_signs_at_once() -> None:
    only = new_key(NOW)
    ring = KeyRing(lambda: only)
    assert ring.grant(ring.token(GRANT, NOW), NOW) == GRANT


def test_the_parameter_is_read_once_for_many_requests(ring: KeyRing, parameter: Parameter) -> None:
    for _ in range(100):
        assert ring.grant(ring.token(GRANT, NOW), NOW) == GRANT
    assert parameter.reads == 1


def test_an_unknown_key_is_looked_for_seldom(ring: KeyRing, parameter: Parameter) -> None:
    invented = sign(GRANT, "invented", "secret")
    for reads in (1, 2):
        for _ in range(100):
            with pytest.raises(BadToken):
                ring.grant(invented, NOW)
        assert parameter.reads == reads
        parameter.now += 5


def test_a_key_of_which_one_instance_knows_is_soon_known_to_all(
    ring: KeyRing, parameter: Parameter
) -> None:
    ring.token(GRANT, NOW)
    parameter.value = rotated(parameter.value, NOW + 10_000)
    elsewhere = sign(GRANT, *parameter.value.split(",")[0].split(":"))
    parameter.now += 5
    assert ring.grant(elsewhere, NOW) == GRANT


def test_keys_that_cannot_be_read_again_hold_as_they_were(parameter: Parameter) -> None:
    failures: list[str] = []
    ring = KeyRing(parameter.read, lambda: parameter.now, lambda: failures.append("told"))
    token = ring.token(GRANT, NOW)
    parameter.value, parameter.now = "", REREAD_SECONDS
    assert ring.grant(token, NOW) == GRANT
    assert failures == ["told"]
    with pytest.raises(TimeoutError):
        KeyRing(parameter.read).grant(token, NOW)


def test_a_rotation_keeps_the_key_that_signed_so_far() -> None:
    first = new_key(NOW)
    second = rotated(first, NOW)
    assert second.split(",")[1] == first
    assert made_at(second) == NOW + 1


def test_no_key_goes_while_a_token_of_it_may_be_in_use() -> None:
    stored = rotated(new_key(NOW - 100), NOW)
    over = NOW + REREAD_SECONDS + TOKEN_SECONDS
    with pytest.raises(TooSoonError, match="rotate again in 1 s"):
        rotated(stored, over - 1)
    third = rotated(stored, over)
    assert third.split(",")[1] == stored.split(",")[0]
    assert len(third.split(",")) == 2
