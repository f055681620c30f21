"""Secrets appear in no record."""

import pytest

from cf_functions.harness import Store
from local.edge.messages import Request
from local.edge.redaction import HIDDEN, Redactor, secrets_in, secrets_of, secrets_of_origin

CANARY = "canary-0123456789"


@pytest.mark.parametrize(
    "header",
    [
        "authorization",
        "x-user-key",
        "x-sig",
        "x-token-start",
        "x-token-end",
        "x-origin-verify",
        "x-api-key",
        "x-session",
        "x-amz-security-token",
    ],
)
def test_headers_that_hold_secrets_are_known_by_their_names(header: str) -> None:
    assert CANARY in set(secrets_of(Request("GET", "/", headers=((header, CANARY),))))


def test_of_a_scheme_and_a_credential_the_credential_is_a_secret_by_itself() -> None:
    request = Request("GET", "/", headers=(("authorization", f"Bearer {CANARY}"),))
    assert Redactor(secrets_of(request)).text(f"not {CANARY}") == f"not {HIDDEN}"


def test_every_cookie_and_a_token_in_the_query_is_a_secret() -> None:
    cookies = (("cookie", f"a={CANARY}1"), ("cookie", f"b=1; c={CANARY}2"))
    request = Request("GET", "/", f"Token={CANARY}3&limit=1234567890", cookies)
    assert {f"{CANARY}{n}" for n in (1, 2, 3)} <= set(secrets_of(request))
    assert "1234567890" not in set(secrets_of(request))


def test_of_a_store_only_games_and_bans_are_no_secret() -> None:
    values = {"k_current": f"kid:{CANARY}", "mine": "my-own-secret"}
    public = {"cfgthr#g:snake": "an entry", "ban#ann": "a reason"}
    secrets = set(secrets_in(Store(values | public)))
    assert {CANARY, "my-own-secret"} <= secrets
    assert not {"an entry", "a reason"} & secrets


def test_the_header_for_an_origin_is_a_secret() -> None:
    headers = {"Items": [{"HeaderName": "X-Origin-Verify", "HeaderValue": CANARY}]}
    assert list(secrets_of_origin({"CustomHeaders": headers})) == [CANARY]


def test_a_secret_within_another_leaves_nothing_of_either() -> None:
    redactor = Redactor([CANARY, f"{CANARY}-and-more"])
    assert redactor.text(f"<{CANARY}-and-more> <{CANARY}>") == f"<{HIDDEN}> <{HIDDEN}>"


def test_a_text_that_looks_like_a_token_is_hidden_everywhere() -> None:
    token = f"{'p' * 60}.{'m' * 43}"
    jwt = f"{'h' * 36}.{'p' * 60}.{'s' * 43}"
    assert Redactor([]).text(f"got {token} and {jwt}") == f"got {HIDDEN} and {HIDDEN}"


def test_names_of_hosts_and_players_are_no_tokens() -> None:
    said = "d111111abcdef8.cloudfront.net /api/scores/snake/all/abcdefghijklmnopqrstuv a.b.c"
    assert Redactor(["short"]).text(said) == said


def test_a_whole_document_is_searched_names_and_all() -> None:
    told = {"a": [CANARY, {"b": (f"x{CANARY}", 1, None, True)}], CANARY: 1.5}
    assert Redactor([CANARY]).all(told) == {
        "a": [HIDDEN, {"b": [f"x{HIDDEN}", 1, None, True]}],
        HIDDEN: 1.5,
    }
