"""The stand-ins for Privy, X and the model refuse what the originals refuse, and foreign pages."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from local.twins.players import Twins
from local.twins.players.model import ASLEEP
from local.twins.players.x import SECRET, user_id

VERIFIER: Final = "v" * 43
CHALLENGE: Final = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()
REDIRECT: Final = "http://localhost:8000/characters.html"
ASKED: Final = {
    "response_type": "code",
    "client_id": "local",
    "redirect_uri": REDIRECT,
    "scope": "users.read tweet.read",
    "state": "s&1",
    "code_challenge": CHALLENGE.rstrip("="),
    "code_challenge_method": "S256",
}


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    twins = Twins(tmp_path / "privy.pem")
    twins.start()
    yield twins
    twins.stop()


def ask(twins: Twins, method: str, path: str, **more: Any) -> urllib3.BaseHTTPResponse:
    pool = urllib3.PoolManager(retries=False)
    return pool.request(method, f"{twins.url}{path}", redirect=False, **more)


def posted(
    twins: Twins, path: str, form: dict[str, str], **headers: str
) -> urllib3.BaseHTTPResponse:
    return ask(twins, "POST", path, fields=form, encode_multipart=False, headers=headers)


def authorized(twins: Twins, **more: str) -> urllib3.BaseHTTPResponse:
    form = ASKED | {"handle": "@Ann"} | more
    return posted(twins, "/i/oauth2/authorize", form, Origin=twins.url)


def code_of(answer: urllib3.BaseHTTPResponse) -> str:
    assert answer.status == 303
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["s&1"]
    return query["code"][0]


def exchanged(twins: Twins, code: str, secret: str = SECRET, **more: str) -> Any:
    basic = base64.b64encode(f"local:{secret}".encode()).decode()
    form = {"code": code, "code_verifier": VERIFIER, "redirect_uri": REDIRECT} | more
    answer = posted(twins, "/2/oauth2/token", form, Authorization=f"Basic {basic}")
    return answer.status, json.loads(answer.data)


def test_a_code_leads_to_the_user_once(twins: Twins) -> None:
    code = code_of(authorized(twins))
    status, granted = exchanged(twins, code)
    assert status == 200
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    who = json.loads(ask(twins, "GET", "/2/users/me", headers=bearer).data)
    assert who["data"] == {"id": user_id("ann"), "name": "Ann", "username": "Ann"}
    assert exchanged(twins, code) == (400, {"error": "invalid_grant", "error_description": _GONE})


_GONE: Final = "Value passed for the authorization code was invalid."


@pytest.mark.parametrize(
    ("secret", "more", "status", "error"),
    [
        ("guessed", {}, 401, "unauthorized_client"),
        (SECRET, {"code_verifier": "w" * 43}, 400, "invalid_request"),
        (SECRET, {"redirect_uri": "http://localhost:8000/other.html"}, 400, "invalid_request"),
    ],
)
def test_an_exchange_needs_the_secret_the_verifier_and_the_page(
    twins: Twins, secret: str, more: dict[str, str], status: int, error: str
) -> None:
    found, said = exchanged(twins, code_of(authorized(twins)), secret, **more)
    assert (found, said["error"]) == (status, error)


def test_the_page_keeps_the_request_and_escapes_it(twins: Twins) -> None:
    evil = ASKED | {"state": '"><script>'}
    page = ask(twins, "GET", "/i/oauth2/authorize", fields=evil).data.decode()
    assert "<script>" not in page
    assert re.search(r'name="code_challenge" value="[\w-]{43}"', page)


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "another"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"scope": "tweet.read"},
    ],
)
def test_a_request_that_x_refuses_gets_no_code(twins: Twins, change: dict[str, str]) -> None:
    assert authorized(twins, **change).status == 400


def test_a_foreign_page_signs_nobody_in(twins: Twins) -> None:
    form = ASKED | {"handle": "ann"}
    foreign = posted(twins, "/i/oauth2/authorize", form, Origin="https://evil.example")
    assert foreign.status == 403
    rebound = ask(twins, "GET", "/jwks.json", headers={"Host": "evil.example"})
    assert rebound.status == 403
    away = posted(twins, "/privy/sign-in", {"redirect": "https://evil.example/"}, Origin=twins.url)
    assert away.status == 400


def test_the_model_answers_by_the_forced_tool_and_the_same_for_the_same(twins: Twins) -> None:
    def said(text: str) -> Any:
        request = {
            "messages": [{"role": "user", "content": [{"text": text}]}],
            "system": [{"text": "always the tool"}],
            "toolConfig": {
                "tools": [
                    {
                        "toolSpec": {
                            "name": "answer",
                            "inputSchema": {
                                "json": {"properties": {"emotion": {"enum": ["calm", "happy"]}}}
                            },
                        }
                    }
                ]
            },
        }
        return ask(twins, "POST", "/model/local/converse", body=json.dumps(request))

    first, again = said("hello"), said("hello")
    assert first.data == again.data
    [content] = json.loads(first.data)["output"]["message"]["content"]
    assert content["toolUse"]["input"]["emotion"] in {"calm", "happy"}
    assert said(ASLEEP).status == 408
