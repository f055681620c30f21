"""What players' calls are billed, by the emulator's count, which knows transactions."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.players.conversation import Conversation
from lambdas.players.errors import DailyLimit, GameOver
from lambdas.players.items_table import exchange_item, session_item
from lambdas.players.messages import HISTORY, Exchange, Reply, Said, Sent
from lambdas.players.personas import GameOver as GameOverRule
from lambdas.players.personas import Personas
from lambdas.players.points import Award
from lambdas.players.rank_table import RankTable, _item
from lambdas.players.ranks import SHOWN, Change, Row
from lambdas.players.table import PlayerTable
from lambdas.shared.dynamo.items import packed
from lambdas.shared.dynamo.units import Spent
from lambdas.shared.keys.player_tokens import Bearer
from lambdas.shared.values.clock import iso
from local.cloud import Cloud
from local.dynamodb.billing import item_bytes
from local.dynamodb.billing import units as query_units_of
from local.dynamodb.tables import table_named
from tests.lambdas.players.world import (
    GENEROUS,
    MIKO,
    NOON,
    Voice,
    accounts,
    conversation,
    ledger,
    new_id,
    player,
    proof,
    session_of,
    sessions,
    stored_session,
)

NAME = "players-billed"


@pytest.fixture(scope="module")
def client(cloud: Cloud) -> Iterator[Any]:
    client = cloud.client("dynamodb")
    with table_named(client, NAME):
        yield client


def units(spender: Any) -> tuple[float, float]:
    """Read and write units since the last question."""
    table: PlayerTable = spender._table
    spent, table.spent = table.spent, Spent()
    return spent.reads, spent.writes


@pytest.fixture
def ann(client: Any) -> Bearer:
    return player(client, new_id(), table=NAME)


@pytest.fixture
def talk(client: Any, ann: Bearer) -> tuple[Conversation, Bearer, str]:
    """A conversation that has begun, today's first message and the budget's block behind it."""
    chat = conversation(client, Voice(), table=NAME)
    session = session_of(client, ann, table=NAME)
    say(chat, ann, session)
    units(chat)
    return chat, ann, session


def say(chat: Conversation, who: Bearer, session: str, id: str | None = None) -> Exchange:
    sent = Sent(session_id=session, text=f"what a day {new_id()}", locale="en", id=id or new_id())
    return chat.say(sent, who, NOON)


def test_a_message_takes_seven_write_units(talk: tuple[Conversation, Bearer, str]) -> None:
    chat, ann, session = talk
    say(chat, ann, session)
    reads, writes = units(chat)
    assert writes == 7
    assert reads == 1


@pytest.mark.parametrize(("said", "replied", "reads"), [(20, 60, 1), (60, 120, 2), (500, 1000, 8)])
def test_a_history_is_read_for_what_it_weighs(said: int, replied: int, reads: float) -> None:
    """By DynamoDB's published rules: dynalite counts characters where AWS counts bytes.

    Texts are Japanese, three bytes a character.
    """
    exchange = Exchange(
        Said(id=new_id(), text="あ" * said, locale="ja", at=iso(NOON)),
        Reply(
            text="い" * replied,
            score_raw=80,
            score=7,
            emotion="happy",
            over=False,
            balance=1234,
            number=42,
            at=iso(NOON),
        ),
    )
    session = stored_session(new_id())
    item = exchange_item(session.id, exchange, expires_s=NOON // 1000)
    size = item_bytes(packed(session_item(session)))
    size += HISTORY // 2 * item_bytes(packed(item))
    consistent = 2
    assert consistent * query_units_of(size) == reads


def test_the_same_message_again_writes_nothing(talk: tuple[Conversation, Bearer, str]) -> None:
    chat, ann, session = talk
    sent = Sent(session_id=session, text="hello", locale="en", id=new_id())
    chat.say(sent, ann, NOON)
    units(chat)
    chat.say(sent, ann, NOON)
    reads, writes = units(chat)
    assert (reads, writes) == (1, 0)


def test_the_first_message_of_a_day_takes_no_more(talk: tuple[Conversation, Bearer, str]) -> None:
    chat, ann, session = talk
    chat._budget._left = 0
    tomorrow = NOON + 86_400_000
    sent = Sent(session_id=session, text="a new day", locale="en", id=new_id(tomorrow))
    chat.say(sent, ann, tomorrow)
    assert units(chat) == (1, 7 + 1), "the one is the block of model calls"


def test_the_first_message_of_an_instance_takes_one_more_and_so_does_every_fiftieth(
    client: Any, ann: Bearer
) -> None:
    session = session_of(client, ann, table=NAME)
    for _ in range(2):
        chat = conversation(client, Voice(), table=NAME)
        say(chat, ann, session)
        assert units(chat)[1] == 7 + 1
    chat._budget._left = 1
    for writes in (7, 7 + 1):
        say(chat, ann, session)
        assert units(chat)[1] == writes


def test_long_texts_take_what_they_weigh() -> None:
    """Two units for each kilobyte that a transaction writes."""
    said = Said(id=new_id(), text="あ" * 500, locale="ja", at=iso(NOON))
    reply = Reply(
        text="い" * 1000,
        score_raw=80,
        score=7,
        emotion="happy",
        over=False,
        balance=1234,
        number=42,
        at=iso(NOON),
    )
    item = exchange_item(new_id(), Exchange(said, reply), expires_s=NOON // 1000)
    assert -(-item_bytes(packed(item)) // 1024) == 5


def test_refusals_cost_little(client: Any, talk: tuple[Conversation, Bearer, str]) -> None:
    _, ann, session = talk
    full = conversation(client, Voice(), limits(messages_a_day=1), table=NAME)
    full._budget.check(NOON)
    units(full)
    with pytest.raises(DailyLimit):
        say(full, ann, session)
    assert units(full) == (1, 1)


def limits(**changes: Any) -> Any:
    return GENEROUS._replace(**changes)


def test_a_session_that_is_over_is_refused_for_a_read(client: Any, ann: Bearer) -> None:
    ends = Personas({"miko": MIKO._replace(game_over=GameOverRule(after_messages=1))})
    chat = conversation(client, Voice(), table=NAME, personas=ends)
    session = session_of(client, ann, table=NAME)
    say(chat, ann, session)
    units(chat)
    with pytest.raises(GameOver):
        say(chat, ann, session)
    assert units(chat) == (1, 0)


def test_a_new_user_takes_six_write_units_and_a_known_one_none(client: Any) -> None:
    signing, subject = accounts(client, NAME), new_id()
    signing.sign_in(proof(subject), NOON)
    assert units(signing) == (1 + 1, 6)
    signing.sign_in(proof(subject), NOON)
    assert units(signing) == (1 + 1, 0)


def test_linking_takes_four_and_unlinking_four(client: Any, ann: Bearer) -> None:
    signing, subject = accounts(client, NAME), new_id()
    signing.link(ann, proof(subject, "x"), NOON)
    assert units(signing)[1] == 4
    signing.unlink(ann, "x", None, NOON)
    assert units(signing)[1] == 4


def test_merging_an_account_of_one_identity_takes_fourteen(client: Any, ann: Bearer) -> None:
    signing, other = accounts(client, NAME), new_id()
    bob = player(client, other, NOON + 1, table=NAME)
    chat = conversation(client, Voice(), table=NAME)
    session = session_of(client, bob, table=NAME)
    for _ in range(4):
        say(chat, bob, session)
    signing.merge(ann, proof(other), NOON)
    assert units(signing)[1] == 14


def test_a_reward_takes_six_and_the_same_again_none(client: Any, ann: Bearer) -> None:
    book = ledger(client, NAME)
    award = Award(reference="prize", delta=5, reason="prize")
    book.give(ann.user_id, award, NOON)
    assert units(book)[1] == 6
    book.give(ann.user_id, award, NOON)
    assert units(book)[1] == 0


def test_a_session_takes_six(client: Any, ann: Bearer) -> None:
    begins = sessions(client, NAME)
    begins.begin(ann, "miko", None, NOON)
    assert units(begins)[1] == 6


def test_a_guest_takes_ten(client: Any) -> None:
    begins = sessions(client, NAME)
    begins.begin_as_guest("miko", None, NOON)
    assert units(begins)[1] == 10


def test_a_full_ranking_is_read_for_few_units_and_a_change_is_one_write(dynalite: Any) -> None:
    """By dynalite's count, which weighs what a Query reads."""
    with table_named(dynalite, "ranking") as name:
        table = RankTable(dynalite, name)
        for number in range(2 * SHOWN):
            row = Row(
                user_id=new_id(),
                player_id="p" * 22,
                name="of twenty-four letters..",
                points=1000 + number,
                version=1,
            )
            table._put(_item(row))
        table.spent = Spent()
        [best, *_] = table.rows()
        assert table.spent.reads == 3.5
        table.spent = Spent()
        table.apply([Change(user_id=best.user_id, points=5000, version=2)])
        assert (table.spent.reads, table.spent.writes) == (7, 1)
