"""One message: who may send it, what it costs, and what stands when something goes wrong."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.players import items_table as items
from lambdas.players.budget import ASKED_AGAIN_SECONDS, Budget
from lambdas.players.conversation import LEASE_SECONDS
from lambdas.players.errors import (
    Asleep,
    CharacterSilent,
    DailyLimit,
    InProgress,
    TokenRevoked,
    UnknownSession,
)
from lambdas.players.messages import Exchange, Sent
from lambdas.players.points import Award, recount
from lambdas.players.table import Claim, PlayerTable
from lambdas.shared.dynamo.items import packed
from lambdas.shared.values.clock import day_of
from tests.lambdas.players.world import (
    GENEROUS,
    NOON,
    Crashed,
    Voice,
    World,
    accounts,
    conversation,
    ledger,
    new_id,
    player,
    proof,
    session_of,
    world,
)

DAY_MS = 24 * 3600 * 1000
TODAY = day_of(NOON)


@pytest.fixture
def here(moto: Any) -> Iterator[World]:
    with world(moto) as here:
        yield here


def message(session: str, text: str = "hello", now_ms: int = NOON) -> Sent:
    return Sent(session_id=session, text=text, locale="en", id=new_id(now_ms))


def test_a_message_makes_one_step_of_the_ledger(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    exchange = conversation(here.client, Voice()).say(message(session), ann, NOON)
    [event] = here.table.ledger(ann.user_id)
    assert (event.delta, event.balance, event.version) == (7, 7, 1)
    assert (event.session_id, event.message_id) == (session, exchange.said.id)
    stats = here.table.stats(ann.user_id)
    assert stats is not None
    assert (stats.total_points, stats.on(TODAY).used, stats.claim, stats.lease_s) == (7, 1, None, 0)


def test_chat_takes_points_down_to_nothing_and_not_below(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    scores = iter([60, 0, 0, 0])
    say = conversation(here.client, Voice(scores=lambda: next(scores))).say
    worth = [say(message(session, f"m{n}"), ann, NOON).reply.score for n in range(4)]
    assert worth == [4, -4, 0, 0]
    assert recount(here.table.ledger(ann.user_id)) == 0


def test_a_second_device_waits_while_the_first_is_answered(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    mine = message(session)
    refused: list[int | None] = []

    def meanwhile() -> None:
        for sent in (message(session, "from another device"), mine):
            with pytest.raises(InProgress) as busy:
                conversation(here.client, Voice()).say(sent, ann, NOON)
            refused.append(busy.value.retry_after)

    voice = Voice(before=meanwhile)
    first = conversation(here.client, voice).say(mine, ann, NOON)
    assert refused == [2, 2]
    assert conversation(here.client, Voice()).say(mine, ann, NOON) == first


def test_after_a_crash_the_same_id_goes_on_once_the_lease_is_over(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    mine = message(session)

    def crash() -> None:
        raise Crashed

    with pytest.raises(Crashed):
        conversation(here.client, Voice(before=crash)).say(mine, ann, NOON)
    say = conversation(here.client, Voice()).say
    with pytest.raises(InProgress):
        say(mine, ann, NOON + (LEASE_SECONDS - 1) * 1000)
    say(mine, ann, NOON + LEASE_SECONDS * 1000)
    stats = here.table.stats(ann.user_id)
    assert stats is not None
    assert stats.on(TODAY).used == 2, "the call that may have been made counts"


def test_whoever_is_slower_than_the_lease_finds_the_answer_of_the_other(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    mine = message(session)
    quick = Voice()

    def overtaken() -> None:
        late = NOON + LEASE_SECONDS * 1000
        conversation(here.client, quick).say(mine, ann, late)

    slow = Voice(before=overtaken)
    answer = conversation(here.client, slow).say(mine, ann, NOON)
    assert answer.reply.text == "answer 1"
    assert len(slow.said) == len(quick.said) == 1
    assert len(list(here.table.ledger(ann.user_id))) == 1


def test_whoever_lost_the_claim_writes_nothing_while_another_holds_it(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)

    def overtaken() -> None:
        late_s = NOON // 1000 + LEASE_SECONDS
        here.table.claim(
            Claim(
                user_id=ann.user_id,
                epoch=ann.epoch,
                id="another attempt",
                now_s=late_s,
                until_s=late_s + LEASE_SECONDS,
                day=day_of(NOON),
                most_used=100,
            )
        )

    with pytest.raises(InProgress):
        conversation(here.client, Voice(before=overtaken)).say(message(session), ann, NOON)
    assert list(here.table.ledger(ann.user_id)) == []
    stats = here.table.stats(ann.user_id)
    assert stats is not None
    assert stats.claim == "another attempt"


def test_points_that_came_meanwhile_are_kept_without_a_second_call(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)

    def reward() -> None:
        award = Award(reference="prize", delta=50, reason="prize")
        ledger(here.client).give(ann.user_id, award, NOON)

    voice = Voice(before=reward)
    exchange = conversation(here.client, voice).say(message(session), ann, NOON)
    assert exchange.reply.balance == 57
    assert len(voice.said) == 1
    assert recount(here.table.ledger(ann.user_id)) == 57


def test_a_repetition_on_another_device_is_seen_though_it_came_in_between(here: World) -> None:
    """Read before the claim, the history does not hold what the other device has sent."""
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)

    class Overtaken(PlayerTable):
        raced = False

        def claim(self, claim: Any) -> Any:
            if not self.raced:
                self.raced = True
                conversation(here.client, Voice()).say(message(session), ann, NOON)
            return super().claim(claim)

    talk = conversation(here.client, Voice())
    talk._table = Overtaken(here.client, here.table_name)
    assert talk.say(message(session), ann, NOON).reply.score == 0


def test_a_silent_character_costs_no_message_of_the_day(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)

    def silence() -> None:
        raise CharacterSilent

    with pytest.raises(CharacterSilent):
        conversation(here.client, Voice(before=silence)).say(message(session), ann, NOON)
    stats = here.table.stats(ann.user_id)
    assert stats is not None
    assert (stats.on(TODAY).used, stats.claim) == (0, None)


def test_messages_of_a_day_are_limited_and_begin_again_at_midnight(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    say = conversation(here.client, Voice(), GENEROUS._replace(messages_a_day=2)).say
    for number in range(2):
        say(message(session, f"m{number}"), ann, NOON)
    with pytest.raises(DailyLimit) as limit:
        say(message(session, "m3"), ann, NOON)
    assert limit.value.retry_after == 12 * 3600
    say(message(session, "m4", NOON + DAY_MS), ann, NOON + DAY_MS)


def test_a_limit_of_none_takes_no_message(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    say = conversation(here.client, Voice(), GENEROUS._replace(messages_a_day=0)).say
    with pytest.raises(DailyLimit):
        say(message(session), ann, NOON)


def test_over_the_budget_nobody_is_asked_and_nothing_is_claimed(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    voice = Voice()
    say = conversation(here.client, voice, calls_a_day=3).say
    for number in range(3):
        say(message(session, f"m{number}"), ann, NOON)
    with pytest.raises(Asleep) as asleep:
        say(message(session, "m3"), ann, NOON)
    assert asleep.value.retry_after == 12 * 3600
    stats = here.table.stats(ann.user_id)
    assert stats is not None
    assert (stats.on(TODAY).used, stats.claim, len(voice.said)) == (3, None, 3)
    say(message(session, "m4", NOON + DAY_MS), ann, NOON + DAY_MS)


def test_instances_share_the_budget_in_blocks_and_ask_once_a_minute_when_it_is_spent(
    here: World,
) -> None:
    clock = [0.0]
    spent: list[str] = []
    table = here.table
    budgets = [
        Budget(table, 100, block=30, on_spent=lambda: spent.append(""), clock=lambda: clock[0])
        for _ in range(4)
    ]
    for budget in budgets[:3]:
        budget.check(NOON)
    with pytest.raises(Asleep):
        budgets[3].check(NOON)
    written = table.spent.writes
    with pytest.raises(Asleep):
        budgets[3].check(NOON)
    assert table.spent.writes == written
    clock[0] = ASKED_AGAIN_SECONDS
    with pytest.raises(Asleep):
        budgets[3].check(NOON)
    assert table.spent.writes == written + 1
    assert len(spent) == 2


def test_a_session_that_does_not_exist_costs_nobody_anything(here: World) -> None:
    ann = player(here.client, "ann")
    with pytest.raises(UnknownSession):
        conversation(here.client, Voice()).say(message(new_id()), ann, NOON)


def test_a_revoked_token_sends_nothing(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    here.table.revoke(accounts(here.client).of(ann).stats)
    voice = Voice()
    with pytest.raises(TokenRevoked):
        conversation(here.client, voice).say(message(session), ann, NOON)
    assert not voice.said


def test_a_message_that_was_under_way_when_the_tokens_were_revoked_is_still_answered(
    here: World,
) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    voice = Voice(before=lambda: here.table.revoke(accounts(here.client).of(ann).stats))
    conversation(here.client, voice).say(message(session), ann, NOON)
    assert recount(here.table.ledger(ann.user_id)) == 7


def test_a_merge_waits_for_an_answer_that_is_under_way(here: World) -> None:
    older, younger = player(here.client, "ann"), player(here.client, "bob", NOON + 1)
    session = session_of(here.client, younger)
    merges = accounts(here.client)

    def merge() -> None:
        with pytest.raises(InProgress):
            merges.merge(older, proof("bob"), NOON)

    voice = Voice(before=merge)
    conversation(here.client, voice).say(message(session), younger, NOON)
    account = merges.merge(older, proof("bob"), NOON)
    assert account.stats.total_points == 7
    moved = conversation(here.client, Voice()).say(message(session, "again"), older, NOON)
    assert moved.reply.balance == 14


def test_a_merge_waits_for_an_answer_that_began_after_it_looked(here: World) -> None:
    older, younger = player(here.client, "ann"), player(here.client, "bob", NOON + 1)
    session = session_of(here.client, younger)
    merges = accounts(here.client)

    class Overtaken(PlayerTable):
        def merge(self, *of: Any, **what: Any) -> bool:
            crashing = Voice(before=crash)
            with pytest.raises(Crashed):
                conversation(here.client, crashing).say(message(session), younger, NOON)
            return super().merge(*of, **what)

    def crash() -> None:
        raise Crashed

    merges._table = Overtaken(here.client, here.table_name)
    with pytest.raises(InProgress):
        merges.merge(older, proof("bob"), NOON)


def test_messages_expire_where_they_are_kept_for_days(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    limits = GENEROUS._replace(message_days=30)
    conversation(here.client, Voice(), limits).say(message(session), ann, NOON)
    page = here.table.messages(session, after=None, limit=10)
    assert page.items[0]["expires"] == NOON // 1000 + 30 * 86_400
    [exchange] = here.client.query(
        TableName=here.table_name,
        KeyConditionExpression="PK = :pk AND begins_with(SK, :m)",
        ExpressionAttributeValues={":pk": {"S": f"S#{session}"}, ":m": {"S": "M#"}},
    )["Items"]
    assert exchange["expires"] == {"N": str(NOON // 1000 + 30 * 86_400)}


def test_counts_of_days_that_are_over_go_with_the_next_answer(here: World) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    say = conversation(here.client, Voice()).say
    for day in range(3):
        say(message(session, f"m{day}", NOON + day * DAY_MS), ann, NOON + day * DAY_MS)
    stats = here.table.stats(ann.user_id)
    assert stats is not None
    assert [(each.used, each.gained) for each in stats.days] == [(1, 7)]


def test_messages_that_were_stored_as_two_items_are_read_page_by_page_like_others(
    here: World,
) -> None:
    ann = player(here.client, "ann")
    session = session_of(here.client, ann)
    talk = conversation(here.client, Voice())
    said = [talk.say(message(session, f"m{n}", NOON + n), ann, NOON + n) for n in range(3)]
    answer, question = items.messages_in(items.exchange_item(session, said[1], expires_s=None))
    for each in (answer, question):
        here.client.put_item(TableName=here.table_name, Item=packed(each))
    found = here.table.talk(session)
    assert found is not None
    assert list(found.history) == said
    for limit in (1, 2, 3, 6):
        seen: list[str] = []
        after = None
        while True:
            page = here.table.messages(session, after=after, limit=limit)
            assert len(page.items) <= limit
            seen += [items.message_json(each)["content"] for each in page.items]
            if page.next is None:
                break
            after = page.next
        assert seen == [
            text for each in reversed(said) for text in (each.reply.text, each.said.text)
        ]
    assert talk.say(message_like(said[1], session), ann, NOON) == said[1]


def message_like(exchange: Exchange, session: str) -> Sent:
    return Sent(session_id=session, text=exchange.said.text, locale="en", id=exchange.said.id)
