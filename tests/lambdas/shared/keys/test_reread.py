"""A value whose first read fails is read again after a short wait."""

import pytest

from lambdas.shared.keys.reread import FAILED_READ_WAIT_S, Reread


class Store:
    def __init__(self) -> None:
        self.works = False
        self.reads = 0
        self.now = 0.0
        self.value = Reread(self.read, lambda: self.now)

    def read(self) -> str:
        self.reads += 1
        if not self.works:
            raise TimeoutError
        return "value"

    def ask(self) -> str:
        return self.value._stored(self.now, oldest_s=300)


def test_a_store_that_fails_is_asked_once_a_second_and_not_by_every_request() -> None:
    store = Store()
    for _ in range(100):
        with pytest.raises(TimeoutError):
            store.ask()
    assert store.reads == 1
    store.now += FAILED_READ_WAIT_S
    with pytest.raises(TimeoutError):
        store.ask()
    assert store.reads == 2


def test_the_value_is_there_as_soon_as_a_later_read_succeeds() -> None:
    store = Store()
    with pytest.raises(TimeoutError):
        store.ask()
    store.works = True
    store.now += FAILED_READ_WAIT_S
    assert store.ask() == "value"
    store.works = False
    store.now += 301
    assert store.ask() == "value"
