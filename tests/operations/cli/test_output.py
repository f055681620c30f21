"""People get a table that fits, without control characters."""

import pytest

from operations.cli.output import Output, counted, duration, printable


def test_the_content_of_a_row_cannot_control_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = Output(as_json=False)
    output.table(["~name"], [["\x1b[2J[red]Ann[/red]\x9b31m\u202e"]])
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "\u202e" not in shown
    assert "[red]Ann[/red]" in shown
    assert printable("さくら 1\n2") == "さくら 1\n2"


def test_a_table_that_is_too_wide_is_wrapped_and_loses_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Output(as_json=False).table(["one", "~two", ">three"], [["a" * 60, "b" * 30, 1_234_567]])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert (shown.count("a"), shown.count("b")) == (60, 30)


def test_json_is_one_line_and_people_get_none_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=True)
    output.document({"name": "さくら"}, lambda: output.say("for people"))
    output.say("for people")
    output.note("for people")
    output.warn("beside")
    said = capsys.readouterr()
    assert said.out == '{"name":"\\u3055\\u304f\\u3089"}\n'
    assert said.err == '{"warning": "beside"}\n'


@pytest.mark.parametrize(
    ("ms", "spoken"),
    [(0, "0:00.000"), (61_001, "1:01.001"), (3_600_000, "60:00.000"), (-5, "-0:00.005")],
)
def test_durations_read_as_minutes_and_seconds(ms: int, spoken: str) -> None:
    assert duration(ms) == spoken


def test_words_follow_their_number() -> None:
    assert [counted(1, "entry"), counted(0, "entry"), counted(1200, "board")] == [
        "1 entry",
        "0 entries",
        "1,200 boards",
    ]
