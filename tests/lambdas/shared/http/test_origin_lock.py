"""Two values are accepted while the lock rotates, and a guesser cannot make us read."""

import pytest

from lambdas.shared.http.origin_lock import OriginLock, OriginNotVerified, hash_of, hashes_of


class Parameter:
    def __init__(self, value: str) -> None:
        self.value = value
        self.reads = 0
        self.now = 0.0

    def read(self) -> str:
        self.reads += 1
        return self.value

    def clock(self) -> float:
        return self.now


@pytest.fixture(params=["new,old", hashes_of("new,old")], ids=["the lock", "its hashes"])
def parameter(request: pytest.FixtureRequest) -> Parameter:
    return Parameter(request.param)


@pytest.fixture
def lock(parameter: Parameter) -> OriginLock:
    return OriginLock(parameter.read, parameter.clock)


def refused(lock: OriginLock, value: str | None) -> bool:
    try:
        lock.check(value)
    except OriginNotVerified:
        return True
    return False


@pytest.mark.parametrize("value", ["new", "old"])
def test_both_values_open_the_door(lock: OriginLock, value: str) -> None:
    assert not refused(lock, value)


@pytest.mark.parametrize("value", [None, "", "new,old", "ne", "NEW", ","])
def test_nothing_else_does(lock: OriginLock, value: str | None) -> None:
    assert refused(lock, value)


def test_a_published_hash_opens_nothing(lock: OriginLock, parameter: Parameter) -> None:
    """Whoever reads the parameter knows no lock."""
    for value in (parameter.value, hash_of("new"), hash_of("new").partition(":")[2]):
        if value != "new,old":
            assert refused(lock, value)


def test_an_empty_parameter_opens_to_nobody() -> None:
    assert refused(OriginLock(lambda: ""), "")


def test_the_parameter_is_read_once_for_many_requests(
    lock: OriginLock, parameter: Parameter
) -> None:
    for _ in range(100):
        lock.check("new")
    assert parameter.reads == 1


def test_a_rotated_value_is_honoured_at_once_however_fresh_the_last_one_is(
    lock: OriginLock, parameter: Parameter
) -> None:
    lock.check("new")
    parameter.value = "newest,new"
    parameter.now += 0.1
    assert not refused(lock, "newest")


def test_a_guesser_makes_us_read_every_five_seconds_at_most(
    lock: OriginLock, parameter: Parameter
) -> None:
    lock.check("new")
    for _ in range(100):
        parameter.now += 0.1
        assert refused(lock, "guess")
    assert parameter.reads == 1 + 2
    parameter.value = "newest,new"
    parameter.now += 5
    assert not refused(lock, "newest")


def test_a_retired_value_is_forgotten_in_time(lock: OriginLock, parameter: Parameter) -> None:
    lock.check("old")
    parameter.value = "newest,new"
    parameter.now += 300
    assert refused(lock, "old")


def test_a_lock_that_cannot_be_read_again_holds_as_it_was(parameter: Parameter) -> None:
    failures: list[str] = []

    def read() -> str:
        if parameter.reads:
            raise OSError
        return parameter.read()

    lock = OriginLock(read, parameter.clock, lambda: failures.append("told"))
    lock.check("new")
    parameter.now += 301
    lock.check("new")
    assert failures == ["told"]
    assert refused(lock, "guess")


def test_a_lock_that_was_never_read_shuts_the_door() -> None:
    def read() -> str:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        OriginLock(read).check("anything")
