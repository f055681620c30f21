"""The functions that answer creators, and the one that hands out their secrets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdas.creators import routes as creator_routes
from lambdas.secrets import routes as secret_routes
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.keys.identities import player_hash
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Target
from lambdas.shared.values.uuids import is_uuid, uuid7
from tests.lambdas.stage import Context, Reply, Stage, staged
from tests.lambdas.telemetry.test_counting import event as counted_event
from tests.lambdas.telemetry.test_counting import facts_in

NOW_MS = 1_795_262_400_000
UNKNOWN = "019aa5b0-0000-7000-8000-00000000cafe"
HASH_KEY = "s3cret-of-hashes"
PROJECTS = creator_routes.ROUTES.keys("").values()
SECRETS = secret_routes.ROUTES.keys("").values()


@dataclass
class Functions:
    stage: Stage
    invoked: list[dict[str, Any]] = field(default_factory=list)
    invocations_fail: bool = False

    def invoke(self, **request: Any) -> None:
        if self.invocations_fail:
            raise ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Invoke")
        self.invoked.append(request)

    def resolve(self, project_id: Any) -> Any:
        module = self.stage.module("secrets.resolve_env")
        return module.handler({"projectId": project_id}, Context())


@dataclass(frozen=True)
class Creator:
    functions: Functions
    id: str

    def ask(
        self,
        route: str,
        body: Any = None,
        query: dict[str, str] | None = None,
        claims: dict[str, str] | None = None,
        **path: Any,
    ) -> Reply:
        method, _, short = route.partition(" ")
        function = "creators.api" if route in PROJECTS else "secrets.api"
        if short.startswith("/analytics"):
            function = "analytics.api"
        self.functions.stage.claims = {"sub": self.id} if claims is None else claims
        return self.functions.stage.call(
            function,
            f"{method} /api{short}",
            body,
            path=path,
            query=query,
        )

    def project(self, **sent: Any) -> str:
        reply = self.ask("POST /projects", {"name": "Snake"} | sent)
        assert reply.status == 200, reply.body
        return str(reply.body["id"])

    def keep(self, key: str, value: str, **path: Any) -> Reply:
        route = "PUT /project/{projectId}/env" if path else "PUT /creator/env"
        return self.ask(route, {"key": key, "value": value}, **path)

    def audit(self) -> list[tuple[str, str | None, str | None]]:
        items = self.ask("GET /creator/audit").body["items"]
        return [(each["action"], each.get("projectId"), each.get("key")) for each in items]


@pytest.fixture(scope="module")
def shared(moto: Any) -> Iterator[Functions]:
    """Loading them takes longer than asking them; each test has creators of its own."""
    with pytest.MonkeyPatch.context() as patch, staged(moto, patch) as stage:
        key = boto3.client("kms", region_name="us-east-1").create_key()["KeyMetadata"]["KeyId"]
        patch.setenv("KMS_KEY", key)
        patch.setenv("API_BASE_PATH", "/api")
        patch.setenv("ERASE_FUNCTION", "erase")
        patch.setenv("SECRET_TABLE", "secrets")
        stage.dynamodb.create_table(
            TableName="secrets",
            KeySchema=[
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "SK", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        functions = Functions(stage)
        api = stage.module("creators.api")
        patch.setattr(api, "boto3", SimpleNamespace(client=lambda *_, **__: functions))
        yield functions


@pytest.fixture
def functions(shared: Functions, monkeypatch: pytest.MonkeyPatch) -> Functions:
    moments = count(NOW_MS)
    monkeypatch.setattr("time.time_ns", lambda: next(moments) * 1_000_000)
    shared.invoked.clear()
    shared.invocations_fail = False
    return shared


@pytest.fixture
def ann(functions: Functions) -> Creator:
    return Creator(functions, str(uuid4()))


@pytest.fixture
def bob(functions: Functions) -> Creator:
    return Creator(functions, str(uuid4()))


def test_a_project_is_made_listed_read_and_changed(ann: Creator) -> None:
    made = ann.ask("POST /projects", {"name": "Snake", "events": ["death"]}).body
    assert is_uuid(made["id"])
    assert (made["name"], made["events"], made["version"]) == ("Snake", ["death"], 1)
    assert made["createdAt"] == made["updatedAt"]
    assert made["createdAt"].startswith("2026-11-21T12:00:00.")
    listed = ann.ask("GET /projects").body["projects"]
    assert listed == [{"id": made["id"], "name": "Snake", "createdAt": made["createdAt"]}]
    path: dict[str, Any] = {"projectId": made["id"].upper()}
    assert ann.ask("GET /project/{projectId}", **path).body == made
    changed = ann.ask("PUT /project/{projectId}", {"name": "Worm"}, **path).body
    assert changed["updatedAt"] > made["updatedAt"]
    expected = made | {"name": "Worm", "version": 2, "updatedAt": changed["updatedAt"]}
    assert changed == expected
    assert ann.ask("GET /project/{projectId}", **path).body == expected
    assert ann.audit() == [
        ("project.change", made["id"], None),
        ("project.create", made["id"], None),
    ]


@pytest.mark.parametrize("version", [True, "1", 1.0, None])
def test_a_version_is_a_whole_number(ann: Creator, version: Any) -> None:
    path: dict[str, Any] = {"projectId": ann.project()}
    reply = ann.ask("PUT /project/{projectId}", {"name": "x", "version": version}, **path)
    assert reply.code == (400, "malformed")
    assert reply.body["error"]["message"].startswith("version: ")


def test_of_another_version_nothing_is_changed(ann: Creator) -> None:
    path: dict[str, Any] = {"projectId": ann.project()}
    reply = ann.ask("PUT /project/{projectId}", {"name": "x", "version": 2}, **path)
    assert reply.code == (409, "project_changed")
    assert ann.ask("GET /project/{projectId}", **path).body["name"] == "Snake"


ABOUT_A_PROJECT = [
    ("GET /project/{projectId}", None),
    ("PUT /project/{projectId}", {"name": "stolen"}),
    ("DELETE /project/{projectId}", None),
    ("POST /project/{projectId}/forget", {"playerKey": "x"}),
    ("GET /project/{projectId}/env", None),
    ("PUT /project/{projectId}/env", {"key": "A", "value": "x"}),
    ("DELETE /project/{projectId}/env/{key}", None),
]


@pytest.mark.parametrize(("route", "body"), ABOUT_A_PROJECT)
def test_another_s_project_is_as_unknown_as_one_that_does_not_exist(
    ann: Creator, bob: Creator, route: str, body: Any
) -> None:
    mine = ann.project()
    ann.keep("A", "secret", projectId=mine)
    before = ann.functions.stage.items("creators"), ann.functions.stage.items("secrets")
    for project_id in (mine, UNKNOWN):
        reply = bob.ask(route, body, projectId=project_id, key="A")
        assert reply.code == (404, "unknown_project")
    after = ann.functions.stage.items("creators"), ann.functions.stage.items("secrets")
    assert after == before
    assert ann.functions.invoked == []


@pytest.mark.parametrize(("route", "body"), ABOUT_A_PROJECT)
def test_a_project_s_id_is_a_uuid(ann: Creator, route: str, body: Any) -> None:
    reply = ann.ask(route, body, projectId="7", key="A")
    assert reply.code == (400, "malformed")
    assert reply.body["error"]["message"] == "projectId: not a UUID"


@pytest.mark.parametrize(
    "claims", [{}, {"sub": "7"}, {"sub": UNKNOWN, "is_anonymous": "true"}], ids=str
)
@pytest.mark.parametrize("route", ["GET /projects", "GET /creator/env", "DELETE /creator"])
def test_only_who_has_an_account_is_a_creator(
    ann: Creator, route: str, claims: dict[str, str]
) -> None:
    reply = ann.ask(route, claims=claims)
    assert reply.status == 403
    assert ann.functions.invoked == []


def job_of(functions: Functions, job_id: str) -> Any:
    return JobTable(functions.stage.dynamodb, "creators").read(job_id)


def test_a_deleted_project_is_gone_at_once_and_its_data_are_the_erasure_s(ann: Creator) -> None:
    mine = ann.project()
    told = ann.ask("DELETE /project/{projectId}", projectId=mine).body
    assert (told["kind"], told["status"], told["projectId"]) == ("project", "running", mine)
    assert told["removed"] == {"projects": 1}
    job = job_of(ann.functions, told["id"])
    assert (job.creator_id, job.targets) == (ann.id, (Target(mine, "2026-11-21"),))
    [request] = ann.functions.invoked
    assert (request["FunctionName"], request["InvocationType"]) == ("erase", "Event")
    assert json.loads(request["Payload"]) == {"jobId": job.id}
    assert ann.ask("GET /project/{projectId}", projectId=mine).status == 404
    assert ann.ask("GET /creator/job/{jobId}", jobId=job.id.upper()).body == told
    assert ann.audit()[0] == ("project.delete", mine, None)


def test_a_player_is_forgotten_by_the_hash_that_their_sessions_have(ann: Creator) -> None:
    mine = ann.project()
    path: dict[str, Any] = {"projectId": mine}
    told = ann.ask("POST /project/{projectId}/forget", {"playerKey": "ann"}, **path).body
    assert (told["kind"], told["projectId"]) == ("player", mine)
    job = job_of(ann.functions, told["id"])
    assert job.player == player_hash(HASH_KEY, mine, "ann")
    assert job.targets == (Target(mine, "2026-11-21"),)
    assert len(ann.functions.invoked) == 1
    assert ann.audit()[0] == ("player.forget", mine, None)


@pytest.mark.parametrize("body", [{}, {"playerKey": None}, {"playerKey": ""}, {"playerKey": 7}])
def test_a_request_to_forget_must_name_a_player(ann: Creator, body: Any) -> None:
    reply = ann.ask("POST /project/{projectId}/forget", body, projectId=ann.project())
    assert reply.code == (400, "malformed")
    assert reply.body["error"]["message"].startswith("playerKey: ")
    assert ann.functions.invoked == []


def test_a_creator_is_erased_once_however_often_it_is_asked(ann: Creator) -> None:
    ann.project()
    first, again = (ann.ask("DELETE /creator").body for _ in range(2))
    assert first == again
    assert (first["kind"], "projectId" in first) == ("creator", False)
    jobs = [json.loads(each["Payload"])["jobId"] for each in ann.functions.invoked]
    assert jobs == [first["id"]] * 2
    assert ann.ask("POST /projects", {"name": "x"}).code == (409, "being_erased")
    assert [action for action, *_ in ann.audit()].count("creator.erase") == 1


def test_an_erasure_that_could_not_be_started_is_kept_for_the_next_hour(ann: Creator) -> None:
    ann.functions.invocations_fail = True
    told = ann.ask("DELETE /creator")
    assert told.status == 200
    jobs = JobTable(ann.functions.stage.dynamodb, "creators")
    assert told.body["id"] in jobs.unfinished()


@pytest.mark.parametrize("job_id", ["7", UNKNOWN])
def test_a_job_that_does_not_exist_is_unknown(ann: Creator, job_id: str) -> None:
    assert ann.ask("GET /creator/job/{jobId}", jobId=job_id).code == (404, "unknown_job")


def test_another_s_job_is_unknown(ann: Creator, bob: Creator) -> None:
    job_id = ann.ask("DELETE /creator").body["id"]
    assert bob.ask("GET /creator/job/{jobId}", jobId=job_id).code == (404, "unknown_job")


def test_the_audit_is_read_month_by_month_and_page_by_page(ann: Creator, bob: Creator) -> None:
    made = [ann.project() for _ in range(3)]
    first = ann.ask("GET /creator/audit", query={"limit": "2"}).body
    assert first["month"] == "2026-11"
    assert [each["projectId"] for each in first["items"]] == [made[2], made[1]]
    query = {"month": "2026-11", "limit": "2", "cursor": first["cursor"]}
    rest = ann.ask("GET /creator/audit", query=query).body
    assert ([each["projectId"] for each in rest["items"]], rest["cursor"]) == ([made[0]], None)
    assert ann.ask("GET /creator/audit", query={"month": "2026-10"}).body["items"] == []
    assert bob.ask("GET /creator/audit").body["items"] == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"limit": "0"}, "limit: not a whole number from 1 to 100"),
        ({"limit": "101"}, "limit: not a whole number from 1 to 100"),
        ({"month": "2026-13"}, "month: not a month such as 2026-11"),
        ({"cursor": "7"}, "cursor: not a cursor from an answer for this month"),
    ],
)
def test_the_query_of_the_audit_is_checked(
    ann: Creator, query: dict[str, str], sentence: str
) -> None:
    reply = ann.ask("GET /creator/audit", query=query)
    assert (reply.status, reply.body["error"]["message"]) == (400, sentence)
    assert ann.ask("GET /creator/audit", query={"limit": "100"}).status == 200


def test_secrets_are_listed_by_name_and_no_answer_has_a_value(ann: Creator, bob: Creator) -> None:
    mine = ann.project()
    assert ann.keep("B_KEY", "of-the-creator").body == {"ok": True}
    assert ann.keep("A_KEY", "of-the-project", projectId=mine).body == {"ok": True}
    assert ann.ask("GET /creator/env").body == [{"key": "B_KEY"}]
    assert ann.ask("GET /project/{projectId}/env", projectId=mine).body == [{"key": "A_KEY"}]
    assert bob.ask("GET /creator/env").body == []
    assert ann.audit()[:2] == [("key.put", mine, "A_KEY"), ("key.put", None, "B_KEY")]
    stored = str(ann.functions.stage.items("secrets"))
    assert "of-the" not in stored


def test_a_secret_is_deleted_by_name(ann: Creator) -> None:
    mine = ann.project()
    ann.keep("KEY", "x")
    ann.keep("KEY", "y", projectId=mine)
    route = "DELETE /project/{projectId}/env/{key}"
    assert ann.ask(route, projectId=mine, key="KEY").body == {"ok": True}
    assert ann.ask("GET /project/{projectId}/env", projectId=mine).body == []
    assert ann.ask(route, projectId=mine, key="KEY").code == (404, "unknown_key")
    assert ann.ask("DELETE /creator/env/{key}", key="KEY").body == {"ok": True}
    assert ann.ask("GET /creator/env").body == []
    assert ann.ask("DELETE /creator/env/{key}", key="key").code == (400, "malformed")
    deleted = [each for each in ann.audit() if each[0] == "key.delete"]
    assert deleted == [("key.delete", None, "KEY"), ("key.delete", mine, "KEY")]


def test_a_creator_under_erasure_stores_no_more_secrets(ann: Creator) -> None:
    ann.ask("DELETE /creator")
    assert ann.keep("KEY", "x").code == (409, "being_erased")
    owners = {item["PK"]["S"] for item in ann.functions.stage.items("secrets")}
    assert f"creator/{ann.id}" not in owners


def test_a_projects_server_gets_the_listed_secrets_its_own_before_its_creators(
    ann: Creator, bob: Creator
) -> None:
    mine = ann.project(injectable=["BOTH", "CREATORS", "MISSING"])
    ann.keep("BOTH", "of the creator")
    ann.keep("CREATORS", "shared")
    ann.keep("NOT_LISTED", "private")
    ann.keep("BOTH", "of the project", projectId=mine)
    bob.keep("MISSING", "another's")
    expected = {"env": {"BOTH": "of the project", "CREATORS": "shared"}}
    assert ann.functions.resolve(mine) == expected
    assert ann.functions.resolve(mine.upper()) == expected


@pytest.mark.parametrize(
    ("project_id", "code"), [(UNKNOWN, "unknown_project"), ("7", "malformed"), (None, "malformed")]
)
def test_a_project_that_does_not_exist_is_given_nothing(
    functions: Functions, project_id: Any, code: str
) -> None:
    answer = functions.resolve(project_id)
    assert (list(answer), answer["error"]["code"]) == (["error"], code)


def test_a_deleted_project_s_server_is_given_nothing(ann: Creator) -> None:
    mine = ann.project(injectable=["KEY"])
    ann.keep("KEY", "x")
    assert ann.functions.resolve(mine)["env"] == {"KEY": "x"}
    ann.ask("DELETE /project/{projectId}", projectId=mine)
    assert "env" not in ann.functions.resolve(mine)


def test_a_summary_is_its_creator_s_alone(
    ann: Creator, bob: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: NOW_MS / 1000)
    mine = ann.project()
    table = CounterTable(ann.functions.stage.dynamodb, "telemetry", wait=lambda _: None)
    table.count(facts_in([counted_event(1, project=mine)]))
    route = "GET /analytics/summary"
    told = ann.ask(route, query={"projectId": mine.upper()}).body
    assert (told["projectId"], told["from"], told["to"]) == (mine, "2026-10-23", "2026-11-21")
    assert told["total"]["events"] == {"death": 1}
    assert [day["day"] for day in told["days"]] == ["2026-11-21"]
    earlier = {"projectId": mine, "from": "2026-10-01", "to": "2026-11-20"}
    assert ann.ask(route, query=earlier).body["days"] == []
    for project_id in (mine, uuid7(NOW_MS)):
        assert bob.ask(route, query={"projectId": project_id}).code == (404, "unknown_project")
    for query in ({}, {"projectId": "7"}):
        assert ann.ask(route, query=query).code == (400, "malformed")


def test_every_route_of_creators_has_an_answer(ann: Creator) -> None:
    """And a request past the edge has none."""
    for route in (*PROJECTS, *SECRETS):
        path: dict[str, Any] = {"projectId": UNKNOWN, "jobId": UNKNOWN, "key": "KEY"}
        assert ann.ask(route, {}, **path).status in {200, 400, 404}, route
