"""The rules of points, messages, personas and accounts, on plain values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.players import personas
from lambdas.players.boards import Board, check_closed, reward, rewards_in
from lambdas.players.errors import (
    BoardOpen,
    InsufficientPoints,
    LastIdentity,
    NoReward,
    TooManyIdentities,
    TooManyMerges,
    UnknownBoard,
)
from lambdas.players.messages import Exchange, Reply, Said, cleaned, repeats
from lambdas.players.names import display_name, given_name
from lambdas.players.personas import PersonaError, ScoreRule, packaged, persona
from lambdas.players.player_keys import KEY, board_player, player_id
from lambdas.players.points import (
    Event,
    LedgerError,
    balance_after,
    level_of,
    levels_in,
    recount,
)
from lambdas.players.scoring import MOST_POINTS, advice, delta_for, points_for
from lambdas.players.users import (
    GUEST,
    MOST_IDENTITIES,
    Identity,
    User,
    check_merge,
    lasting,
    linked,
    merged,
    stays_first,
    unlinked,
)
from lambdas.shared.http.errors import Malformed
from tests.lambdas.players.world import MIKO

rules = st.builds(
    ScoreRule,
    least=st.integers(-50, 0),
    most=st.integers(0, 50),
    daily=st.integers(0, 1000),
    rule=st.just({}),
)
model_scores: st.SearchStrategy[Any] = st.one_of(
    st.integers(0, 100),
    st.integers(),
    st.floats(),
    st.sampled_from([None, True, "100", [100], {"value": 100}]),
)
identities = st.builds(
    Identity, st.sampled_from(["key", "x", "privy", GUEST]), st.text("abcdef", min_size=1)
)


@given(model_scores, rules, st.booleans(), st.integers(0, 10**6), st.integers(0, 200))
def test_no_message_is_worth_more_than_the_cap_or_takes_more_than_there_is(
    score: Any, rule: ScoreRule, repeated: bool, balance: int, gained: int
) -> None:
    raw = advice(score)
    delta = delta_for(raw, rule, repeated=repeated, balance=balance, gained=gained)
    assert -5 <= delta <= MOST_POINTS
    assert balance + delta >= 0
    assert max(delta, 0) + gained <= max(rule.daily, gained)
    assert delta == 0 or not repeated


def test_advice_is_mapped_from_its_least_to_its_most() -> None:
    rule = MIKO.score
    assert [points_for(raw, rule) for raw in (0, 33, 34, 80, 100)] == [-5, 0, 0, 7, 10]
    assert points_for(None, rule) == 0


def test_a_rule_that_is_too_generous_or_too_harsh_is_bounded() -> None:
    rule = ScoreRule(least=-50, most=50, daily=1000, rule={})
    assert (points_for(100, rule), points_for(0, rule)) == (MOST_POINTS, -5)


@given(st.integers(0, 100), st.integers(0, 100))
def test_better_advice_is_never_worth_less(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert points_for(low, MIKO.score) <= points_for(high, MIKO.score)


@given(st.lists(st.integers(-20, 20)))
def test_a_ledger_that_refuses_debts_adds_up(deltas: list[int]) -> None:
    balance, events = 0, list[Event]()
    for delta in deltas:
        try:
            balance = balance_after(balance, delta)
        except InsufficientPoints:
            continue
        version = len(events) + 1
        events.append(Event(version=version, delta=delta, balance=balance, reason="r", at=""))
    assert recount(events) == balance >= 0
    for lost in range(len(events) - 1):
        with pytest.raises(LedgerError):
            recount(events[:lost] + events[lost + 1 :])


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_level_depends_on_points_alone_and_never_falls_with_more(one: int, other: int) -> None:
    levels, (low, high) = levels_in("0,20,60,200"), sorted((one, other))
    assert 1 <= level_of(low, levels) <= level_of(high, levels) <= 4


def test_a_level_begins_at_its_threshold() -> None:
    levels = levels_in("0,20,60")
    assert [level_of(points, levels) for points in (0, 19, 20, 59, 60)] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("text", ["", "5,20", "0,20,20", "0,60,20", "a"])
def test_levels_that_do_not_increase_from_0_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"levels|invalid literal"):
        levels_in(text)


@given(st.text())
def test_cleaning_a_text_twice_changes_nothing_more(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once
    once.encode()


def test_cleaning_keeps_emoji_and_drops_what_hides_text() -> None:
    assert cleaned(" a\u202e\n\tb\x00 👩‍👩‍👧 ❤️ ") == "a b 👩‍👩‍👧 ❤️"


@given(st.text())
def test_a_name_is_visible_short_and_stays_as_it_is(text: str) -> None:
    try:
        name = display_name(text)
    except Malformed:
        assert given_name(text) is None or len(text) > 24
        return
    assert 1 <= len(name) <= 24
    assert display_name(name) == name


def exchange(text: str, raw: int | None = 50, number: int = 1) -> Exchange:
    reply = Reply(
        text="ok", score_raw=raw, score=0, emotion="n", over=False, balance=0, number=number, at=""
    )
    return Exchange(Said(id="", text=text, locale="en", at=""), reply)


@pytest.mark.parametrize(
    "text", ["Hello!", "hello", "HELLO", "h e l l o", "Ｈｅｌｌｏ。", "hello 👋"]
)
def test_a_text_repeats_whatever_its_case_width_and_punctuation(text: str) -> None:
    assert repeats(text, [exchange("hello"), exchange("other")])


@pytest.mark.parametrize("text", ["hello you", "👋", "!?"])
def test_another_text_is_no_repetition(text: str) -> None:
    assert not repeats(text, [exchange("hello")])


def test_a_text_of_signs_alone_is_compared_by_them() -> None:
    assert repeats("👋", [exchange("👋")])
    assert not repeats("👋", [exchange("!?")])


def test_the_packaged_characters_are_valid_and_speak_both_languages() -> None:
    for name in ("miko", "garo"):
        assert packaged().named(name).locales == ("ja", "en")


GOOD: dict[str, Any] = {
    "name": {"en": "Miko"},
    "voice": {"en": "cheerful"},
    "locales": ["en"],
    "emotions": ["neutral"],
    "score": {"least": -5, "most": 10, "daily": 100, "rule": {"en": "kind"}},
    "gameOver": {},
}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"extra": 1}, "extra"),
        ({"locales": []}, "locales"),
        ({"locales": ["tlh"]}, "locales"),
        ({"locales": ["en", "ja"]}, "name"),
        ({"voice": {}}, "voice"),
        ({"emotions": []}, "emotions"),
        ({"score": GOOD["score"] | {"most": 11}}, "score"),
        ({"score": GOOD["score"] | {"least": -6}}, "score"),
        ({"score": GOOD["score"] | {"daily": 5000}}, "score.daily"),
        ({"score": GOOD["score"] | {"rule": {}}}, "score.rule"),
        ({"gameOver": {"inARow": 7}}, "gameOver.inARow"),
    ],
)
def test_a_wrong_persona_is_named_with_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(PersonaError, match=rf"^personas/miko\.json: {field}"):
        persona("miko", GOOD | change)


def test_a_session_ends_by_its_persona_s_rule() -> None:
    strict = persona("miko", GOOD | {"gameOver": {"rawAtMost": 10, "inARow": 2}})
    low, high = exchange("a", 5), exchange("b", 50)
    assert strict.is_over([high, low], 10, 3)
    assert not strict.is_over([low, high], 10, 3)
    assert not strict.is_over([high, low], None, 3)
    assert not strict.is_over([], 5, 1)
    short = persona("miko", GOOD | {"gameOver": {"afterMessages": 3}})
    assert [short.is_over([], 90, number) for number in (2, 3)] == [False, True]


def test_personas_lie_beside_their_module() -> None:
    assert personas.FOLDER.is_dir()


def user(id: str = "1", *, of: tuple[Identity, ...] = (), merges: int = 0) -> User:
    return User(
        id=id,
        player_id=f"p{id}",
        identities=of,
        merged_from=tuple(f"m{each}" for each in range(merges)),
        created_at="",
        updated_at="",
    )


@given(st.lists(identities, unique=True, max_size=10), identities)
def test_an_account_never_has_more_than_ten_identities_nor_none(
    held: list[Identity], new: Identity
) -> None:
    try:
        after = linked(held, new)
    except TooManyIdentities:
        assert len(lasting(held)) == MOST_IDENTITIES
        return
    assert 1 <= len(after) <= MOST_IDENTITIES
    assert new in after


@given(st.lists(identities, unique=True, min_size=1, max_size=10))
def test_the_last_identity_cannot_be_unlinked(held: list[Identity]) -> None:
    left = tuple(held)
    for each in held:
        try:
            left = unlinked(left, each.provider, each.subject)
        except LastIdentity:
            break
    assert len(left) == 1


@given(st.lists(identities, unique=True, max_size=8), st.lists(identities, unique=True, max_size=8))
def test_a_merge_is_the_same_from_both_sides_and_keeps_every_identity_but_guests(
    one: list[Identity], other: list[Identity]
) -> None:
    first = user("1", of=tuple(one))
    second = user("2", of=tuple(each for each in other if each not in one))
    assert stays_first(first, second) == stays_first(second, first) == (first, second)
    after = merged(first, second)
    assert set(lasting((*first.identities, *second.identities))) <= set(after)


def test_a_merge_over_the_limits_is_refused() -> None:
    many = tuple(Identity("x", str(each)) for each in range(6))
    more = tuple(Identity("key", str(each)) for each in range(5))
    with pytest.raises(TooManyIdentities):
        check_merge(user("1", of=many), user("2", of=more))
    with pytest.raises(TooManyMerges):
        check_merge(user("1", merges=10), user("2", merges=10))


def test_a_user_stands_on_the_boards_under_every_key() -> None:
    held = (Identity("key", "row"), Identity("x", "42"))
    assert user("1", of=held).player_ids == ("p1", "row")


def test_a_derived_key_is_one_that_the_edge_takes() -> None:
    player = board_player("secret", "user")
    assert KEY.fullmatch(player.key)
    assert player.id == player_id(player.key)
    assert player != board_player("secret", "other")
    assert player != board_player("other", "user")


@pytest.mark.parametrize(
    ("period", "closes"),
    [
        ("2026-11", "2026-12-01T13:00:00+00:00"),
        ("2026-12", "2027-01-01T13:00:00+00:00"),
        ("2026-W53", "2027-01-04T13:00:00+00:00"),
        ("2026-11-21", "2026-11-22T13:00:00+00:00"),
    ],
)
def test_a_board_is_closed_once_its_day_has_ended_everywhere(period: str, closes: str) -> None:
    from datetime import datetime

    closed_ms = round(datetime.fromisoformat(closes).timestamp() * 1000)
    check_closed(Board("snake", period), closed_ms)
    with pytest.raises(BoardOpen):
        check_closed(Board("snake", period), closed_ms - 1)


@pytest.mark.parametrize("period", ["2026-13", "2026-W54", "2026-02-30", "9999-12-31"])
def test_a_period_of_no_calendar_is_unknown(period: str) -> None:
    with pytest.raises(UnknownBoard):
        check_closed(Board("snake", period), 0)


def test_a_reward_is_that_of_the_best_row() -> None:
    rewards = rewards_in('{"10": 20, "1": 100, "3": 50}')
    assert reward({"a": 2, "b": 11}, ("b", "a"), rewards) == ("a", 2, 50)
    assert reward({"a": 1}, ("a",), rewards) == ("a", 1, 100)
    for ranks in ({"a": 11}, {"c": 1}, {}):
        with pytest.raises(NoReward):
            reward(ranks, ("a", "b"), rewards)
