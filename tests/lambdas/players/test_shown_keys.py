"""What a person's browsers have left under their own keys: erased and exported with the account,
by the keys that are shown, and by nothing else.
"""

from typing import Any, Final

import pytest

from lambdas.data.table import DataTable
from lambdas.data.things import Place, Thing
from lambdas.shared.keys.identities import player_hash
from lambdas.shared.values.uuids import uuid7
from lambdas.telemetry.records import Event, Score, Session
from lambdas.telemetry.table import TelemetryTable
from tests.lambdas.players.stage import BOBS_KEY, HASH_KEY, Stage, now_s
from tests.lambdas.players.test_erasing import Cut
from tests.lambdas.players.world import Crashed

PROJECT: Final = "019aa000-0000-7000-8000-00000000001a"
OTHER_PROJECT: Final = "019aa000-0000-7000-8000-00000000002a"
KEY: Final = "canary-of-anns-browser"
DAY_MS: Final = 86_400_000
SHOWN: Final = {"playerKeys": [{"projectId": PROJECT, "playerKey": KEY}]}
LEFT_BY_A_BROWSER: Final = {
    "telemetrySessions": 2,
    "telemetryEvents": 6,
    "telemetryScores": 2,
    "dataItems": 4,
}


def session_of(project: str, id: str, at: int, player: str) -> Session:
    return Session(
        project_id=project,
        id=id,
        at=at,
        address="a",
        agent="b",
        player=player,
        keep_days=30,
        pointer_days=365,
    )


def played(stage: Stage, key: str = KEY, project: str = PROJECT) -> str:
    """Two sessions of the day before yesterday, and items in two collections."""
    telemetry = TelemetryTable(stage.client, "telemetry")
    data = DataTable(stage.client, "data", undeclared=True)
    at = now_s() * 1000 - 2 * DAY_MS
    player = player_hash(HASH_KEY, project, key)
    for number in range(2):
        session_id = uuid7(at + number)
        session = session_of(project, session_id, at, player)
        assert telemetry.begin(session)
        for _ in range(3):
            telemetry.put_event(
                Event(
                    project_id=project,
                    session_id=session_id,
                    id=uuid7(at),
                    at=at,
                    name="n",
                    data="{}",
                    client_at=None,
                    keep_days=90,
                )
            )
        telemetry.put_score(
            Score(
                project_id=project,
                session_id=session_id,
                id=uuid7(at),
                at=at,
                score=7,
                metadata="{}",
                player=player,
                keep_days=None,
            )
        )
        for private in (False, True):
            place = Place(
                project_id=project, collection=f"c{number}", owner=player, private=private
            )
            thing = Thing(id=uuid7(at), owner=player, data='{"a":1}', created_ms=at, updated_ms=at)
            data.add(place, thing)
    return player


def token_of(stage: Stage, **body: Any) -> str:
    return str(stage.sign_in(**body).body["token"])


def everything(stage: Stage) -> str:
    return str([stage.items_of(table) for table in ("players", "telemetry", "data")])


def test_an_erasure_reaches_what_the_shown_keys_lead_to(stage: Stage) -> None:
    player, bobs = played(stage), played(stage, BOBS_KEY)
    elsewhere = played(stage, KEY, OTHER_PROJECT)
    before = stage.items_of("telemetry"), stage.items_of("data")
    reply = stage.me("DELETE /players/me", token_of(stage), SHOWN)
    assert (reply.status, reply.body["status"]) == (200, "done")
    assert reply.body["removed"] == {"accounts": 1, **LEFT_BY_A_BROWSER}
    assert player not in everything(stage)
    after = stage.items_of("telemetry"), stage.items_of("data")
    for was, now in zip(before, after, strict=True):
        kept = [item for item in was if bobs in str(item) or elsewhere in str(item)]
        assert [item for item in now if bobs in str(item) or elsewhere in str(item)] == kept
    assert KEY not in everything(stage)


def test_without_a_key_nothing_of_a_browser_is_touched(stage: Stage) -> None:
    played(stage)
    before = stage.items_of("telemetry"), stage.items_of("data")
    assert stage.me("DELETE /players/me", token_of(stage)).body["removed"] == {"accounts": 1}
    assert (stage.items_of("telemetry"), stage.items_of("data")) == before


def test_neither_the_hash_nor_another_key_is_a_proof(stage: Stage) -> None:
    player = played(stage)
    before = stage.items_of("telemetry"), stage.items_of("data")
    for guess in (player, BOBS_KEY, KEY.upper(), KEY + " ", "*", f"{player}#"):
        shown = {"playerKeys": [{"projectId": PROJECT, "playerKey": guess}]}
        token = token_of(stage)
        told = stage.me("POST /players/me/export", token, {**shown}).body["items"]
        assert "telemetry" not in str(told)
        assert stage.me("DELETE /players/me", token, shown).status == 200
    assert (stage.items_of("telemetry"), stage.items_of("data")) == before


