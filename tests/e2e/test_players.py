"""Players through the site: sign-in, account, chat, points, and what becomes of them."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import urllib3

from config.capabilities import players as manifest
from lambdas.players.answers import cursor
from lambdas.players.player_keys import player_id
from lambdas.players.points import recount
from lambdas.players.table import PlayerTable
from lambdas.scores.rules import Entry, rank_key
from lambdas.scores.table import board_key
from lambdas.shared.values.uuids import uuid7
from local.edge.server import LocalEdge
from local.scores.boards import FASTEST, fill
from local.twins.players import Twins
from local.twins.players.privy import wallet
from tests.e2e.conftest import System
from tests.e2e.operator import Operator
from tests.e2e.player import Player, Reply
from tests.e2e.test_telemetry import PROJECT, put

PERIODS: Final = "all,monthly"
OWN_PROJECT: Final = replace(PROJECT, id=uuid7(1_795_262_400_000))


@dataclass
class Person:
    """Someone with a browser, whose requests go through the edge."""

    site: str
    twins: Twins
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    token: str = ""
    session: str = ""
    _pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def ask(self, method: str, path: str, body: Any = None) -> Reply:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        content = None if body is None else json.dumps(body)
        answer = self._pool.request(
            method, f"{self.site}/api/{path}", headers=headers, body=content, timeout=60
        )
        return Reply(answer.status, answer.headers, json.loads(answer.data))

    def done(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.ask(method, path, body)
        assert reply.status == 200, reply.body
        return reply.body

    def signs_in(self, proof: dict[str, Any] | None = None) -> Any:
        answer = self.done("POST", "players/sign-in", proof or self.own_key)
        self.token = answer["token"]
        return answer

    @property
    def own_key(self) -> dict[str, str]:
        return {"provider": "key", "playerKey": self.key}

    @property
    def me(self) -> Any:
        return self.done("GET", "players/me")

    def says(self, message: str, locale: str = "en", **more: Any) -> Any:
        if not self.session:
            answer = self.done("POST", "chat/session", {"characterType": "miko"})
            self.session = answer["sessionId"]
        body = {"sessionId": self.session, "message": message, "locale": locale, **more}
        return self.done("POST", "chat", body)

    def pages(self, path: str, items: str) -> Iterator[Any]:
        cursor = ""
        while cursor is not None:
            more = f"{'&' if '?' in path else '?'}cursor={cursor}" if cursor else ""
            page = self.done("GET", path + more)
            yield from page[items]
            cursor = page["cursor"]

    def at_x(self, handle: str) -> dict[str, str]:
        """A code of X, for whoever uses this browser's verifier."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        form = {
            "response_type": "code",
            "client_id": "local",
            "redirect_uri": f"{self.site}/characters.html",
            "scope": "users.read tweet.read",
            "state": "somewhere",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "handle": handle,
        }
        address = f"{self.twins.url}/i/oauth2/authorize"
        headers = {"Origin": self.twins.url}
        answer = self._pool.request(
            "POST", address, fields=form, encode_multipart=False, headers=headers, redirect=False
        )
        assert answer.status == 303, answer.data
        back = urlsplit(answer.headers["Location"])
        [code] = parse_qs(back.query)["code"]
        return {"provider": "x", "code": code, "codeVerifier": verifier}


Someone = Callable[[], Person]


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture(scope="module")
def twins(system: System) -> Twins:
    [twins] = [each for each in system.cloud.twins if isinstance(each, Twins)]
    return twins


@pytest.fixture
def someone(edge: LocalEdge, twins: Twins) -> Someone:
    return lambda: Person(edge.url, twins)


