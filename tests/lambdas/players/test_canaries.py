"""Keys, tokens, codes, secrets and texts appear in no log and no refusal."""

from typing import Any

import pytest

from lambdas.shared.values.uuids import uuid7
from tests.lambdas.players.stage import (
    ANNS_KEY,
    BOBS_KEY,
    HASH_KEY,
    PLAYER_SECRET,
    SIGNING_SECRET,
    Stage,
    now_s,
)
from tests.lambdas.players.twins import X_SECRET, X_TOKEN, Signer

TEXT = "canary-text-of-a-message"
REPLY = "canary-text-of-a-reply"
NAME = "canary-name"
BROWSERS_KEY = "canary-key-of-a-browser"
CODE = "canary-code"
VERIFIER = "canary-verifier".ljust(43, "v")
WALLET = "0xCANARY"


def fails_with(_event: Any) -> Any:
    raise ConnectionError


def everything_that_happens(stage: Stage) -> tuple[list[str], list[Any]]:
    """Each route, done well and done badly; the secrets that were in play, and the refusals."""
    refused: list[Any] = []
    [signer] = stage.twins.published
    wallets = f'[{{"type":"wallet","address":"{WALLET}"}}]'
    privy = signer.token(now_s(), linked_accounts=wallets, sub="did:privy:canary")
    forged = Signer().token(now_s(), linked_accounts=wallets)
    stage.twins.codes[CODE] = {"id": "42", "name": NAME, "username": NAME}
    x = {"provider": "x", "code": CODE, "codeVerifier": VERIFIER}

    signed_in = stage.sign_in().body
    token, derived = signed_in["token"], signed_in["player"]["key"]
    refused.append(stage.sign_in(provider="key", playerKey=derived))
    refused.append(stage.sign_in(provider="key", playerKey=f"{BOBS_KEY}!"))
    refused += [stage.sign_in(provider="privy", token=each) for each in (forged, privy + "x")]
    stage.twins.statuses["/2/users/me"] = 500
    refused.append(stage.sign_in(**x))
    stage.twins.statuses.clear()
    stage.call("sign_in", "POST /players/me/identities", x, token=token)
    refused.append(stage.sign_in(**x))
    older = {"provider": "privy", "token": privy}
    stage.sign_in(**older)
    refused.append(stage.call("sign_in", "POST /players/me/identities", older, token=token))
    stage.me("PUT /players/me", token, {"displayName": NAME})
    refused.append(stage.me("PUT /players/me", token, {"displayName": NAME * 9}))

    session, message_id = stage.session(token), uuid7(now_s() * 1000)
    stage.twins.lines.append({"reply": REPLY, "score": 50, "emotion": "happy"})
    stage.say(session, TEXT, token, id=message_id)
    refused.append(stage.say(session, f"{TEXT}!!", token, id=message_id))
    refused.append(stage.say(session, TEXT * 30, token))
    refused.append(stage.say(session, TEXT, token, locale=TEXT[:19]))
    stage.twins.statuses["/model"] = 400
    refused.append(stage.say(session, TEXT, token))
    stage.twins.statuses["/model"] = 503
    refused.append(stage.say(session, TEXT, token))
    stage.twins.statuses.clear()
    stage.twins.lines.append({"reply": None, "score": REPLY, "emotion": REPLY})
    refused.append(stage.say(session, TEXT, token))
    refused.append(stage.me("GET /players/me", f"{token}x"))
    merged = stage.call("sign_in", "POST /players/me/merge", older, token=token).body
    token = merged["token"]
    stage.me("GET /players/me/export", token)
    stage.rank()
    shown = {"playerKeys": [{"projectId": uuid7(1), "playerKey": BROWSERS_KEY}]}
    refused.append(stage.me("DELETE /players/me", token, {"playerKeys": [BROWSERS_KEY]}))
    stage.me("POST /players/me/export", token, shown)
    stage.module("me").invoke = fails_with
    refused.append(stage.me("DELETE /players/me", token, shown))
    stage.module("me").invoke = stage.persons
    stage.me("DELETE /players/me", token, shown)
    refused.append(stage.me("GET /players/me", token))
    tokens = [signed_in["token"], token, privy, forged]
    return [*tokens, derived, merged["player"]["key"]], refused


def test_no_secret_and_no_text_is_logged_or_answered(
    stage: Stage, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    secrets, refused = everything_that_happens(stage)
    secrets += [ANNS_KEY, BOBS_KEY, PLAYER_SECRET, SIGNING_SECRET, X_SECRET, X_TOKEN]
    secrets += [TEXT, REPLY, CODE, VERIFIER, WALLET, HASH_KEY, BROWSERS_KEY]
    captured = capsys.readouterr()
    logged = captured.out + captured.err + caplog.text
    assert logged.count('"service":"players-') > 20
    assert "unknown failure" in logged, "a failure with its stack is among what is searched"
    for secret in secrets:
        assert secret not in logged
    assert NAME not in logged
    for reply in refused:
        assert reply.status >= 400, reply
        told = str(reply.body)
        for secret in {*secrets} - {TEXT[:19]}:
            assert secret not in told


def test_no_stored_item_holds_a_key_or_a_token(stage: Stage) -> None:
    signed_in = stage.sign_in().body
    stage.session(signed_in["token"])
    shown = {"playerKeys": [{"projectId": uuid7(1), "playerKey": BROWSERS_KEY}]}
    other = stage.sign_in(provider="key", playerKey=BOBS_KEY).body
    stage.me("DELETE /players/me", other["token"], shown)
    stored = str(stage.items())
    for secret in (ANNS_KEY, BROWSERS_KEY, signed_in["token"], signed_in["player"]["key"]):
        assert secret not in stored
