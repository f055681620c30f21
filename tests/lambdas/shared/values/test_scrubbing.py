"""Nothing that identifies a person, or that opens something, is left in a failure's texts."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.values.scrubbing import contacts, fields, forms, stack, values

SECRETS = [
    "hg_live_" + "4fG7hJ2k" * 5 + "1234567",
    "agt_Zx81b2c3d4e5f6g7",
    "Bearer eyJhbGciOi.eyJzdWIi.c2ln",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1",
    "AKIAIOSFODNN7EXAMPLE",
    "sk-live-1234567890abcdef",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "password=hunter2",
    "token: abc.def",
    "-----BEGIN PRIVATE KEY-----\nMIIBVg\n-----END PRIVATE KEY-----",
]
PEOPLE = [
    "ann@example.com",
    "ann.smith+games@sub.example.co.jp",
    "あん@例え.jp",
    "203.0.113.7",
    "203.0.113.7:443",
    "2001:db8::1",
    "fe80::1ff:fe23:4567:890a%eth0",
    "::ffff:203.0.113.7",
    "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15",
    "Opera/9.80 (Windows NT 6.1; U; es-ES) Presto/2.9",
    "curl/8.5.0",
]
IDS = [
    "0190f3c2-7d1e-7aaa-8bbb-0123456789ab",
    "V1StGXR8_Z5jdHi6B-myTx",
    "+81 90-1234-5678",
    "1795262400000",
]
ROUND = ["", " ", "(", "<", "=", "'", '"', ", ", "x ", "user "]


@pytest.mark.parametrize("told", [*SECRETS, *PEOPLE, *IDS])
def test_each_form_is_found_wherever_it_is(told: str) -> None:
    for before in ROUND:
        for after in ("", " failed", ")", ">", "'", '"', ",", "\nmore"):
            assert told not in forms(f"error: {before}{told}{after}"), (before, after)


@pytest.mark.parametrize("told", [*SECRETS, *PEOPLE])
def test_contacts_leaves_ids_and_nothing_else_of_these(told: str) -> None:
    assert told not in contacts(f"error {told} here")
    assert contacts(IDS[0]) == IDS[0]


def test_paths_and_addresses_of_users_lose_the_user() -> None:
    assert forms("/home/ann/x.py /Users/bob/y C:\\Users\\eve\\z") == (
        "/home/[name]/x.py /Users/[name]/y C:\\Users\\[name]\\z"
    )
    assert forms("https://ann:pw@host/a?mail=x&n=1 gone") == "https://[name]@host/a?[query] gone"
    assert forms("GET /api/scores/snake/all/V1StGXR8_Z5jdHi6B-myTx").endswith("/all/[id]")


def test_what_says_where_it_failed_stays() -> None:
    for text in (
        "/var/task/lambdas/scores/put_score.py",
        "An error occurred (ConditionalCheckFailedException) when calling the PutItem operation",
        "handler:85, version 1.2.3, 12:30:05, 3.5 s, row 17, 200 of 340",
        "DynamoDB table htmlgame-scores-ScoreTable in us-east-1",
    ):
        assert values(text) == text


def test_quoted_values_are_left_out_and_names_in_code_are_not() -> None:
    assert values("no player 'Ann Smith' on \"board\"") == "no player [text] on [text]"
    assert values("KeyError: 'ann'") == "KeyError: [text]"
    assert values("'杏' は「あん」です") == "[text] は[text]です"
    assert values("it isn't Ann's fault") == "it isn't Ann's fault"
    error = "AttributeError: 'NoneType' object has no attribute 'score'"
    assert values(error) == error


TRACE = """Traceback (most recent call last):
  File "/var/task/lambdas/scores/put_score.py", line 7, in _put
    table.put(entry["score"])
    ~~~~~^^^^^
  File "/home/ann/lib/x.py", line 9, in <module>
    raise ValueError(f"no {name!r}")
ValueError: no 'Ann Smith' at 203.0.113.7
    and 'Bob'"""


def test_frames_stay_and_the_message_of_a_stack_is_scrubbed() -> None:
    said = stack(TRACE)
    assert '  File "/var/task/lambdas/scores/put_score.py", line 7, in _put' in said
    assert 'table.put(entry["score"])' in said
    assert 'File "/home/[name]/lib/x.py"' in said
    for told in ("Ann", "203.0.113.7", "Bob"):
        assert told not in said


def test_a_message_that_looks_like_a_frame_hides_no_more_than_a_line_of_code() -> None:
    said = stack("ValueError: x\n  File \"a\", line 1, in b\n    ann@example.com\n    'Ann'")
    assert "ann@" not in said
    assert "Ann" not in said


def test_fields_of_others_lose_their_texts() -> None:
    found = fields(
        {
            "service": "put-score",
            "said": "no 'Ann'",
            "owner": "ann",
            "count": 3,
            "ok": True,
            "deep": {"userName": 5, "n": 1, "list": ["Ann", 2]},
            "ann@example.com": 1,
        },
        ours=frozenset({"service", "said"}),
    )
    assert found == {
        "service": "put-score",
        "said": "no [text]",
        "owner": "[text]",
        "count": 3,
        "ok": True,
        "deep": {"userName": "[text]", "n": 1, "list": ["[text]", 2]},
        "[email]": 1,
    }


LOCAL = st.from_regex(r"[a-z][a-z0-9._+-]{0,20}[a-z0-9]", fullmatch=True)
HOST = st.from_regex(r"[a-z][a-z0-9-]{0,10}[a-z0-9]\.(com|co\.jp|example)", fullmatch=True)
AROUND = st.text(st.sampled_from(" ,;()<>[]'\"=\nerror"), max_size=12)


@given(LOCAL, HOST, AROUND, AROUND)
def test_no_mail_address_gets_through(local: str, host: str, before: str, after: str) -> None:
    assert f"{local}@{host}" not in values(f"{before} {local}@{host} {after}")


@given(st.ip_addresses(), AROUND, AROUND)
def test_no_address_gets_through(address: object, before: str, after: str) -> None:
    said = values(f"{before} {address} {after}")
    assert not re.search(rf"(?<![\w.:]){re.escape(str(address))}(?![\w.:])", said)


NAME = st.text(
    st.characters(exclude_characters="'\"`\\\n", exclude_categories=["C", "Z"]), min_size=4
)


@given(NAME)
def test_nothing_quoted_gets_through(name: str) -> None:
    for said in (f"no player '{name}'!", f'no "{name}"', f"['{name}', 1]", f"{{'x': \"{name}\"}}"):
        assert name not in values(said).replace("[text]", "").replace("player", "")


@given(st.text(max_size=300))
def test_any_text_can_be_scrubbed_and_stays_short(text: str) -> None:
    assert len(stack(text)) <= 6 * len(text) + 16


BEGINNINGS = ("a", "a.", "1.", ":", "'", "\\", "1:", "a@", "a@a.", "/home/", "Bearer ", "1 ", "1a")
HARD = (*BEGINNINGS, "-----BEGIN A-----", "Mozilla/", "x/1 (", "?a", "token=", "://a", "'a")


@pytest.mark.parametrize("text", [each * (20_000 // len(each)) for each in HARD], ids=HARD)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    stack(text)
    fields({"x": text, text: 1}, ours=frozenset({"x"}))
    assert time.process_time() - started < 2
