"""Messages under conflicts, crashes, lost answers, several devices and merges.

Whatever happens: the ledger adds up without a gap, each message is stored once, with its event,
and nobody is ever given two answers to one message.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from lambdas.players import items_table as items
from lambdas.players.accounts import MERGED
from lambdas.players.conversation import REASON
from lambdas.players.errors import TokenRevoked
from lambdas.players.messages import Exchange, Sent
from lambdas.players.points import Award, Event, recount
from lambdas.players.users import Identity
from lambdas.shared.dynamo.items import unpacked
from lambdas.shared.http.errors import Malformed, Refusal
from lambdas.shared.keys.player_tokens import Bearer
from tests.lambdas.players.world import (
    NOON,
    Chances,
    Crashed,
    Voice,
    World,
    _Device,
    accounts,
    conversation,
    ledger,
    new_id,
    player,
    proof,
    session_of,
    world,
)

FAIR = Chances()
ROUGH = Chances(conflict=0.12, crash_before=0.03, crash_after=0.05, lost_answer=0.04)
STORM = Chances(conflict=0.25, crash_before=0.06, crash_after=0.11, lost_answer=0.08)


@dataclass
class Book:
    """What players were answered."""

    answers: dict[str, list[Exchange]] = field(default_factory=lambda: defaultdict(list))
    given: set[str] = field(default_factory=set)
    asked: int = 0


@dataclass
class Player:
    subject: str
    bearer: Bearer
    session: str


def chat(device: _Device, who: Player, book: Book, *, messages: int, resend: float = 0.2) -> None:
    """A device that sends until it is answered, and some messages once more."""
    here = device.world
    bearer = who.bearer
    voice = Voice(scores=lambda: here.chance.randrange(101), before=device.pass_turn)
    say = conversation(device, voice).say
    for number in range(messages):
        sent = Sent(
            session_id=who.session,
            text=f"{who.subject} says {number} {here.chance.random()}",
            locale="en",
            id=new_id(here.now_ms),
        )
        book.asked += 1
        while True:
            try:
                answer = say(sent, bearer, here.now_ms)
            except TokenRevoked:
                bearer = signed_in(device, who.subject)
                continue
            except Malformed:
                break  # it took so long that the id is too old: the player types it again
            except (Refusal, Crashed, ReadTimeoutError):
                device.sleep(1 + here.chance.random())
                continue
            book.answers[sent.id or ""].append(answer)
            if here.chance.random() >= resend:
                break


def signed_in(device: _Device, subject: str) -> Bearer:
    while True:
        try:
            account = accounts(device).sign_in(proof(subject), device.world.now_ms).account
        except (Refusal, Crashed, ReadTimeoutError):
            device.sleep(0.5)
            continue
        return Bearer(account.user.id, account.stats.epoch)


def reward(device: _Device, who: Player, book: Book, *, rewards: int) -> None:
    """Rewards that are claimed until it is known that they were given."""
    for number in range(rewards):
        award = Award(reference=f"{who.subject}-{number}", delta=7, reason="prize")
        bearer = who.bearer
        while True:
            try:
                given = ledger(device).give(
                    bearer.user_id, award, device.world.now_ms, epoch=bearer.epoch
                )
            except TokenRevoked:
                bearer = signed_in(device, who.subject)
            except (Refusal, Crashed, ReadTimeoutError):
                device.sleep(0.3)
            else:
                assert given.delta == 7
                book.given.add(award.reference)
                break


def everything(here: World) -> list[dict[str, Any]]:
    pages = here.client.get_paginator("scan").paginate(TableName=here.table_name)
    return [unpacked(item) for page in pages for item in page["Items"]]


def check(here: World, book: Book) -> None:
    stored = everything(here)
    users = [items.user_from(each) for each in stored if each["SK"] == items.USER]
    chats: list[Event] = []
    total = 0
    for user in users:
        events = list(here.table.ledger(user.id))
        stats = here.table.stats(user.id)
        assert stats is not None
        assert recount(events) == stats.total_points
        assert stats.version == len(events)
        total += stats.total_points
        if user.merged_into is not None:
            assert stats.total_points == 0
        chats += [event for event in events if event.reason == REASON]
        assert {event.reason for event in events} <= {REASON, MERGED, "prize"}
    check_messages(stored, chats, book)
    prizes = 7 * len(book.given)
    assert total == sum(event.delta for event in chats) + prizes
    check_identities(stored)


def check_messages(stored: list[dict[str, Any]], chats: list[Event], book: Book) -> None:
    by_session: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in stored:
        if item["PK"].startswith("S#") and item["SK"] != items.SESSION:
            by_session[item["PK"]].append(item)
    exchanges: dict[str, Exchange] = {}
    for kept in by_session.values():
        kept.sort(key=lambda item: item["SK"], reverse=True)
        found = items.exchanges_in(kept)
        assert len(found) == len(kept), "half of an exchange is stored"
        exchanges |= {each.said.id: each for each in found}
    assert sorted(event.message_id or "" for event in chats) == sorted(exchanges)
    for event in chats:
        reply = exchanges[event.message_id or ""].reply
        assert (reply.score, reply.balance) == (event.delta, event.balance)
    for message_id, answers in book.answers.items():
        assert set(answers) == {exchanges[message_id]}, "answered two ways"


def check_identities(stored: list[dict[str, Any]]) -> None:
    owners = {
        Identity(*item["PK"].split("#")[1:]): item["userId"]
        for item in stored
        if item["SK"] == "IDENTITY"
    }
    users = [items.user_from(each) for each in stored if each["SK"] == items.USER]
    listed = {identity: user.id for user in users for identity in user.identities}
    assert listed == owners
    assert sum(len(user.identities) for user in users) == len(owners)


def one_player(here: World, subject: str = "ann", made_ms: int = NOON) -> Player:
    bearer = player(here.client, subject, made_ms)
    return Player(subject, bearer, session_of(here.client, bearer))


_WEATHER = [(0, FAIR), (1, ROUGH), (2, STORM), (3, STORM)]


@pytest.fixture(params=_WEATHER, ids=["fair", "rough", "storm", "another storm"])
def here(moto: Any, request: pytest.FixtureRequest) -> Iterator[World]:
    seed, chances = request.param
    with world(moto, seed, chances) as here:
        yield here


def test_two_devices_of_one_player(here: World) -> None:
    ann, book = one_player(here), Book()
    here.run(
        partial(chat, who=ann, book=book, messages=6),
        partial(chat, who=ann, book=book, messages=6),
    )
    check(here, book)
    assert book.answers


def test_points_that_come_while_the_character_speaks(here: World) -> None:
    ann, book = one_player(here), Book()
    here.run(
        partial(chat, who=ann, book=book, messages=6),
        partial(reward, who=ann, book=book, rewards=8),
    )
    check(here, book)
    assert len(book.given) == 8


def test_a_merge_in_the_middle_loses_no_point_and_no_message(here: World) -> None:
    ann, bob, book = one_player(here, "ann"), one_player(here, "bob", NOON + 1), Book()

    def merge(device: _Device) -> None:
        while True:
            device.sleep(here.chance.random() * 3)
            try:
                accounts(device).merge(signed_in(device, "bob"), proof("ann"), here.now_ms)
            except (Refusal, Crashed, ReadTimeoutError):
                continue
            return

    here.run(
        partial(chat, who=ann, book=book, messages=5),
        partial(chat, who=bob, book=book, messages=5),
        partial(reward, who=bob, book=book, rewards=5),
        merge,
        merge,
    )
    check(here, book)
    after = accounts(here.client).sign_in(proof("bob"), here.now_ms)
    assert after.account.user.id == ann.bearer.user_id, "the older account stays"
    assert after.account.user.merged_from == (bob.bearer.user_id,)


def test_accounts_that_are_merged_from_both_sides_become_one(here: World) -> None:
    people = [one_player(here, subject) for subject in ("ann", "bob", "cem")]
    book = Book()

    def merge(device: _Device, mine: str, other: str) -> None:
        while True:
            try:
                accounts(device).merge(signed_in(device, mine), proof(other), here.now_ms)
            except (Refusal, Crashed, ReadTimeoutError):
                device.sleep(0.5)
                continue
            return

    pairs = [("ann", "bob"), ("bob", "ann"), ("cem", "bob"), ("ann", "cem")]
    here.run(
        *(partial(merge, mine=mine, other=other) for mine, other in pairs),
        *(partial(reward, who=who, book=book, rewards=3) for who in people),
    )
    check(here, book)
    owners = {here.table.owner(Identity("key", who.subject)) for who in people}
    assert len(owners) == 1


def test_racers_for_one_identity_become_one_user(here: World) -> None:
    found: list[str] = []

    def race(device: _Device) -> None:
        found.append(signed_in(device, "ann").user_id)

    here.run(*[race] * 20)
    check(here, Book())
    assert len(set(found)) == 1
    users = [item for item in everything(here) if item["SK"] == items.USER]
    assert len(users) == 1
