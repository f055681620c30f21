"""Points that are given once, whoever asks how often."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.players.errors import InsufficientPoints, RewardTaken, TokenRevoked, UnknownUser
from lambdas.players.points import Award, recount
from tests.lambdas.players.world import NOON, World, accounts, ledger, new_id, player, proof, world


@pytest.fixture
def here(moto: Any) -> Iterator[World]:
    with world(moto) as here:
        yield here


def award(delta: int = 5, reference: str = "prize", reason: str = "prize") -> Award:
    return Award(reference=reference, delta=delta, reason=reason)


def test_a_reward_is_given_once(here: World) -> None:
    ann, book = player(here.client, "ann"), ledger(here.client)
    first = book.give(ann.user_id, award(), NOON)
    book.give(ann.user_id, award(3, "other"), NOON)
    again = book.give(ann.user_id, award(), NOON)
    assert (first.balance, first.again) == (5, False)
    assert (again.balance, again.again) == (5, True)
    assert recount(here.table.ledger(ann.user_id)) == 8


def test_a_reference_with_another_amount_is_refused(here: World) -> None:
    ann, book = player(here.client, "ann"), ledger(here.client)
    book.give(ann.user_id, award(), NOON)
    for other in (award(6), award(reason="gift")):
        with pytest.raises(RewardTaken):
            book.give(ann.user_id, other, NOON)


def test_a_debt_is_refused_and_changes_nothing(here: World) -> None:
    ann, book = player(here.client, "ann"), ledger(here.client)
    book.give(ann.user_id, award(), NOON)
    with pytest.raises(InsufficientPoints):
        book.give(ann.user_id, award(-6, "purchase"), NOON)
    assert book.give(ann.user_id, award(-5, "purchase"), NOON).balance == 0
    assert recount(here.table.ledger(ann.user_id)) == 0


def test_a_reward_of_a_merged_account_is_not_given_again(here: World) -> None:
    ann, book = player(here.client, "ann"), ledger(here.client)
    bob = player(here.client, "bob", NOON + 1)
    book.give(bob.user_id, award(), NOON)
    accounts(here.client).merge(ann, proof("bob"), NOON)
    assert book.give(ann.user_id, award(), NOON).again
    assert recount(here.table.ledger(ann.user_id)) == 5
    assert recount(here.table.ledger(bob.user_id)) == 0


def test_nobody_is_given_anything_who_does_not_exist_or_was_signed_out(here: World) -> None:
    ann, book = player(here.client, "ann"), ledger(here.client)
    with pytest.raises(UnknownUser):
        book.give(new_id(), award(), NOON)
    with pytest.raises(TokenRevoked):
        book.give(ann.user_id, award(), NOON, epoch=ann.epoch + 1)