def test_a_session_that_may_go_on_keeps_its_pointer_for_a_week(stage: Stage) -> None:
    at = now_s() * 1000
    player = player_hash(HASH_KEY, PROJECT, KEY)
    begun = session_of(PROJECT, uuid7(at), at, player)
    TelemetryTable(stage.client, "telemetry").begin(begun)
    stage.me("DELETE /players/me", token_of(stage), SHOWN)
    [pointer] = stage.items_of("telemetry")
    assert pointer["PK"]["S"].startswith("PL#")
    assert int(pointer["expires"]["N"]) == at // 1000 + 7 * 86_400


def exported(stage: Stage, token: str, shown: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = stage.me("POST /players/me/export", token, {"cursor": cursor, **shown}).body
        found += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            return found


def test_an_export_has_what_an_erasure_would_remove(stage: Stage) -> None:
    player = played(stage)
    played(stage, BOBS_KEY)
    token = token_of(stage)
    found = exported(stage, token, SHOWN)
    kinds = [each["kind"] for each in found]
    assert {f"{kind}s": kinds.count(kind) for kind in set(kinds)} == {
        "accounts": kinds.count("account"),
        **LEFT_BY_A_BROWSER,
    }
    assert all(each["projectId"] == PROJECT for each in found if each["kind"] != "account")
    assert "telemetry" not in str(exported(stage, token, {}))
    assert player not in str([each for each in found if each["kind"] == "dataItem"])


def test_a_crash_anywhere_delays_it_and_counts_nothing_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each attempt dies a few calls later than the one before."""
    played(stage)
    me, erase = stage.module("me"), stage.module("erase")
    with monkeypatch.context() as without_work:
        without_work.setattr(erase, "_work_on", lambda *_: None)
        begun = stage.me("DELETE /players/me", token_of(stage), SHOWN).body
    jobs, crashes = me.jobs, 0
    clock_ms = now_s() * 1000
    while (job := jobs.read(begun["jobId"])).ended_at is None:
        clock_ms += 61_000
        client = Cut(stage.client, 3 + crashes, after=bool(crashes % 2))
        eraser = erase.PersonEraser(
            erase.forgettables(client),
            erase.PlayerTable(client, "players"),
            erase.JobTable(client, "players"),
            worker=f"w{crashes}",
            clock_ms=lambda at=clock_ms: at,
        )
        try:
            eraser.work_on(job.id, lease_s=60)
        except Crashed:
            crashes += 1
    assert crashes > 10
    assert dict(job.removed) == {"accounts": 1, **LEFT_BY_A_BROWSER}
    assert (stage.items_of("telemetry"), job.pseudonyms) == ([], ())


def test_keys_that_cannot_be_hashed_leave_the_account(stage: Stage) -> None:
    token = token_of(stage)

    def down(_: Any) -> Any:
        raise ConnectionError

    stage.module("me").invoke = down
    assert stage.me("DELETE /players/me", token, SHOWN).code == (503, "busy")
    assert stage.me("GET /players/me", token).status == 200


def test_a_site_without_telemetry_has_nothing_to_find(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HASH_KEY_PARAMETER", "")
    assert stage.me("DELETE /players/me", token_of(stage), SHOWN).body["removed"] == {"accounts": 1}


def test_nobody_without_a_token_shows_a_key(stage: Stage) -> None:
    assert stage.me("DELETE /players/me", None, SHOWN).code == (401, "no_token")
    assert stage.me("POST /players/me/export", None, SHOWN).code == (401, "no_token")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ("[]", "body"),
        ({"playerKey": KEY}, "'playerKey'"),
        ({"playerKeys": KEY}, "playerKeys"),
        ({"playerKeys": [SHOWN["playerKeys"][0]] * 2}, "playerKeys"),
        ({"playerKeys": [{"projectId": PROJECT, "playerKey": KEY}] * 11}, "playerKeys"),
        ({"playerKeys": [KEY]}, "playerKeys[0]"),
        ({"playerKeys": [{"projectId": "snake", "playerKey": KEY}]}, "playerKeys[0].projectId"),
        ({"playerKeys": [{"projectId": PROJECT}]}, "playerKeys[0].playerKey"),
        ({"playerKeys": [{"projectId": PROJECT, "playerKey": ""}]}, "playerKey"),
        ({"playerKeys": [{"projectId": PROJECT, "playerKey": "k" * 129}]}, "playerKey"),
        ({"playerKeys": [{"projectId": PROJECT, "playerKey": KEY, "x": 1}]}, "playerKeys[0].'x'"),
    ],
    ids=str,
)
def test_a_list_of_keys_that_is_none_names_the_field(stage: Stage, sent: Any, field: str) -> None:
    token = token_of(stage)
    for route in ("DELETE /players/me", "POST /players/me/export"):
        reply = stage.me(route, token, sent)
        assert reply.code == (400, "malformed")
        assert reply.body["error"]["message"].startswith(f"{field}:")
    assert stage.me("GET /players/me", token).status == 200
