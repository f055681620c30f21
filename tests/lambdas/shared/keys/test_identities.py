"""Nobody can choose the address they are counted at, and nothing of them is kept as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.keys.identities import (
    address_hash,
    agent_hash,
    household,
    player_hash,
    viewer_address,
)

VIEWER, EDGE = "203.0.113.9", "130.176.0.1"


@given(st.lists(st.sampled_from([VIEWER, EDGE, "6.6.6.6", "", "nonsense"]), max_size=4))
def test_whatever_a_viewer_sends_its_own_address_is_taken(sent: list[str]) -> None:
    by_cloudfront = ", ".join([*sent, VIEWER])
    assert viewer_address(by_cloudfront, EDGE, 0) == VIEWER
    assert viewer_address(f"{by_cloudfront}, {EDGE}", EDGE, 1) == VIEWER
    assert viewer_address(by_cloudfront, EDGE, 1) == VIEWER


def test_without_a_word_of_it_the_caller_is_the_viewer() -> None:
    assert viewer_address("", EDGE, 1) == EDGE


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("2001:0db8:0001:0002::1", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_subscriber_is_one_home_however_many_addresses_it_has(address: str, home: str) -> None:
    assert household(address) == home


def test_addresses_and_browsers_are_others_each_day() -> None:
    for hashed in (address_hash, agent_hash):
        today, tomorrow = (hashed("key", day, "x") for day in ("2026-11-21", "2026-11-22"))
        assert today != tomorrow
        assert today != hashed("other key", "2026-11-21", "x")
        assert len(today) == 22


def test_a_player_is_the_same_every_day_and_another_in_each_project() -> None:
    assert player_hash("key", "project", "ann") == player_hash("key", "project", "ann")
    assert player_hash("key", "project", "ann") != player_hash("key", "other", "ann")
    assert player_hash("key", "project", "ann") != player_hash("other", "project", "ann")
    assert player_hash("key", "project", "\ud800")


def test_an_address_is_no_player() -> None:
    assert player_hash("key", "2026-11-21", "x") != address_hash("key", "2026-11-21", "x")
