"""The local issuer: the same creator each time, and no access for foreign pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import urllib3

from config.settings import LOCAL_ISSUER
from local.issuer import AUDIENCE, Issuer

ANN = {"email": "Ann@example.org", "password": "anything"}
KEYS = "/.well-known/jwks.json"


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    issuer = Issuer(tmp_path / "issuer.pem")
    issuer.start()
    yield issuer
    issuer.stop()


def ask(
    issuer: Issuer, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> urllib3.BaseHTTPResponse:
    with urllib3.PoolManager(retries=False) as pool:
        return pool.request(method, f"{issuer.url}{path}", json=body, headers=headers or {})


def sign_in(issuer: Issuer, body: Any = ANN, grant: str = "password") -> Any:
    return ask(issuer, "POST", f"/token?grant_type={grant}", body).json()


def test_any_address_signs_in_and_is_the_same_creator_each_time(issuer: Issuer) -> None:
    first, again = sign_in(issuer), sign_in(issuer, ANN | {"email": " ann@EXAMPLE.org "})
    assert first["user"] == again["user"]
    assert first["user"]["email"] == "ann@example.org"
    assert first["expires_in"] == 3600
    assert sign_in(issuer, ANN | {"email": "bob@example.org"})["user"] != first["user"]


def test_its_tokens_hold_against_what_it_publishes(issuer: Issuer) -> None:
    session = sign_in(issuer)
    [key] = ask(issuer, "GET", KEYS).json()["keys"]
    token = session["access_token"]
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    claims = jwt.decode(
        token, jwt.PyJWK(key), algorithms=["RS256"], audience=AUDIENCE, issuer=LOCAL_ISSUER
    )
    assert claims["sub"] == session["user"]["id"]
    assert "d" not in key
    found = ask(issuer, "GET", "/.well-known/openid-configuration").json()
    assert found == {"issuer": LOCAL_ISSUER, "jwks_uri": LOCAL_ISSUER + KEYS}


def test_a_session_is_renewed_and_a_token_is_no_means_to_renew_it(issuer: Issuer) -> None:
    session = sign_in(issuer)
    renewed = sign_in(issuer, {"refresh_token": session["refresh_token"]}, "refresh_token")
    assert renewed["user"] == session["user"]
    refused = sign_in(issuer, {"refresh_token": session["access_token"]}, "refresh_token")
    assert refused["error_code"] == "refresh_token_not_found"


def test_its_key_survives_a_restart_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "issuer.pem"
    assert Issuer(file).keys.public == Issuer(file).keys.public
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("body", [{}, {"email": "ann"}, {"email": 1}, {"email": "@" * 300}, [], 1])
def test_a_value_that_is_not_an_address_is_refused(issuer: Issuer, body: Any) -> None:
    reply = ask(issuer, "POST", "/token?grant_type=password", body)
    assert reply.status == 400
    assert "access_token" not in reply.json()


@pytest.mark.parametrize("path", ["/token?grant_type=magic", "/token"])
def test_other_grants_are_refused(issuer: Issuer, path: str) -> None:
    assert ask(issuer, "POST", path, ANN).status == 400


def test_only_pages_of_this_machine_may_read_its_answers(issuer: Issuer) -> None:
    path = "/token?grant_type=password"
    for origin, allowed in (
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://elsewhere.example", None),
        ("http://localhost.elsewhere.example", None),
        ("null", None),
    ):
        for method in ("OPTIONS", "POST"):
            reply = ask(issuer, method, path, ANN, {"Origin": origin})
            assert reply.headers.get("Access-Control-Allow-Origin") == allowed


def test_a_name_pointed_at_this_machine_gets_no_token(issuer: Issuer) -> None:
    host = {"Host": f"elsewhere.example:{issuer.port}"}
    reply = ask(issuer, "POST", "/token?grant_type=password", ANN, host)
    assert reply.status == 421
