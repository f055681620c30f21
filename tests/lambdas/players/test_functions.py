"""Players' functions from the request to the answer."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from lambdas.players.answers import cursor
from lambdas.players.errors import UnknownUser
from lambdas.players.player_keys import player_id
from lambdas.players.points import recount
from lambdas.shared.values.uuids import uuid7
from tests.lambdas.players.stage import ANNS_KEY, BOBS_KEY, Stage, now_s
from tests.lambdas.players.twins import CLIENT, REDIRECT, X_SECRET

VERIFIER = "v" * 43


def token_of(stage: Stage, **body: Any) -> str:
    reply = stage.sign_in(**body)
    assert reply.status == 200, reply.body
    return str(reply.body["token"])


def x_code(stage: Stage, code: str = "abc", user: str = "42", name: str = "Ann") -> dict[str, str]:
    stage.twins.codes[code] = {"id": user, "name": name, "username": name.lower()}
    return {"provider": "x", "code": code, "codeVerifier": VERIFIER}


def test_a_new_key_makes_an_account_and_the_same_key_finds_it(stage: Stage) -> None:
    first, second = stage.sign_in(), stage.sign_in()
    assert first.body["created"] is True
    assert second.body["created"] is False
    assert first.body["userId"] == second.body["userId"]
    assert first.body["player"] == second.body["player"]
    assert player_id(first.body["player"]["key"]) == first.body["player"]["id"]


def test_the_key_for_scores_signs_nobody_in(stage: Stage) -> None:
    key = stage.sign_in().body["player"]["key"]
    assert stage.sign_in(provider="key", playerKey=key).code == (401, "derived_key")


def test_x_exchanges_the_code_on_the_server(stage: Stage) -> None:
    reply = stage.sign_in(**x_code(stage))
    assert reply.status == 200
    [sent] = stage.twins.exchanged
    assert sent["code_verifier"] == [VERIFIER]
    assert (sent["client_id"], sent["redirect_uri"]) == ([CLIENT], [REDIRECT])
    assert X_SECRET not in str(sent)
    me = stage.me("GET /players/me", reply.body["token"]).body
    assert me["displayName"] == "Ann"
    assert me["identities"] == [{"provider": "x", "subject": "42"}]


def test_a_code_is_good_once(stage: Stage) -> None:
    body = x_code(stage)
    assert stage.sign_in(**body).status == 200
    assert stage.sign_in(**body).code == (401, "proof_refused")


@pytest.mark.parametrize("path", ["/2/oauth2/token", "/2/users/me"])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_x_that_is_down_is_no_refusal(stage: Stage, path: str, status: int) -> None:
    stage.twins.statuses[path] = status
    reply = stage.sign_in(**x_code(stage))
    assert reply.code == (503, "provider_unavailable")
    assert reply.headers["retry-after"] == "5"


def test_privy_gives_the_wallet_from_the_identity_token_alone(stage: Stage) -> None:
    [signer] = stage.twins.published
    accounts = '[{"type":"email"},{"type":"wallet","address":"0xA11CE","chain_type":"ethereum"}]'
    access = signer.token(now_s())
    identity = signer.token(now_s(), linked_accounts=accounts)
    token = token_of(stage, provider="privy", token=access)
    assert stage.me("GET /players/me", token).body["walletAddress"] is None
    token = token_of(stage, provider="privy", token=access, identityToken=identity)
    assert stage.me("GET /players/me", token).body["walletAddress"] == "0xA11CE"


def test_an_identity_token_of_someone_else_is_refused(stage: Stage) -> None:
    [signer] = stage.twins.published
    body = {
        "token": signer.token(now_s()),
        "identityToken": signer.token(now_s(), sub="did:privy:bob"),
    }
    assert stage.sign_in(provider="privy", **body).code == (401, "proof_malformed")


def test_a_second_device_finds_the_account_by_what_was_linked(stage: Stage) -> None:
    one = stage.sign_in().body
    linking = stage.call(
        "sign_in", "POST /players/me/identities", x_code(stage), token=one["token"]
    )
    assert linking.body == {"ok": True}
    two = stage.sign_in(**x_code(stage, "another")).body
    assert (two["userId"], two["player"]) == (one["userId"], one["player"])


def test_an_identity_of_another_account_is_taken_until_both_are_merged(stage: Stage) -> None:
    older, younger = token_of(stage), stage.sign_in(**x_code(stage)).body["token"]
    link = ("sign_in", "POST /players/me/identities")
    assert stage.call(*link, x_code(stage, "2"), token=older).code == (409, "identity_taken")
    merged = stage.call("sign_in", "POST /players/me/merge", x_code(stage, "3"), token=older)
    assert merged.status == 200
    assert stage.me("GET /players/me", younger).code == (401, "token_revoked")
    me = stage.me("GET /players/me", merged.body["token"]).body
    assert [each["provider"] for each in me["identities"]] == ["key", "x"]
    again = stage.call("sign_in", "POST /players/me/merge", x_code(stage, "4"), token=older)
    assert again.body["userId"] == merged.body["userId"]


def test_the_last_identity_stays(stage: Stage) -> None:
    token = token_of(stage)
    unlink = ("DELETE /players/me/identities/{provider}", token)
    key = {"provider": "key"}
    assert stage.me(*unlink, path=key).code == (409, "last_identity")
    stage.call("sign_in", "POST /players/me/identities", x_code(stage), token=token)
    assert stage.me(*unlink, path=key).body == {"ok": True}
    assert stage.me(*unlink, path=key).code == (404, "unknown_identity")
    assert stage.sign_in().body["created"] is True


def test_a_token_is_renewed_and_revoked(stage: Stage) -> None:
    token = token_of(stage)
    renewed = stage.me("POST /players/renew", token).body
    assert stage.me("GET /players/me", renewed["token"]).status == 200
    assert stage.me("DELETE /players/me/tokens", token).body == {"ok": True}
    for each in (token, renewed["token"]):
        assert stage.me("GET /players/me", each).code == (401, "token_revoked")
        assert stage.me("POST /players/renew", each).code == (401, "token_revoked")


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "no_token"),
        ("", "bad_token"),
        ("abc", "bad_token"),
        ("a.b.c", "bad_token"),
        ("\x00", "bad_token"),
        ("é", "bad_token"),
        ("A" * 10_000, "bad_token"),
    ],
)
def test_a_request_without_our_token_is_refused(stage: Stage, token: str | None, code: str) -> None:
    assert stage.me("GET /players/me", token).code == (401, code)
    assert stage.me("POST /players/renew", token).code == (401, code)


def test_the_body_of_the_first_version_is_accepted_and_answered(stage: Stage) -> None:
    begun = stage.call("chat", "POST /chat/session", '{"characterType":"miko","username":"アン"}')
    session = begun.body["sessionId"]
    assert begun.body == {"sessionId": session}
    body = f'{{"sessionId":"{session}","message":"こんにちは","locale":"ja"}}'
    answer = stage.call("chat", "POST /chat", body).body
    assert answer["reply"] == "answer 1"
    assert answer["score"] == 7
    assert answer["emotion"] == "happy"
    assert answer["isGameOver"] is False
    assert answer["stats"] == {"totalPoints": 7, "intimacyLevel": 1}


def test_a_guest_keeps_everything_when_they_sign_up(stage: Stage) -> None:
    session = stage.session()
    stage.say(session, "hello")
    token = token_of(stage)
    proof = {"provider": "guest", "sessionId": session}
    merged = stage.call("sign_in", "POST /players/me/merge", proof, token=token).body
    assert stage.say(session, "me again").code == (401, "no_token")
    assert stage.sign_in(**proof).code == (401, "unknown_guest")
    assert stage.say(session, "me again", merged["token"]).status == 200
    kept = stage.call(
        "chat",
        "GET /chat/{sessionId}/messages",
        token=merged["token"],
        path={"sessionId": session},
    ).body["messages"]
    assert [each["content"] for each in kept] == ["answer 2", "me again", "answer 1", "hello"]
    stats = stage.me("GET /players/me", merged["token"]).body["stats"]
    assert stats["totalPoints"] == 14


def test_a_guest_who_links_an_identity_needs_their_token_from_then_on(stage: Stage) -> None:
    session = stage.session()
    stage.say(session, "hello")
    proof = {"provider": "guest", "sessionId": session}
    token = token_of(stage, **proof)
    link = stage.call("sign_in", "POST /players/me/identities", x_code(stage), token=token)
    assert link.body == {"ok": True}
    assert stage.say(session, "still me").code == (401, "no_token")
    history = ("chat", "GET /chat/{sessionId}/messages")
    assert stage.call(*history, path={"sessionId": session}).code == (401, "no_token")
    assert stage.sign_in(**proof).code == (401, "unknown_guest")
    assert stage.say(session, "still me", token).body["stats"]["totalPoints"] == 14


def test_someone_elses_session_is_unknown(stage: Stage) -> None:
    session = stage.session(token_of(stage))
    bob = token_of(stage, provider="key", playerKey=BOBS_KEY)
    assert stage.say(session, "hello", bob).code == (404, "unknown_session")
    assert stage.say(session, "hello").code == (401, "no_token")
    read = {"path": {"sessionId": session}}
    history = "GET /chat/{sessionId}/messages"
    assert stage.call("chat", history, token=bob, **read).code == (404, "unknown_session")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"message": "x" * 501}, "message"),
        ({"message": ""}, "message"),
        ({"message": " \u200b\u3164\u202e "}, "message"),
        ({"message": None}, "message"),
        ({"message": 5}, "message"),
        ({"locale": "tlh"}, "locale"),
        ({"sessionId": "mine"}, "sessionId"),
        ({"id": "1"}, "id"),
        ({"id": "11111111-2222-4333-8444-555555555555"}, "id"),
        ({"id": uuid7(1_000)}, "id"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_bad_message_is_refused_with_its_field(
    stage: Stage, change: dict[str, Any], field: str
) -> None:
    reply = stage.say(stage.session(), "hello", **change)
    assert reply.code == (400, "malformed")
    assert field in reply.body["error"]["message"]
    assert not stage.twins.asked


def test_the_same_id_is_answered_once(stage: Stage) -> None:
    session, message_id = stage.session(), uuid7(now_s() * 1000)
    first = stage.say(session, "hello", id=message_id)
    assert stage.say(session, "hello", id=message_id).body == first.body
    assert len(stage.twins.asked) == 1
    assert stage.say(session, "other", id=message_id).code == (409, "message_already_sent")


def test_history_comes_page_by_page(stage: Stage) -> None:
    session = stage.session()
    for number in range(5):
        stage.say(session, f"message {number}")
    seen: list[str] = []
    query: dict[str, str] = {"limit": "3"}
    while True:
        page = stage.call(
            "chat",
            "GET /chat/{sessionId}/messages",
            path={"sessionId": session},
            query=query,
        ).body
        seen += [each["content"] for each in page["messages"]]
        if page["cursor"] is None:
            break
        query["cursor"] = page["cursor"]
    assert len(seen) == 10
    assert seen[-1] == "message 0"


def test_points_come_with_the_ledgers_of_merged_accounts(stage: Stage) -> None:
    session = stage.session()
    stage.say(session, "hello")
    token = token_of(stage)
    proof = {"provider": "guest", "sessionId": session}
    token = stage.call("sign_in", "POST /players/me/merge", proof, token=token).body["token"]
    reasons: list[str] = []
    query: dict[str, str] = {"limit": "1"}
    while True:
        page = stage.me("GET /players/me/points", token, query=query).body
        reasons += [each["reason"] for each in page["events"]]
        if page["cursor"] is None:
            break
        query["cursor"] = page["cursor"]
    assert sorted(reasons) == ["chat", "merge", "merge"]
    user = stage.me("GET /players/me", token).body["userId"]
    assert recount(stage.table.ledger(user)) == 7


def test_a_name_is_cleaned_changed_and_removed(stage: Stage) -> None:
    token = token_of(stage)
    me = stage.me("PUT /players/me", token, {"displayName": " Ａｎｎ\u202e\u200b "})
    assert me.body["displayName"] == "Ann"
    assert stage.me("PUT /players/me", token, {"displayName": "x" * 25}).code == (400, "malformed")
    assert stage.me("PUT /players/me", token, {"walletAddress": "0x0"}).code == (400, "malformed")
    assert stage.me("PUT /players/me", token, {"displayName": None}).body["displayName"] is None


def test_a_closed_board_is_rewarded_once(stage: Stage) -> None:
    signed_in = stage.sign_in().body
    row = {"userId": player_id(ANNS_KEY), "rank": 2}
    stage.twins.boards["snake/2025-01"] = {"period": "2025-01", "items": [row]}
    claim = ("POST /players/me/claim", signed_in["token"], {"game": "snake", "period": "2025-01"})
    first = stage.me(*claim).body
    assert (first["points"], first["rank"], first["again"]) == (30, 2, False)
    again = stage.me(*claim).body
    assert (again["points"], again["again"]) == (30, True)
    assert again["stats"] == first["stats"] == {"totalPoints": 30, "intimacyLevel": 2}


def test_a_row_is_rewarded_once_whoever_holds_its_key(stage: Stage) -> None:
    ann = token_of(stage)
    row = {"userId": player_id(ANNS_KEY), "rank": 1}
    stage.twins.boards["snake/2025-01"] = {"period": "2025-01", "items": [row]}
    claim = {"game": "snake", "period": "2025-01"}
    assert stage.me("POST /players/me/claim", ann, claim).body["points"] == 100
    stage.call("sign_in", "POST /players/me/identities", x_code(stage), token=ann)
    stage.me("DELETE /players/me/identities/{provider}", ann, path={"provider": "key"})
    another = token_of(stage)
    assert stage.me("POST /players/me/claim", another, claim).code == (404, "no_reward")


@pytest.mark.parametrize(
    ("board", "code"),
    [
        ({"game": "snake", "period": "2025-01"}, (404, "unknown_board")),
        ({"game": "snake", "period": "2999-01"}, (409, "board_open")),
        ({"game": "snake", "period": "2025-13"}, (404, "unknown_board")),
        ({"game": "snake", "period": "monthly"}, (400, "malformed")),
        ({"game": "snake", "period": "all"}, (400, "malformed")),
        ({"game": "../x", "period": "2025-01"}, (400, "malformed")),
        ({}, (400, "malformed")),
    ],
)
def test_a_board_that_is_not_closed_gives_nothing(
    stage: Stage, board: dict[str, str], code: tuple[int, str]
) -> None:
    assert stage.me("POST /players/me/claim", token_of(stage), board).code == code


def test_boards_that_cannot_be_read_are_no_lost_reward(stage: Stage) -> None:
    stage.twins.statuses["/api/ranking"] = 500
    reply = stage.me(
        "POST /players/me/claim", token_of(stage), {"game": "snake", "period": "2025-01"}
    )
    assert reply.code == (503, "boards_unavailable")


def test_a_character_that_is_silent_can_be_asked_again(stage: Stage) -> None:
    session, message_id = stage.session(), uuid7(now_s() * 1000)
    stage.twins.statuses["/model"] = 503
    assert stage.say(session, "hello", id=message_id).code == (503, "character_silent")
    stage.twins.statuses.clear()
    assert stage.say(session, "hello", id=message_id).status == 200


@pytest.mark.parametrize(
    "line",
    [{}, {"reply": ""}, {"reply": "\u200b"}, {"reply": 5}, {"score": 100}, {"reply": None}],
)
def test_a_model_that_says_nothing_was_silent(stage: Stage, line: dict[str, Any]) -> None:
    stage.twins.lines.append(line)
    assert stage.say(stage.session(), "hello").code == (503, "character_silent")


def test_what_a_model_invents_is_bounded(stage: Stage) -> None:
    session = stage.session()
    stage.twins.lines += [
        {"reply": "x" * 5_000, "score": 10**9, "emotion": "possessed"},
        {"reply": "ok", "score": -(10**9), "emotion": None},
        {"reply": "ok", "score": "100", "emotion": "happy"},
    ]
    first, second, third = (stage.say(session, f"message {each}").body for each in range(3))
    assert (first["score"], len(first["reply"]), first["emotion"]) == (10, 1000, "neutral")
    assert (second["score"], second["emotion"]) == (-5, "neutral")
    assert third["score"] == 0


def test_the_model_is_forced_to_use_its_tool_and_sees_the_history(stage: Stage) -> None:
    session = stage.session()
    stage.say(session, "one")
    stage.say(session, "two")
    request = stage.twins.asked[-1]
    assert request["toolConfig"]["toolChoice"] == {"tool": {"name": "answer"}}
    assert request["inferenceConfig"] == {"maxTokens": 300, "temperature": 0.0}
    spoken = [(each["role"], each["content"][0]["text"]) for each in request["messages"]]
    assert spoken == [("user", "one"), ("assistant", "answer 1"), ("user", "two")]


def test_rudeness_three_times_in_a_row_ends_the_session(stage: Stage) -> None:
    session = stage.session()
    stage.twins.lines += [{"reply": "hmpf", "score": 0, "emotion": "angry"}] * 3
    ends = [stage.say(session, f"you {each}").body["isGameOver"] for each in range(3)]
    assert ends == [False, False, True]
    assert stage.say(session, "sorry").code == (409, "game_over")
    assert stage.say(stage.session(), "sorry").status == 200


def test_an_unknown_character_is_refused(stage: Stage) -> None:
    reply = stage.call("chat", "POST /chat/session", {"characterType": "../miko"})
    assert reply.code == (400, "malformed")
    assert "garo, miko" in reply.body["error"]["message"]


def test_an_export_holds_everything_and_an_erasure_leaves_nothing(stage: Stage) -> None:
    session = stage.session()
    stage.say(session, "a secret of mine")
    token = token_of(stage)
    proof = {"provider": "guest", "sessionId": session}
    token = stage.call("sign_in", "POST /players/me/merge", proof, token=token).body["token"]
    row = {"userId": player_id(ANNS_KEY), "rank": 1}
    stage.twins.boards["snake/2025-01"] = {"period": "2025-01", "items": [row]}
    stage.me("POST /players/me/claim", token, {"game": "snake", "period": "2025-01"})
    stage.rank()
    exported = whole_export(stage, token)
    kinds = {each["kind"] for each in exported}
    assert kinds == {"session", "message", "account", "reward", "pointEvent"}
    assert "a secret of mine" in str(exported)
    reply = stage.me("DELETE /players/me", token)
    assert reply.body["status"] == "done"
    assert reply.body["removed"] == {
        "accounts": 2,
        "messages": 1,
        "pointEvents": 4,
        "receipts": 1,
        "sessions": 1,
    }
    left = [item for item in stage.items() if not item["PK"]["S"].startswith(("JOB#", "BUDGET"))]
    assert left == []
    assert stage.me("GET /players/me", token).code == (401, "token_revoked")
    assert stage.sign_in().body["created"] is True


def whole_export(stage: Stage, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, str] = {}
    while True:
        page = stage.me("GET /players/me/export", token, query=query).body
        found += page["items"]
        if page["cursor"] is None:
            return found
        query["cursor"] = page["cursor"]


def test_nobody_exports_someone_elses_session(stage: Stage) -> None:
    anns = stage.session(token_of(stage))
    bob = token_of(stage, provider="key", playerKey=BOBS_KEY)
    query = {"cursor": cursor("0", "M#", anns)}
    assert stage.me("GET /players/me/export", bob, query=query).code == (400, "malformed")


def test_the_ranking_follows_the_stream(stage: Stage) -> None:
    ann, bob = token_of(stage), token_of(stage, provider="key", playerKey=BOBS_KEY)
    stage.me("PUT /players/me", ann, {"displayName": "Ann"})
    stage.say(stage.session(ann), "hello", ann)
    session = stage.session(bob)
    stage.say(session, "hello", bob)
    stage.say(session, "how are you", bob)
    stage.rank()
    ranking = stage.me("GET /players/ranking", None)
    found = [(each["displayName"], each["totalPoints"]) for each in ranking.body["items"]]
    assert found == [(None, 14), ("Ann", 7)]
    done = len(stage.stream())
    stage.me("PUT /players/me", bob, {"displayName": "Bob"})
    stage.me("DELETE /players/me", ann)
    stage.rank(done)
    ranking = stage.me("GET /players/ranking", None)
    assert [each["displayName"] for each in ranking.body["items"]] == ["Bob"]
    stage.rank()
    assert stage.me("GET /players/ranking", None).body == ranking.body


def test_linking_a_lasting_identity_gathers_the_rows_of_devices(stage: Stage) -> None:
    token = token_of(stage)
    proof = {"provider": "key", "playerKey": BOBS_KEY}
    assert stage.call("sign_in", "POST /players/me/identities", proof, token=token).status == 200
    assert stage.gathered == []
    [signer] = stage.twins.published
    lasting = {"provider": "privy", "token": signer.token(now_s())}
    assert stage.call("sign_in", "POST /players/me/identities", lasting, token=token).status == 200
    user_id = stage.me("GET /players/me", token).body["userId"]
    assert stage.gathered == [user_id]
    moved = stage.persons({"gather": user_id})
    assert moved == {"players": 0, "scores": 0, "telemetry": 0, "data": 0}


def test_a_link_succeeds_where_the_rows_cannot_be_gathered(stage: Stage) -> None:
    token = token_of(stage)

    def down(**_: Any) -> None:
        raise ConnectTimeoutError(endpoint_url="lambda")

    stage.module("sign_in").functions = lambda: SimpleNamespace(invoke=down)
    [signer] = stage.twins.published
    lasting = {"provider": "privy", "token": signer.token(now_s())}
    assert stage.call("sign_in", "POST /players/me/identities", lasting, token=token).status == 200


def test_an_export_that_is_asked_for_an_unknown_capability_ends(stage: Stage) -> None:
    token = token_of(stage)
    query = {"cursor": cursor("elsewhere", "invented", "rubbish")}
    page = stage.me("GET /players/me/export", token, query=query)
    assert page.body == {"items": [], "cursor": None}


def test_an_erasure_that_cannot_be_worked_on_at_once_is_left_to_the_schedule(stage: Stage) -> None:
    token = token_of(stage)

    def down(_: Any) -> Any:
        raise ReadTimeoutError(endpoint_url="lambda")

    stage.module("me").invoke = down
    reply = stage.me("DELETE /players/me", token)
    assert (reply.status, reply.body["status"]) == (200, "running")
    assert stage.me("GET /players/me", token).code == (401, "token_revoked")
    stage.persons({})
    left = [item for item in stage.items() if not item["PK"]["S"].startswith("JOB#")]
    assert left == []


def test_an_operator_erases_by_the_users_id(stage: Stage) -> None:
    user_id = stage.me("GET /players/me", token_of(stage)).body["userId"]
    done = stage.persons({"userId": user_id})
    assert (done["status"], done["removed"]) == ("done", {"accounts": 1})
    with pytest.raises(UnknownUser):
        stage.persons({"userId": user_id})


def test_a_merged_account_brings_its_row_on_the_boards(stage: Stage) -> None:
    ann = stage.sign_in().body
    bob = stage.sign_in(provider="key", playerKey=BOBS_KEY).body
    proof = {"provider": "key", "playerKey": ANNS_KEY}
    merged = stage.call("sign_in", "POST /players/me/merge", proof, token=bob["token"]).body
    user = stage.table.user(merged["userId"])
    assert user is not None
    keys = {player_id(key) for key in (ANNS_KEY, BOBS_KEY)}
    assert user.player_ids[0] == ann["player"]["id"]
    assert {*user.player_ids} == {ann["player"]["id"], bob["player"]["id"], *keys}
    row = {"userId": bob["player"]["id"], "rank": 1}
    stage.twins.boards["snake/2025-01"] = {"period": "2025-01", "items": [row]}
    claim = {"game": "snake", "period": "2025-01"}
    assert stage.me("POST /players/me/claim", merged["token"], claim).body["points"] == 100
