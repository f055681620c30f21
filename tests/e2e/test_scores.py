"""Submit, rank, be refused: through the deployed HTTP API, with IAM enforced."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from config import names
from config.capabilities import edge, scores
from lambdas.scores.table import board_key
from local.scores.origin import ScoreOrigin
from tests.e2e.conftest import System

PUT = "/api/scores/snake/all/"
GET = "/api/ranking/snake/all"
PLAY = {"X-Score": "120", "X-Player": "Ann", "X-Play-Ms": "60000", "X-Play-Id": "play.1"}


def code(reply: Any) -> tuple[int, str]:
    return reply.status, reply.body["error"]["code"]


def test_a_play_is_submitted_and_the_ranking_shows_it(origin: ScoreOrigin, user_id: str) -> None:
    submitted = origin.submit(
        "snake", "all,monthly", user_id, score=700, time_ms=60_000, play="a", name="さくら"
    )
    assert submitted.status == 200
    assert submitted.body["accepted"] is True
    assert submitted.body["rankChanged"] is True
    assert set(submitted.body["results"]) == {
        "all",
        origin.ranking("snake", "monthly").body["period"],
    }
    best = submitted.body["results"]["all"]["best"]
    assert best in origin.ranking("snake", "all").body["items"]
    assert (best["userName"], best["score"], best["timeMs"]) == ("さくら", 700, 60_000)
    assert submitted.headers["cache-control"] == "no-store"


def test_a_time_attack_ranks_the_fastest_first(system: System, origin: ScoreOrigin) -> None:
    system.empty(board_key("minesweeper", "all"))
    for name, time_ms in (("slow", 9000), ("fast", 3000), ("middle", 5000)):
        user = name.ljust(22, "_")
        origin.submit("minesweeper", "all", user, score=1, time_ms=time_ms, play=name, name=name)
    items = origin.ranking("minesweeper", "all").body["items"]
    assert [item["userName"] for item in items] == ["fast", "middle", "slow"]


def test_the_same_play_again_gets_the_same_answer(origin: ScoreOrigin, user_id: str) -> None:
    answers = [
        origin.submit("snake", "all,daily", user_id, score=7, time_ms=5000, play="again").body
        for _ in range(2)
    ]
    assert answers[0] == answers[1]


def test_the_same_play_with_another_score_is_a_conflict(origin: ScoreOrigin, user_id: str) -> None:
    origin.submit("snake", "all", user_id, score=7, time_ms=5000, play="other")
    reply = origin.submit("snake", "all,daily", user_id, score=8, time_ms=5000, play="other")
    assert code(reply) == (409, "play_already_submitted")
    daily = origin.ranking("snake", "daily").body["items"]
    assert user_id not in {item["userId"] for item in daily}


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", PUT + "x" * 22), ("GET", GET), ("GET", GET + "?limit=0")]
)
@pytest.mark.parametrize("presented", [None, "", "guess"])
def test_nothing_opens_without_the_origin_lock(
    origin: ScoreOrigin, method: str, path: str, presented: str | None
) -> None:
    headers = PLAY if presented is None else PLAY | {"X-Origin-Verify": presented}
    assert code(origin.request(method, path, headers, locked=False)) == (403, "origin_not_verified")


@pytest.mark.parametrize(
    ("path", "change", "expected", "says"),
    [
        (PUT + "x" * 22, {"X-Score": "1.5"}, (400, "malformed"), "X-Score"),
        (PUT + "x" * 22, {"X-Score": "NaN"}, (400, "malformed"), "X-Score"),
        (PUT + "x" * 22, {"X-Score": "10000"}, (422, "out_of_limits"), "X-Score"),
        (PUT + "x" * 22, {"X-Player": "%zz"}, (400, "malformed"), "X-Player"),
        (PUT + "x" * 22, {"X-Player": "%E2%80%8B"}, (400, "malformed"), "X-Player"),
        (PUT + "x" * 22, {"X-Play-Id": "a b"}, (400, "malformed"), "X-Play-Id"),
        (PUT + "x" * 22, {"X-Play-Id": "a@1"}, (410, "grace_over"), "X-Play-Id"),
        (PUT + "x" * 21, {}, (400, "malformed"), "userId"),
        (PUT + "x%20x", {}, (400, "malformed"), "userId"),
        ("/api/scores/nogame/all/" + "x" * 22, {}, (404, "unknown_game"), "gameId"),
        ("/api/scores/snake/ever/" + "x" * 22, {}, (404, "unknown_period"), "period"),
        ("/api/scores/snake/2020-01/" + "x" * 22, {}, (410, "period_closed"), "period"),
        ("/api/scores/snake/all,all/" + "x" * 22, {}, (400, "malformed"), "period"),
    ],
)
def test_a_bad_submission_is_refused_by_field(
    origin: ScoreOrigin, path: str, change: dict[str, str], expected: tuple[int, str], says: str
) -> None:
    reply = origin.request("PUT", path, PLAY | change)
    assert code(reply) == expected
    assert reply.body["error"]["message"].startswith(says)
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "field"),
    [(b"x" * 4097, "body"), (b"[]", "body"), (b'{"meta":1}', "meta"), (b"\xff\xfe", "body")],
)
@pytest.mark.parametrize("content_type", ["application/json", "application/octet-stream"])
def test_a_bad_body_is_refused_whatever_it_calls_itself(
    origin: ScoreOrigin, user_id: str, body: bytes, field: str, content_type: str
) -> None:
    headers = PLAY | {"Content-Type": content_type}
    reply = origin.request("PUT", PUT + user_id, headers, body)
    assert code(reply) == (400, "malformed")
    assert reply.body["error"]["message"].startswith(field)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.0", "ten", "", "1,2", quote("１")])
def test_a_limit_is_a_number_from_1_to_100(origin: ScoreOrigin, limit: str) -> None:
    assert code(origin.ranking("snake", "all", f"?limit={limit}")) == (400, "malformed")


@pytest.mark.parametrize(
    ("game", "period", "expected"),
    [
        ("nogame", "all", "unknown_game"),
        ("snake", "yearly", "unknown_period"),
        ("snake", "2999-01", "unknown_period"),
        ("snake", "all,monthly", "unknown_period"),
        ("minesweeper", "daily", "unknown_period"),
    ],
)
def test_an_unknown_ranking_is_not_found(
    origin: ScoreOrigin, game: str, period: str, expected: str
) -> None:
    assert code(origin.ranking(game, period)) == (404, expected)


def test_an_old_period_can_be_read(origin: ScoreOrigin) -> None:
    reply = origin.ranking("snake", "2026-W46")
    assert (reply.status, reply.body["items"]) == (200, [])


def test_rankings_may_be_kept_and_only_as_long_as_they_hold(origin: ScoreOrigin) -> None:
    kept = origin.ranking("snake", "all").headers["cache-control"]
    assert kept == "public, max-age=0, s-maxage=600, stale-while-revalidate=120"


def test_an_accepted_score_invalidates_its_game_once_a_window(
    system: System, origin: ScoreOrigin, user_id: str
) -> None:
    distribution = system.parameter(names.DISTRIBUTION_ID)
    client = system.cloud.client("cloudfront")

    def made() -> list[Any]:
        listed = client.list_invalidations(DistributionId=distribution)["InvalidationList"]
        return [
            client.get_invalidation(DistributionId=distribution, Id=item["Id"])
            for item in listed.get("Items", [])
        ]

    earlier, judged = len(made()), len(system.requests(scores.PUT_SCORE.name))
    for score in range(1, 6):
        origin.submit("snake", "all", user_id, score=score, time_ms=5000, play=f"inv{score}")
    paths = [
        path
        for each in made()
        for path in each["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
    ]
    assert "/api/ranking/snake/*" in paths
    lines = system.requests(scores.PUT_SCORE.name)[judged:]
    assert all(line["accepted"] for line in lines)
    assert sum(line["invalidated"] for line in lines) <= len(made()) - earlier < len(lines)


def test_logs_contain_events_and_no_identities(
    system: System, origin: ScoreOrigin, user_id: str
) -> None:
    origin.submit("snake", "all", user_id, score=1, time_ms=5000, play="logs", name="Wilhelmina")
    lines = "\n".join(system.log_lines(scores.PUT_SCORE.name))
    assert '"game":"snake"' in lines
    for secret in (user_id, "Wilhelmina", origin.lock):
        assert secret not in lines


def test_a_missing_grant_fails_as_on_aws(system: System, origin: ScoreOrigin) -> None:
    iam = system.cloud.client("iam")
    function = system.cloud.client("lambda").get_function(FunctionName=scores.GET_RANKING.name)
    role = function["Configuration"]["Role"].rpartition("/")[2]
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    reduced = document | {
        "Statement": [
            statement
            for statement in document["Statement"]
            if "dynamodb:Query" not in statement["Action"]
        ]
    }
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(reduced))
    try:
        reply = origin.ranking("snake", "all")
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
    assert code(reply) == (500, "internal")
    request_id = reply.body["error"]["message"].rpartition(" ")[2]
    failures = [
        line for line in system.log_lines(scores.GET_RANKING.name) if "unknown failure" in line
    ]
    assert sum(request_id in line and "AccessDenied" in line for line in failures) == 1
    assert origin.ranking("snake", "all").status == 200


def test_the_lock_is_a_secret_that_only_the_functions_may_read(system: System) -> None:
    ssm = system.cloud.client("ssm")
    stored = ssm.get_parameter(Name=names.ORIGIN_LOCK)["Parameter"]
    assert stored["Type"] == "SecureString"
    for stack in (edge.CAPABILITY.stack, scores.CAPABILITY.stack):
        template = system.cloud.client("cloudformation").get_template(StackName=stack)
        assert system.origin.lock not in json.dumps(template["TemplateBody"])
    with pytest.raises(ClientError, match="ParameterNotFound"):
        ssm.get_parameter(Name="/htmlgame/score-api/origin-verify")
