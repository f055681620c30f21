"""Which entries are marked where names on a board look alike."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lambdas.scores.answers import ranking
from lambdas.scores.games import Game
from lambdas.scores.lookalikes import lookalikes
from lambdas.scores.periods import EVER
from lambdas.scores.rules import Entry, best_first
from lambdas.shared.values.skeletons import skeleton
from tests.conftest import game
from tests.lambdas.scores.plays import Play

CYRILLIC = "\u0410nna"
SNAKE = game(top_n=300)


def entry(user_id: str, name: str, *, at: int, score: int = 5) -> Entry:
    return replace(Play(user_id, score, 5, at, user_id).entry(SNAKE), user_name=name)


def marked(*entries: Entry) -> set[str]:
    return set(lookalikes(best_first(entries)))


def test_the_later_of_two_names_that_look_alike_is_marked() -> None:
    first, later = entry("a", "Al1ce", at=1), entry("b", "AlIce", at=2)
    assert marked(first, later) == {"b"}


def test_a_better_rank_does_not_help_a_later_name() -> None:
    first, later = entry("a", "modem", at=1, score=1), entry("b", "modern", at=2, score=9)
    assert marked(first, later) == {"b"}


def test_at_one_time_the_lower_rank_is_marked() -> None:
    best, other = entry("b", "modem", at=1, score=9), entry("a", "modern", at=1, score=1)
    assert marked(best, other) == {"a"}


def test_a_name_that_mixes_scripts_is_marked_even_if_it_is_the_earlier() -> None:
    imitation, honest = entry("a", CYRILLIC, at=1, score=9), entry("b", "Anna", at=2)
    assert marked(imitation, honest) == {"a"}


def test_a_name_in_one_script_may_be_the_first() -> None:
    cyrillic, latin = entry("a", "\u041c\u0430\u0445", at=1), entry("b", "Max", at=2)
    assert marked(cyrillic, latin) == {"b"}


def test_equal_names_are_not_marked() -> None:
    assert marked(entry("a", "Anna", at=1), entry("b", "Anna", at=2)) == set()


def test_everybody_with_the_text_of_the_first_stays_unmarked() -> None:
    early, imitation, late = (
        entry("a", "modem", at=1),
        entry("b", "modern", at=2),
        entry("c", "modem", at=3),
    )
    assert marked(early, imitation, late) == {"b"}


def test_moments_are_compared_and_not_their_texts() -> None:
    """An imported row may be in another time zone."""
    first = replace(entry("a", "modem", at=1), updated_at="2026-11-21T12:00:00+09:00")
    later = replace(entry("b", "modern", at=2), updated_at="2026-11-21T04:00:00Z")
    assert marked(first, later) == {"b"}


def test_a_name_alone_is_never_marked() -> None:
    names = ["я", "タロウ", "\u0410nna", "Il1|", "🏴‍☠️", "Ωmega", "محمد", "김", "m"]
    assert marked(*(entry(name, name, at=at) for at, name in enumerate(names))) == set()


def test_a_page_marks_what_looks_like_a_name_on_another_page() -> None:
    board = [entry(f"u{rank:03d}", f"name {rank}", at=1, score=900 - rank) for rank in range(150)]
    board[0] = replace(board[0], user_name="Anna")
    board[120] = replace(board[120], user_name=CYRILLIC)
    first, second = (ranking(SNAKE, EVER, board, 100, page)["items"] for page in (1, 101))
    assert not any("lookalike" in item for item in first)
    assert [item["userName"] for item in second if item.get("lookalike")] == [CYRILLIC]


def test_a_name_below_the_games_top_n_marks_nothing(snake: Game) -> None:
    board = [entry(f"u{rank}", f"name {rank}", at=1, score=9 - rank) for rank in range(snake.top_n)]
    below = entry("first", "narne 0", at=0, score=0)
    assert not any(
        "lookalike" in item for item in ranking(snake, EVER, [*board, below], 100, 1)["items"]
    )


NAMES = st.sampled_from(
    ["modem", "modern", "rnodem", "Anna", CYRILLIC, "\u0410\u043fn\u0430", "Al1"]
)
entries = st.builds(
    entry, st.uuids().map(str), NAMES, at=st.integers(0, 3), score=st.integers(0, 3)
)


@given(st.lists(entries, max_size=12))
def test_of_names_that_look_alike_one_text_stays_unmarked(board: list[Entry]) -> None:
    ids = marked(*board)
    unmarked = {entry.user_name for entry in board if entry.user_id not in ids}
    assert len({skeleton(name) for name in unmarked}) == len(unmarked)
    assert {skeleton(entry.user_name) for entry in board} == {skeleton(name) for name in unmarked}
    assert not unmarked & {entry.user_name for entry in board if entry.user_id in ids}


@given(st.lists(entries, max_size=12), st.randoms())
def test_the_order_of_reading_changes_nothing(board: list[Entry], random: Random) -> None:
    mixed = list(board)
    random.shuffle(mixed)
    assert marked(*mixed) == marked(*board)