def until(held: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while not (found := held()):
        assert time.monotonic() < end
        time.sleep(0.2)
    return found


def test_the_anonymous_player_signs_in_and_chats_and_the_ledger_adds_up(someone: Someone) -> None:
    ann = someone()
    signed_in = ann.signs_in()
    assert signed_in["created"] is True
    assert ann.me["identities"] == [{"provider": "key", "subject": player_id(ann.key)}]
    answers = [ann.says(f"message number {number}") for number in range(4)]
    assert answers[-1]["stats"]["totalPoints"] == sum(each["score"] for each in answers)
    events = list(ann.pages("players/me/points?limit=3", "events"))
    assert [each["version"] for each in events] == [4, 3, 2, 1]
    assert [each["delta"] for each in reversed(events)] == [each["score"] for each in answers]
    assert events[0]["balance"] == answers[-1]["stats"]["totalPoints"]
    said = ann.done("GET", f"chat/{ann.session}/messages")["messages"]
    assert [each["role"] for each in said[:2]] == ["agent", "user"]
    assert len(said) == 8


def test_the_same_message_again_is_answered_from_the_table(someone: Someone) -> None:
    ann = someone()
    ann.signs_in()
    sent = uuid7(time.time_ns() // 1_000_000)
    first = ann.says("did this arrive?", id=sent)
    assert ann.says("did this arrive?", id=sent) == first
    assert ann.me["stats"]["totalPoints"] == first["score"]


def test_the_first_version_of_the_chat_is_answered_without_a_token(someone: Someone) -> None:
    guest = someone()
    body = {"characterType": "miko", "username": "Zoë"}
    guest.session = guest.done("POST", "chat/session", body)["sessionId"]
    answer = guest.says("hello", "ja")
    assert answer.keys() == {"reply", "score", "emotion", "isGameOver", "stats"}


def test_points_move_the_ranking_within_seconds(someone: Someone) -> None:
    ann = someone()
    signed_in = ann.signs_in()
    ann.done("PUT", "players/me", {"displayName": "  Ａnn\u200b "})
    points = 0
    while points <= 0:
        points = ann.says(f"I have a story {secrets.token_hex(4)}")["stats"]["totalPoints"]

    def standing() -> Any:
        items = someone().done("GET", "players/ranking")["items"]
        return [each for each in items if each["playerId"] == signed_in["player"]["id"]]

    [row] = until(standing)
    assert (row["displayName"], row["totalPoints"]) == ("Ann", points)


def test_x_signs_the_same_person_in_on_two_devices(someone: Someone) -> None:
    handle = f"x{secrets.token_hex(4)}"
    first, second = someone(), someone()
    made = first.signs_in(first.at_x(handle))
    again = second.signs_in(second.at_x(handle))
    assert (made["created"], again["created"]) == (True, False)
    assert again["userId"] == made["userId"]
    assert again["player"] == made["player"]
    assert first.me["displayName"] == handle


def test_a_code_of_x_serves_once_and_only_its_own_verifier(someone: Someone) -> None:
    ann, mallory = someone(), someone()
    proof = ann.at_x("someone_else")
    stolen = proof | {"codeVerifier": secrets.token_urlsafe(48)}
    assert mallory.ask("POST", "players/sign-in", stolen).code == (401, "proof_refused")
    used = ann.at_x("someone_else")
    ann.signs_in(used)
    assert mallory.ask("POST", "players/sign-in", used).code == (401, "proof_refused")


def test_privy_signs_in_and_the_wallet_comes_from_its_identity_token(
    someone: Someone, twins: Twins
) -> None:
    email = f"{secrets.token_hex(4)}@example.org"
    ann = someone()
    proof = {"provider": "privy", "token": twins.privy.token(email)}
    ann.signs_in(proof)
    wallets = [ann.me["walletAddress"]]
    ann.signs_in(proof | {"identityToken": twins.privy.identity_token(email)})
    wallets.append(ann.me["walletAddress"])
    assert wallets == [None, wallet(email)]


def test_a_forged_token_of_privy_is_refused_with_its_reason(someone: Someone, twins: Twins) -> None:
    genuine = twins.privy.token("ann@example.org")
    head, body, _ = genuine.split(".")
    claims = jwt.decode(genuine, options={"verify_signature": False})
    key_id = jwt.get_unverified_header(genuine)["kid"]
    published = json.dumps(twins.privy.published["keys"][0])
    forged = {
        "proof_malformed": "a.b.c",
        "proof_signature": f"{head}.{body}.{'A' * 86}",
        "proof_expired": twins.privy.token("ann@example.org", exp=int(time.time()) - 3600),
        "proof_audience": twins.privy.token("ann@example.org", aud="another-app"),
        "proof_issuer": twins.privy.token("ann@example.org", iss="https://example.org"),
        "proof_algorithm": by_secret({"alg": "HS256", "kid": key_id}, claims, published),
    }
    for code, token in forged.items():
        reply = someone().ask("POST", "players/sign-in", {"provider": "privy", "token": token})
        assert reply.code == (401, code)
    unsigned = by_secret({"alg": "none", "kid": key_id}, claims, "").rpartition(".")[0] + "."
    reply = someone().ask("POST", "players/sign-in", {"provider": "privy", "token": unsigned})
    assert reply.code == (401, "proof_algorithm")


def by_secret(header: Any, claims: Any, secret: str) -> str:
    """A token that is signed with a text that everybody knows."""
    parts = [encoded(json.dumps(each).encode()) for each in (header, claims)]
    signed = ".".join(parts)
    return f"{signed}.{encoded(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_an_identity_of_two_accounts_is_refused_and_then_merged(someone: Someone) -> None:
    handle = f"x{secrets.token_hex(4)}"
    first, second = someone(), someone()
    first.signs_in(first.at_x(handle))
    first.says("points of the first")
    second.signs_in()
    second.says("points of the second")
    points = [each.me["stats"]["totalPoints"] for each in (first, second)]
    taken = second.ask("POST", "players/me/identities", second.at_x(handle))
    assert taken.code == (409, "identity_taken")
    merged = second.done("POST", "players/me/merge", second.at_x(handle))
    assert merged["userId"] == first.me["userId"]
    assert first.me["stats"]["totalPoints"] == sum(points)
    assert second.ask("GET", "players/me").code == (401, "token_revoked")
    second.token = merged["token"]
    said = second.done("GET", f"chat/{second.session}/messages")["messages"]
    assert len(said) == 2
    exported = list(second.pages("players/me/export", "items"))
    assert {"session", "message", "pointEvent", "account"} <= {each["kind"] for each in exported}


def test_an_anonymous_entry_follows_to_the_account(
    someone: Someone, edge: LocalEdge, system: System
) -> None:
    ann = someone()
    Player(edge.url, name="Ann", key=ann.key).play(9, PERIODS)
    signed_in = ann.signs_in()
    ann.done("POST", "players/me/identities", ann.at_x(f"x{secrets.token_hex(4)}"))
    board = board_key("snake", "all")

    def moved() -> bool:
        ids = {row["SK"]["S"] for row in system.raw_rows(board)}
        return f"U#{signed_in['player']['id']}" in ids and f"U#{player_id(ann.key)}" not in ids

    until(moved)
    better = Player(edge.url, name="Ann", key=signed_in["player"]["key"]).play(11, PERIODS)
    assert better.body["results"]["all"]["accepted"] is True


def test_a_closed_board_gives_its_reward_once(
    someone: Someone, system: System, edge: LocalEdge
) -> None:
    ann = someone()
    ann.signs_in()
    day = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    key = board_key("snake", day)
    player = Player(edge.url, game="snake", name="Ann", key=ann.key)
    assert player.play(5, "daily").status == 200
    now = player.ranking("daily").body["period"]
    [row] = [
        each
        for each in system.raw_rows(board_key("snake", now))
        if each["SK"]["S"] == f"U#{player.id}"
    ]
    system.clear(key)
    name = system.table._name
    system.cloud.client("dynamodb").put_item(TableName=name, Item={**row, "PK": {"S": key}})
    claim = {"game": "snake", "period": day}
    given = ann.done("POST", "players/me/claim", claim)
    assert (given["points"], given["again"], given["rank"]) == (100, False, 1)
    again = ann.done("POST", "players/me/claim", claim)
    assert (again["points"], again["again"]) == (100, True)
    assert ann.me["stats"]["totalPoints"] == 100
    other = someone()
    other.signs_in()
    assert other.ask("POST", "players/me/claim", claim).code == (404, "no_reward")
    system.clear(key)


def test_an_erased_person_is_gone_from_every_capability(
    someone: Someone, edge: LocalEdge, system: System
) -> None:
    ann = someone()
    Player(edge.url, name="Ann", key=ann.key).play(7, PERIODS)
    user_id = ann.signs_in()["userId"]
    ann.says("forget me soon")
    put(system, OWN_PROJECT)
    browser = {"projectId": OWN_PROJECT.id, "playerKey": f"browser-{ann.key}"}
    shown = {"playerKeys": [browser]}
    began = ann.done("POST", "telemetry/session", browser)
    credentials = {each: began[each] for each in ("sessionId", "token")}
    ann.done("POST", "telemetry/score", {**credentials, "score": 7})
    with_keys = ann.done(
        "POST", "players/me/export", {"cursor": cursor("elsewhere", "telemetry", ""), **shown}
    )
    assert {each["kind"] for each in with_keys["items"]} == {"telemetrySession", "telemetryScore"}
    exported = list(ann.pages("players/me/export", "items"))
    entries = [each for each in exported if each["kind"] == "entry"]
    assert {each["period"] for each in entries} >= {"all"}
    assert {each["score"] for each in entries} == {7}

    told = ann.done("DELETE", "players/me", shown)
    assert told["status"] == "done"
    assert (told["removed"]["telemetrySessions"], told["removed"]["telemetryScores"]) == (1, 1)
    assert told["removed"]["entries"] == len(entries)
    assert told["removed"]["messages"] == 1
    assert ann.ask("GET", "players/me").code == (401, "token_revoked")
    assert player_id(ann.key) not in str(system.raw_rows(board_key("snake", "all")))
    table = system.parameter(manifest.TABLE.parameter)
    left = system.cloud.client("dynamodb").scan(TableName=table)["Items"]
    kept = ("JOB#",)
    of_her = [item for item in left if user_id in str(item) or player_id(ann.key) in str(item)]
    assert [item for item in of_her if not item["PK"]["S"].startswith(kept)] == []


def test_a_full_board_follows_the_erasure_of_its_best(
    someone: Someone, system: System, htmlgame: Operator
) -> None:
    """The reserve fills it, and the edge learns the new threshold: without the nightly trim."""
    period = system.origin.ranking("minesweeper", "weekly").body["period"]
    board = board_key("minesweeper", period)
    system.clear(board)
    ann = someone()
    ann.signs_in()
    best = Entry(
        user_id=player_id(ann.key),
        user_name="Ann",
        score=1,
        time_ms=50_000,
        updated_at="2026-11-21T12:00:00.000Z",
        rk=rank_key(FASTEST, score=1, time_ms=50_000, updated_at_ms=1_795_262_400_000),
        play="0123456789ab.012345",
    )
    system.table.put(board, best, None)
    fill(system.table, board, 100)

    def last() -> Any:
        said = htmlgame("thresholds", "minesweeper", "--json").json["thresholds"]
        [found] = [each for each in said if each["period"] == period]
        return found["edge"] and found["edge"]["timeMs"]

    htmlgame("trim", "minesweeper", "--yes")
    assert last() == 100_098
    ann.done("DELETE", "players/me")
    until(lambda: last() == 100_099)
    system.clear(board)


def test_another_persons_session_is_like_one_that_does_not_exist(someone: Someone) -> None:
    ann, mallory = someone(), someone()
    ann.signs_in()
    ann.says("a secret")
    mallory.signs_in()
    body = {"sessionId": ann.session, "message": "let me in", "locale": "en"}
    assert mallory.ask("POST", "chat", body).code == (404, "unknown_session")
    reply = mallory.ask("GET", f"chat/{ann.session}/messages")
    assert reply.code == (404, "unknown_session")
    assert someone().ask("GET", f"chat/{ann.session}/messages").status == 401


def test_nobody_is_answered_beside_the_site(system: System) -> None:
    address = system.parameter(manifest.ENDPOINT.parameter)
    url = f"{system.cloud.url}{urlsplit(address).path}/api/players/ranking"
    host = urlsplit(address).netloc
    answer = urllib3.request("GET", url, headers={"Host": host}, retries=False)
    assert answer.status == 403


def test_an_operator_finds_adjusts_bans_and_erases(
    someone: Someone, htmlgame: Operator, edge: LocalEdge
) -> None:
    ann = someone()
    user_id = ann.signs_in()["userId"]
    name = f"Ann {secrets.token_hex(3)}"
    ann.done("PUT", "players/me", {"displayName": name})
    [found] = htmlgame("players", "find", name[4:], "--json").json["accounts"]
    assert found["userId"] == user_id
    identity = f"key:{player_id(ann.key)}"
    [same] = htmlgame("players", "find", identity, "--json").json["accounts"]
    assert same["userId"] == user_id

    arguments = ("players", "adjust", user_id, "70", "--reason", "a prize", "--reference", "T1")
    assert htmlgame(*arguments, "--yes", "--json").json["balance"] == 70
    assert htmlgame(*arguments, "--yes", "--json").json["again"] is True
    taken = htmlgame(
        "players", "adjust", "--yes", "--json", "--reason", "too much", "--", user_id, "-80"
    )
    assert taken.error["code"] == "refused"
    listed = htmlgame("players", "ledger", user_id, "--json").json
    assert ([each["delta"] for each in listed["events"]], listed["problem"]) == ([70], None)
    assert ann.me["stats"]["totalPoints"] == 70

    htmlgame("players", "ban", user_id, "--reason", "rude", "--yes", "--json")
    assert ann.ask("GET", "players/me").status in {401, 403}
    assert ann.ask("POST", "players/sign-in", ann.own_key).code == (403, "banned")
    edge.refresh()
    assert Player(edge.url, name="Ann", key=ann.key).play(5).code == (403, "banned")
    htmlgame("players", "unban", user_id, "--yes", "--json")
    ann.signs_in()
    assert htmlgame("players", "budget", "--json").json["taken"] > 0

    erased = htmlgame("players", "erase", user_id, "--yes", "--json").json
    assert (erased["status"], erased["accounts"]) == ("done", 1)
    assert htmlgame("players", "show", user_id, "--json").error["code"] == "not_found"


def test_an_operator_merges_and_exports(someone: Someone, htmlgame: Operator) -> None:
    ann, bob = someone(), someone()
    older, newer = ann.signs_in()["userId"], bob.signs_in()["userId"]
    bob.says("one message")
    points = bob.me["stats"]["totalPoints"]
    merged = htmlgame("players", "merge", newer, older, "--yes", "--json").json
    assert (merged["stays"], merged["points"]) == (older, points)
    kinds = {each["kind"] for each in htmlgame("players", "export", older, "--json").json_lines}
    assert {"session", "message", "pointEvent", "account"} <= kinds


def test_the_doctor_asks_the_api_and_the_budget(htmlgame: Operator) -> None:
    said = htmlgame("doctor", "--json")
    states = {each["name"]: each["state"] for each in json.loads(said.out)["checks"]}
    assert (states["players API"], states["characters"]) == ("ok", "ok")


def test_the_ledger_of_everybody_adds_up(system: System) -> None:
    name = system.parameter(manifest.TABLE.parameter)
    table = PlayerTable(system.cloud.client("dynamodb"), name)
    items = system.cloud.client("dynamodb").scan(TableName=name)["Items"]
    users = [item["PK"]["S"].removeprefix("U#") for item in items if item["SK"]["S"] == "STATS"]
    assert len(users) > 5
    for user_id in users:
        stats = table.stats(user_id)
        assert stats is not None
        assert recount(table.ledger(user_id)) == stats.total_points
