"""Creators through the edge, tokens and IAM enforced: their own projects, and nobody else's."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest
import yaml
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization

from config import names, paths
from config.capabilities import analytics, creators, erasure, telemetry
from config.capabilities import data as data_manifest
from config.capabilities import secrets as secrets_manifest
from config.environments import LOCAL
from config.settings import LOCAL_ISSUER
from lambdas.creators import routes as creator_routes
from lambdas.data import routes as data_routes
from lambdas.data.table import DataTable
from lambdas.data.things import Place, Thing
from lambdas.secrets import routes as secret_routes
from lambdas.secrets.env_vars import creator_owner, project_owner
from lambdas.shared.values.uuids import uuid7
from lambdas.telemetry import records
from lambdas.telemetry.table import TelemetryTable
from local.cloud.origin import Origin
from local.edge.server import LocalEdge
from local.issuer import Issuer, Keys
from stacks.shared.packaging import ROOT
from tests.e2e.conftest import System
from tests.e2e.creator import Creator, Game, Reply, until

DOCUMENT = yaml.safe_load((ROOT / "docs" / "reference" / "openapi" / "creators.yaml").read_text())
UNKNOWN = "019aa5b0-0000-7000-8000-00000000cafe"


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    example: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names_something(self) -> bool:
        return "{projectId}" in self.path or "{jobId}" in self.path

    def about(self, id: str) -> str:
        return (
            self.path.replace("{projectId}", id)
            .replace("{jobId}", id)
            .replace("{key}", "GAME_API_KEY")
            .replace("{collection}", "levels")
            .replace("{id}", UNKNOWN)
        )


def routes() -> list[Route]:
    """The routes of the OpenAPI document, so new routes are tested too."""
    found = []
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                short = path.removeprefix(paths.API_BASE_PATH)
                found.append(Route(method.upper(), short, _example(operation)))
    return found


def _example(operation: Any) -> Any:
    body = operation.get("requestBody")
    if body and "$ref" in body:
        body = DOCUMENT["components"]["requestBodies"][body["$ref"].rpartition("/")[2]]
    return body["content"]["application/json"]["example"] if body else None


ROUTES = routes()
SUMMARY = Route("GET", "/analytics/summary?projectId={projectId}", None)
NAMING = [route for route in (*ROUTES, SUMMARY) if route.names_something]


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture(scope="module")
def ann(system: System, edge: LocalEdge) -> Creator:
    return Creator(edge.url, system.cloud.issuer, "ann@example.org")


@pytest.fixture(scope="module")
def bob(system: System, edge: LocalEdge) -> Creator:
    creator = Creator(edge.url, system.cloud.issuer, "bob@example.org")
    creator.project(name="Bob's own")
    return creator


@pytest.fixture(scope="module")
def nobody(system: System, edge: LocalEdge) -> Creator:
    """Signed in, and has never made anything."""
    return Creator(edge.url, system.cloud.issuer, "nobody@example.org")


@pytest.fixture(scope="module")
def project_id(ann: Creator) -> str:
    return ann.project(events=["death"], injectable=["GAME_API_KEY", "NOT_THERE"])


def test_the_documents_routes_are_the_deployed_ones() -> None:
    routed = (creator_routes.ROUTES, secret_routes.ROUTES, data_routes.CREATOR_ROUTES)
    served = [routes.keys("") for routes in routed]
    assert sorted(map(str, ROUTES)) == sorted(key for keys in served for key in keys.values())


# Access to projects


@pytest.mark.parametrize("route", NAMING, ids=str)
def test_someone_elses_project_answers_like_an_unknown_one(
    ann: Creator, bob: Creator, nobody: Creator, project_id: str, route: Route
) -> None:
    job_id = ann.good("POST", f"/project/{project_id}/forget", {"playerKey": "x"})["id"]
    existing = job_id if "{jobId}" in route.path else project_id
    for stranger in (bob, nobody):
        foreign = stranger.ask(route.method, route.about(existing), route.example)
        unknown = stranger.ask(route.method, route.about(UNKNOWN), route.example)
        assert foreign.status == 404
        assert (foreign.status, foreign.text) == (unknown.status, unknown.text)
    assert ann.ask("GET", f"/project/{project_id}").status == 200


def test_a_route_that_names_nothing_answers_about_its_caller_alone(
    ann: Creator, nobody: Creator, project_id: str
) -> None:
    ann.good("PUT", "/creator/env", {"key": "ANNS_OWN", "value": "x"})
    assert [str(route) for route in ROUTES if not route.names_something] == [
        "GET /projects",
        "POST /projects",
        "GET /creator/env",
        "PUT /creator/env",
        "DELETE /creator/env/{key}",
        "GET /creator/audit",
        "DELETE /creator",
    ]
    assert project_id in [each["id"] for each in ann.good("GET", "/projects")["projects"]]
    assert nobody.good("GET", "/projects") == {"projects": []}
    assert nobody.good("GET", "/creator/env") == []
    assert nobody.good("GET", "/creator/audit")["items"] == []
    assert nobody.ask("DELETE", "/creator/env/ANNS_OWN").code == (404, "unknown_key")
    nobody.wait_for(nobody.good("DELETE", "/creator")["id"])
    assert {"key": "ANNS_OWN"} in ann.good("GET", "/creator/env")


def bad_tokens(issuer: Issuer, tmp_path: Path) -> dict[str, str]:
    email = "ann@example.org"
    good = issuer.token(email)
    claims = jwt.decode(good, options={"verify_signature": False})
    forger = Keys(tmp_path / "forged.pem")
    header, payload, signature = good.split(".")
    public = issuer.keys.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "none": "",
        "no token at all": "guess",
        "another audience": issuer.token(email, aud="anon"),
        "another issuer": issuer.token(email, iss="https://elsewhere.example/auth/v1"),
        "a local issuer of another name": issuer.token(email, iss=f"{LOCAL_ISSUER}/"),
        "expired": issuer.token(email, iat=1_700_000_000, exp=1_700_003_600),
        "not yet": issuer.token(email, nbf=4_000_000_000),
        "to renew with": issuer.session(email)["refresh_token"],
        "another key": jwt.encode(
            claims, forger.private, algorithm="RS256", headers={"kid": issuer.keys.id}
        ),
        "an unknown key": forger.sign(claims),
        "no signature": f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': issuer.keys.id})}.{payload}.",
        "a signature cut": f"{header}.{payload}.{signature[:-4]}",
        "other claims": f"{header}.{_part(claims | {'sub': UNKNOWN})}.{signature}",
        "signed with the public key": _hs256(claims, public, issuer.keys.id),
    }


def _part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _hs256(claims: Any, secret: bytes, kid: str) -> str:
    """By hand: no library signs so, for this is the attack on those that verify so."""
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{_part(claims)}"
    return f"{signed}.{_part(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def test_without_a_good_token_no_route_is_reached(
    system: System, ann: Creator, project_id: str, tmp_path: Path
) -> None:
    functions = (
        creators.API.name,
        secrets_manifest.API.name,
        analytics.API.name,
    )
    before = [system.invocations(each) for each in functions]
    tokens = bad_tokens(system.cloud.issuer, tmp_path)
    reached = [
        (str(route), what)
        for route in (*ROUTES, SUMMARY)
        for what, token in tokens.items()
        if answer_to(ann, route, project_id, token) != (401, {"message": "Unauthorized"})
    ]
    assert not reached
    assert [system.invocations(each) for each in functions] == before


def answer_to(creator: Creator, route: Route, id: str, token: str) -> tuple[int, Any]:
    reply = creator.ask(route.method, route.about(id), route.example, token=token)
    return reply.status, reply.body


@pytest.mark.parametrize(
    "claims", [{"sub": "not-a-uuid"}, {"sub": ""}, {"is_anonymous": True}], ids=str
)
def test_a_token_that_names_no_creator_is_refused(
    system: System, ann: Creator, claims: dict[str, Any]
) -> None:
    token = system.cloud.issuer.token("ann@example.org", **claims)
    assert ann.ask("GET", "/projects", token=token).code == (403, "no_creator")


def test_with_a_good_token_alone_the_origin_does_not_open(system: System, ann: Creator) -> None:
    origin = Origin(system.cloud, telemetry.ENDPOINT.parameter)
    headers = {"Authorization": f"Bearer {ann.issuer.token(ann.email)}"}
    for route in ROUTES:
        path = f"{paths.API_BASE_PATH}{route.about(UNKNOWN)}"
        reply = origin.request(route.method, path, headers, locked=False)
        assert reply.status == 403, route
        assert reply.body["error"]["code"] == "origin_not_verified"


# Projects


def test_a_project_is_made_changed_and_listed(ann: Creator) -> None:
    made = ann.good("POST", "/projects", {"name": " Snäke  2 ", "events": ["death"]})
    path = f"/project/{made['id']}"
    assert ann.good("GET", path) == made
    assert (made["name"], made["version"]) == ("Snäke 2", 1)
    sent = {"events": ["death", "level_up"], "retention": {"scoreDays": None}, "version": 1}
    changed = ann.good("PUT", path, sent)
    assert ann.good("GET", path) == changed
    assert changed["name"] == "Snäke 2"
    assert changed["retention"] == {"eventDays": 90, "sessionDays": 30, "scoreDays": None}
    assert ann.ask("PUT", path, sent).code == (409, "project_changed")
    assert ann.ask("PUT", path, {"events": ["No"]}).code == (400, "malformed")
    assert ann.ask("GET", "/project/mine").code == (400, "malformed")
    listed = {each["id"]: each["name"] for each in ann.good("GET", "/projects")["projects"]}
    assert listed[made["id"]] == "Snäke 2"


# Secrets


def test_secrets_have_the_documented_format(system: System, edge: LocalEdge) -> None:
    creator = Creator(edge.url, system.cloud.issuer, "wire@example.org")
    project = creator.project()
    for path in ("/creator/env", f"/project/{project}/env"):
        assert creator.ask("GET", path).text == "[]"
        for key in ("SUPABASE_URL", "GAME_API_KEY"):
            put = creator.ask("PUT", path, {"key": key, "value": "secret-value"})
            assert (put.status, put.text) == (200, '{"ok":true}')
        listed = creator.ask("GET", path)
        assert listed.text == '[{"key":"SUPABASE_URL"},{"key":"GAME_API_KEY"}]'
        deleted = creator.ask("DELETE", f"{path}/SUPABASE_URL")
        assert (deleted.status, deleted.text) == (200, '{"ok":true}')
        assert creator.ask("GET", path).text == '[{"key":"GAME_API_KEY"}]'
        assert creator.ask("DELETE", f"{path}/SUPABASE_URL").code == (404, "unknown_key")
        assert creator.ask("DELETE", f"{path}/lower").code == (400, "malformed")


def resolve(system: System, project_id: str, **client: Any) -> Any:
    answer = (client.get("lambda_") or system.cloud.client("lambda")).invoke(
        FunctionName=secrets_manifest.RESOLVE_ENV.name,
        Payload=json.dumps({"projectId": project_id}),
    )
    body = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        return body["errorMessage"]
    return body["env"] if "env" in body else body["error"]["code"]


def test_the_projects_value_goes_before_its_creators_and_only_what_is_listed_resolves(
    system: System, ann: Creator
) -> None:
    project = ann.project(injectable=["BOTH", "OF_CREATOR", "OF_PROJECT", "NOWHERE"])
    other = ann.project(injectable=["BOTH"])
    for key in ("BOTH", "OF_CREATOR", "UNLISTED"):
        ann.good("PUT", "/creator/env", {"key": key, "value": f"creator's {key}"})
    for key in ("BOTH", "OF_PROJECT", "ALSO_UNLISTED"):
        ann.good("PUT", f"/project/{project}/env", {"key": key, "value": f"project's {key}"})
    assert resolve(system, project) == {
        "BOTH": "project's BOTH",
        "OF_CREATOR": "creator's OF_CREATOR",
        "OF_PROJECT": "project's OF_PROJECT",
    }
    assert resolve(system, other) == {"BOTH": "creator's BOTH"}
    ann.good("PUT", f"/project/{project}/env", {"key": "BOTH", "value": "new あ\n"})
    assert resolve(system, project)["BOTH"] == "new あ\n"
    ann.good("DELETE", f"/project/{project}/env/BOTH")
    assert resolve(system, project)["BOTH"] == "creator's BOTH"
    ann.good("PUT", f"/project/{project}", {"injectable": []})
    assert resolve(system, project) == {}
    assert resolve(system, UNKNOWN) == "unknown_project"
    assert resolve(system, "x") == "malformed"


def test_only_a_role_with_the_grant_may_have_secrets_resolved(
    system: System, project_id: str
) -> None:
    iam = system.cloud.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": LOCAL.account}}
        ],
    }
    iam.create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps(trust))
    try:
        runner = as_role(system, "runner")
        with pytest.raises(ClientError, match="AccessDenied"):
            resolve(system, project_id, lambda_=runner)
        policy = f"{secrets_manifest.RESOLVE_ENV_CALLER}-{LOCAL.region}"
        arn = f"arn:aws:iam::{LOCAL.account}:policy/{policy}"
        iam.attach_role_policy(RoleName="runner", PolicyArn=arn)
        assert resolve(system, project_id, lambda_=runner) == {}
        with pytest.raises(ClientError, match="AccessDenied"):
            runner.invoke(FunctionName=erasure.ERASE.name, Payload=b"{}")
        iam.detach_role_policy(RoleName="runner", PolicyArn=arn)
    finally:
        iam.delete_role(RoleName="runner")


def as_role(system: System, role: str) -> Any:
    answer = system.cloud.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{LOCAL.account}:role/{role}", RoleSessionName="test"
    )
    given = answer["Credentials"]
    return boto3.client(
        "lambda",
        endpoint_url=system.cloud.url,
        region_name=LOCAL.region,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def test_a_value_sealed_by_another_key_stays_readable(system: System, ann: Creator) -> None:
    """The emulator rotates no key material, so the test uses another key, which is harder."""
    kms, iam = system.cloud.client("kms"), system.cloud.client("iam")
    lambda_ = system.cloud.client("lambda")
    project = ann.project(injectable=["OLD", "NEW"])
    ann.good("PUT", f"/project/{project}/env", {"key": "OLD", "value": "old"})
    fresh = kms.create_key()["KeyMetadata"]["Arn"]
    function = secrets_manifest.API.name
    before = lambda_.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    status = kms.get_key_rotation_status(KeyId=before["KMS_KEY"])
    assert status["KeyRotationEnabled"] is True
    roles = [
        names.function_role(each, str(LOCAL.region))
        for each in (function, secrets_manifest.RESOLVE_ENV.name)
    ]
    allowed = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": fresh}],
    }
    for role in roles:
        iam.put_role_policy(RoleName=role, PolicyName="fresh", PolicyDocument=json.dumps(allowed))
    try:
        lambda_.update_function_configuration(
            FunctionName=function, Environment={"Variables": before | {"KMS_KEY": fresh}}
        )
        ann.good("PUT", f"/project/{project}/env", {"key": "NEW", "value": "new"})
        assert resolve(system, project) == {"OLD": "old", "NEW": "new"}
    finally:
        lambda_.update_function_configuration(
            FunctionName=function, Environment={"Variables": before}
        )
        for role in roles:
            iam.delete_role_policy(RoleName=role, PolicyName="fresh")
    sealed_by = {item["kms_key"]["S"] for item in stored(system, project_owner(project))}
    assert len(sealed_by) == 2


def stored(system: System, owner: str) -> list[Any]:
    answer = system.cloud.client("dynamodb").query(
        TableName=system.parameter(secrets_manifest.TABLE.parameter),
        KeyConditionExpression="PK = :pk AND begins_with(SK, :env)",
        ExpressionAttributeValues={":pk": {"S": owner}, ":env": {"S": "ENV#"}},
    )
    items: list[Any] = answer["Items"]
    return items


def test_a_value_moved_to_another_owner_does_not_open(system: System, ann: Creator) -> None:
    """Write access to the table does not let a project read another project's secret."""
    project = ann.project(injectable=["MOVED"])
    ann.good("PUT", "/creator/env", {"key": "SOURCE", "value": "x"})
    [item] = [
        each for each in stored(system, creator_owner(ann.id)) if each["SK"]["S"] == "ENV#SOURCE"
    ]
    moved = item | {"PK": {"S": project_owner(project)}, "SK": {"S": "ENV#MOVED"}}
    system.cloud.client("dynamodb").put_item(
        TableName=system.parameter(secrets_manifest.TABLE.parameter), Item=moved
    )
    assert "InvalidCiphertextException" in resolve(system, project)


def test_each_request_costs_what_is_documented(system: System, edge: LocalEdge) -> None:
    creator = Creator(edge.url, system.cloud.issuer, "thrifty@example.org")
    secret = {"key": "KEY", "value": "x"}
    measured: dict[str, tuple[float, float]] = {}

    def cost(function: str, method: str, path: str, body: Any = None, name: str = "") -> Any:
        before = len(system.requests(function))
        answer = creator.good(method, path, body)
        line = system.request(function, before)
        measured[f"{method} {name or path}"] = line["rru"], line["wru"]
        return answer

    of_projects, of_secrets = creators.API.name, secrets_manifest.API.name
    made = cost(of_projects, "POST", "/projects", {"name": "Thrift"})
    path = f"/project/{made['id']}"
    cost(of_projects, "GET", "/projects")
    cost(of_projects, "GET", path, name="/project")
    cost(of_projects, "PUT", path, {"name": "Thrifty"}, name="/project")
    for owner in ("/creator/env", f"{path}/env"):
        name = owner.replace(made["id"], "")
        cost(of_secrets, "PUT", owner, secret, name=name)
        cost(of_secrets, "GET", owner, name=name)
    for owner in ("/creator/env", f"{path}/env"):
        name = owner.replace(made["id"], "")
        cost(of_secrets, "DELETE", f"{owner}/KEY", name=name)
    cost(of_projects, "GET", "/creator/audit")
    job = cost(of_projects, "POST", f"{path}/forget", {"playerKey": "x"}, name="/forget")
    cost(of_projects, "GET", f"/creator/job/{job['id']}", name="/creator/job")
    cost(of_projects, "DELETE", path, name="/project")
    cost(of_projects, "DELETE", "/creator")
    assert measured == {
        "GET /projects": (1, 0),
        "POST /projects": (0, 8),
        "GET /project": (1, 0),
        "PUT /project": (1, 6),
        "DELETE /project": (1, 12),
        "GET /creator/env": (1, 0),
        "PUT /creator/env": (0, 8),
        "DELETE /creator/env": (0, 8),
        "GET /project//env": (2, 0),
        "PUT /project//env": (1, 8),
        "DELETE /project//env": (1, 8),
        "GET /creator/audit": (0.5, 0),
        "POST /forget": (1, 6),
        "GET /creator/job": (1, 0),
        "DELETE /creator": (0, 8),
    }


# Audit


def test_every_change_is_noted_and_a_refused_one_is_not(system: System, edge: LocalEdge) -> None:
    creator = Creator(edge.url, system.cloud.issuer, "audited@example.org")
    project = creator.project()
    same = {"key": "KEY", "value": "same"}
    for _ in range(2):
        creator.good("PUT", f"/project/{project}/env", same)
    creator.good("PUT", "/creator/env", same)
    creator.good("PUT", f"/project/{project}", {"name": "Renamed"})
    creator.good("DELETE", "/creator/env/KEY")
    refused: list[Reply] = [
        creator.ask("PUT", "/creator/env", {"key": "KEY", "value": ""}),
        creator.ask("PUT", f"/project/{UNKNOWN}/env", same),
        creator.ask("DELETE", "/creator/env/KEY"),
        creator.ask("PUT", f"/project/{project}", {"name": ""}),
    ]
    assert all(reply.status >= 400 for reply in refused)
    page = creator.good("GET", "/creator/audit")
    items = list(reversed(page["items"]))
    assert {item["creatorId"] for item in items} == {creator.id}
    assert [item["action"] for item in items] == [
        "project.create",
        "key.put",
        "key.put",
        "key.put",
        "project.change",
        "key.delete",
    ]
    assert [item.get("key") for item in items] == [None, "KEY", "KEY", "KEY", None, "KEY"]
    assert [item.get("projectId") for item in items] == [project] * 3 + [None, project, None]
    assert page["cursor"] is None


def test_the_audit_is_read_in_pages_by_month(system: System, edge: LocalEdge) -> None:
    creator = Creator(edge.url, system.cloud.issuer, "pages@example.org")
    for number in range(5):
        creator.good("PUT", "/creator/env", {"key": f"K{number}", "value": "x"})
    page = creator.good("GET", "/creator/audit?limit=3")
    rest = creator.good("GET", f"/creator/audit?limit=3&cursor={page['cursor']}")
    assert [each["key"] for each in page["items"] + rest["items"]] == ["K4", "K3", "K2", "K1", "K0"]
    assert rest["cursor"] is None
    assert creator.good("GET", "/creator/audit?month=2024-01")["items"] == []
    for query in ("month=2026-13", "month=now", "limit=0", "limit=101", "cursor=x"):
        assert creator.ask("GET", f"/creator/audit?{query}").code == (400, "malformed")


# No answer or log contains a secret


def test_a_planted_secret_appears_in_no_answer_or_log_but_its_resolvers_answer(
    system: System, ann: Creator
) -> None:
    canary = f"canary-{secrets.token_hex(12)}"
    project = ann.project(injectable=["CANARY"])
    path = f"/project/{project}/env"
    said = [
        ann.ask("PUT", path, {"key": "CANARY", "value": canary}),
        ann.ask("PUT", path, {"key": "CANARY", "value": canary}),
        ann.ask("PUT", "/creator/env", {"key": "CANARY", "value": canary}),
        *refused_with(ann, path, canary),
        *failed_with(system, ann, path, canary),
        ann.ask("GET", path),
        ann.ask("GET", "/creator/env"),
        ann.ask("GET", f"/project/{project}"),
        ann.ask("GET", "/creator/audit"),
        ann.ask("DELETE", "/creator/env/CANARY"),
    ]
    assert resolve(system, project) == {"CANARY": canary}
    assert [reply.text for reply in said if canary in reply.text] == []
    told = dict(everything_told(system))
    assert any("PUT /api/creator/env" in text for text in told.values())
    assert any("key.put" in text for text in told.values())
    assert [where for where, text in told.items() if canary in text] == []
    assert [where for where, text in told.items() if encoded(canary) in text] == []


def test_the_systems_own_secrets_are_in_their_stores_and_in_no_template(
    system: System,
) -> None:
    own = (names.TOKEN_KEYS, names.HASH_KEY, names.ORIGIN_LOCK)
    kept = [value for name in own for value in system.parameter(name).split(",")]
    kept += system.edge_values("k_").values()
    secret = [value.rpartition(":")[2] for value in kept]
    assert min(map(len, secret)) >= 22
    told = {where: text for where, text in everything_told(system) if where not in own}
    assert any(where.endswith("EdgeStack.template.json") for where in told)
    assert [where for where, text in told.items() if any(each in text for each in secret)] == []


def refused_with(creator: Creator, path: str, canary: str) -> list[Reply]:
    replies = [
        creator.ask("PUT", path, sent)
        for sent in (
            {"key": canary, "value": canary},
            {"key": "CANARY", "value": [canary]},
            {"key": "CANARY", "value": canary * 200},
            {"key": "CANARY", "value": canary + "\0"},
            {"key": "CANARY", "value": canary, "more": canary},
            [canary],
            canary,
            f'{{"key": "CANARY", "value": "{canary}'.encode(),
            f'{{"key": "CANARY", "value": "{canary}\\ud800"}}'.encode(),
        )
    ]
    assert {reply.code for reply in replies} == {(400, "malformed")}
    unknown = creator.ask("PUT", f"/project/{UNKNOWN}/env", {"key": "CANARY", "value": canary})
    assert unknown.status == 404
    return [*replies, unknown]


def failed_with(system: System, creator: Creator, path: str, canary: str) -> list[Reply]:
    """The replies while KMS or the table refuses."""
    kms, iam = system.cloud.client("kms"), system.cloud.client("iam")
    [item] = stored(system, project_owner(path.split("/")[2]))
    key = item["kms_key"]["S"]
    sent = {"key": "CANARY", "value": canary}
    kms.disable_key(KeyId=key)
    try:
        sealed = creator.ask("PUT", path, sent)
    finally:
        kms.enable_key(KeyId=key)
    role = names.function_role(secrets_manifest.API.name, str(LOCAL.region))
    denied = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "dynamodb:UpdateItem", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(denied))
    try:
        written = creator.ask("PUT", path, sent)
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")
    assert {sealed.code, written.code} == {(500, "internal")}
    return [sealed, written]


def everything_told(system: System) -> Iterator[tuple[str, str]]:
    """Logs of every kind, templates, stored items, metrics, settings of functions."""
    logs = system.cloud.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        yield name, "\n".join(event["message"] for page in pages for event in page["events"])
    for path in [*system.cloud.directory.rglob("*.log"), *assembly(system)]:
        yield str(path), path.read_text(errors="replace")
    dynamodb = system.cloud.client("dynamodb")
    for table in dynamodb.list_tables()["TableNames"]:
        pages = dynamodb.get_paginator("scan").paginate(TableName=table)
        yield table, "\n".join(spelled(item) for page in pages for item in page["Items"])
    for metric in system.cloud.client("cloudwatch").list_metrics()["Metrics"]:
        yield f"metric {metric['MetricName']} {metric['Dimensions']}", json.dumps(metric)
    for function in system.cloud.client("lambda").list_functions()["Functions"]:
        yield function["FunctionName"], json.dumps(function, default=str)
    for parameter in system.cloud.client("ssm").describe_parameters()["Parameters"]:
        yield parameter["Name"], system.parameter(parameter["Name"])


def assembly(system: System) -> Iterator[Path]:
    found = list((system.cloud.directory / "cdk.out").rglob("*.json"))
    assert any("TelemetryStack.template" in path.name for path in found)
    return iter(found)


def spelled(item: dict[str, Any]) -> str:
    """Binary attributes as the text that they would be."""
    return repr(
        {
            name: value["B"].decode(errors="replace") if "B" in value else value
            for name, value in item.items()
        }
    )


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# Erasure


def test_an_erasure_that_failed_half_way_is_gone_on_with_and_another_creator_stays_whole(
    system: System, edge: LocalEdge, bob: Creator
) -> None:
    creator = Creator(edge.url, system.cloud.issuer, "leaving@example.org")
    kept = bob.project(events=["death"])
    fill(system, kept, sessions=3)
    bob.good("PUT", f"/project/{kept}/env", {"key": "KEPT", "value": "x"})
    # Its counters are still to come: they are written when it pleases the stream.
    before = [each for each in about(system, kept) if not each["PK"]["S"].startswith("C#")]
    there: Counter[str] = Counter(projects=2, keys=3)
    projects = [creator.project(events=["death"]) for _ in range(2)]
    for project, sessions in zip(projects, (12, 4), strict=True):
        there += fill(system, project, sessions)
        creator.good("PUT", f"/project/{project}/env", {"key": "KEY", "value": "x"})
    creator.good("PUT", "/creator/env", {"key": "KEY", "value": "x"})
    with no_secret_deleted(system):
        job = creator.good("DELETE", "/creator")
        assert creator.good("DELETE", "/creator")["id"] == job["id"]
        assert creator.ask("POST", "/projects", {"name": "Late"}).code == (409, "being_erased")
        late = creator.ask("PUT", "/creator/env", {"key": "LATE", "value": "x"})
        assert late.code == (409, "being_erased")
        until(lambda: failures(system), lambda found: found > 0)
        half = creator.good("GET", f"/creator/job/{job['id']}")
        assert half["status"] == "running"
        assert 0 < half["removed"]["events"] < there["events"]
        assert len(stored(system, creator_owner(creator.id))) == 1
    # As the hourly rule does.
    system.cloud.client("lambda").invoke(FunctionName=erasure.ERASE.name, Payload=b"{}")
    removed = creator.wait_for(job["id"])["removed"]
    # The counters come by the stream, at their own pace.
    removed.pop("days", None)
    assert removed == there
    for project in projects:
        assert about(system, project) == []
        assert creator.ask("GET", f"/project/{project}").status == 404
        assert resolve(system, project) == "unknown_project"
    assert stored(system, creator_owner(creator.id)) == []
    items = creator.good("GET", "/creator/audit")["items"]
    assert "creator.erase" in {item["action"] for item in items}
    assert not any("projectId" in item or "key" in item for item in items)
    assert [each for each in before if each not in about(system, kept)] == []
    assert bob.good("GET", f"/project/{kept}/env") == [{"key": "KEPT"}]
    assert creator.project()


@contextmanager
def no_secret_deleted(system: System) -> Iterator[None]:
    """The work fails where the first project's secrets come, its telemetry being gone by then."""
    iam = system.cloud.client("iam")
    role = names.function_role(erasure.ERASE.name, str(LOCAL.region))
    table = system.parameter(secrets_manifest.TABLE.parameter)
    denied = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Action": "dynamodb:BatchWriteItem",
                "Resource": f"arn:aws:dynamodb:{LOCAL.region}:{LOCAL.account}:table/{table}",
            }
        ],
    }
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(denied))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")


def failures(system: System) -> int:
    return sum("AccessDenied" in line for line in system.log_lines(erasure.ERASE.name))


def fill(system: System, project_id: str, sessions: int) -> Counter[str]:
    """Sessions of today, each of a player of its own; how much of what kind."""
    name = system.parameter(telemetry.TABLE.parameter)
    table = TelemetryTable(system.cloud.client("dynamodb"), name)
    data = DataTable(
        system.cloud.client("dynamodb"),
        system.parameter(data_manifest.TABLE.parameter),
        undeclared=True,
    )
    now = time.time_ns() // 1_000_000
    for _ in range(sessions):
        session = records.Session(
            project_id=project_id,
            id=uuid7(now),
            at=now,
            address="a",
            agent=None,
            player=secrets.token_urlsafe(16)[:22],
            keep_days=30,
            pointer_days=365,
        )
        assert table.begin(session)
        table.put_events(
            records.Event(
                project_id=project_id,
                session_id=session.id,
                id=uuid7(now),
                at=now,
                name="death",
                data="{}",
                client_at=None,
                keep_days=90,
            )
            for _ in range(20)
        )
        place = Place(
            project_id=project_id, collection="levels", owner=str(session.player), private=False
        )
        thing = Thing(id=uuid7(now), owner=place.owner, data="{}", created_ms=now, updated_ms=now)
        data.add(place, thing)
    return Counter(sessions=sessions, pointers=sessions, events=20 * sessions, items=sessions)


def about(system: System, project_id: str) -> list[Any]:
    """Every item of any table whose key names the project."""
    dynamodb = system.cloud.client("dynamodb")
    return [
        item
        for table in (
            telemetry.TABLE.parameter,
            data_manifest.TABLE.parameter,
            secrets_manifest.TABLE.parameter,
        )
        for page in dynamodb.get_paginator("scan").paginate(TableName=system.parameter(table))
        for item in page["Items"]
        if project_id in item["PK"]["S"]
    ]


def test_a_forgotten_players_data_goes_and_the_others_stay(
    system: System, edge: LocalEdge, ann: Creator
) -> None:
    project = ann.project(events=["death"], collections={"saves": "public"})
    game = Game(edge.url, project, "127.0.0.40")
    sessions = {key: [game.start(key) for _ in range(2)] for key in ("leaving", "staying")}
    for session in (*sessions["leaving"], *sessions["staying"]):
        game.send("event", {**session, "eventName": "death", "data": {"stage": 1}})
        game.send("score", {**session, "score": 5, "metadata": {}})
        game.keep("saves", session["token"], {"level": 3})
    job = ann.good("POST", f"/project/{project}/forget", {"playerKey": "leaving"})
    done = ann.wait_for(job["id"])
    # What leads to sessions that may go on stays.
    assert done["removed"] == {"sessions": 2, "events": 2, "scores": 2, "items": 2}
    there = about(system, project)
    assert len([item for item in there if "data" in item and "owner" in item]) == 2
    left = " ".join(item["SK"]["S"] for item in there if not item["PK"]["S"].startswith("PL#"))
    assert not any(session["sessionId"] in left for session in sessions["leaving"])
    assert all(session["sessionId"] in left for session in sessions["staying"])
    again = ann.good("POST", f"/project/{project}/forget", {"playerKey": "leaving"})
    assert ann.wait_for(again["id"])["removed"] == {}
    assert ann.ask("POST", f"/project/{project}/forget", {}).code == (400, "malformed")


def test_an_operator_erases_whoever_asked_for_it_by_their_id(
    system: System, edge: LocalEdge
) -> None:
    creator = Creator(edge.url, system.cloud.issuer, "by-mail@example.org")
    creator.project()
    payload = json.dumps({"creatorId": creator.id.upper()}).encode()
    answer = system.cloud.client("lambda").invoke(FunctionName=erasure.ERASE.name, Payload=payload)
    job_id = json.loads(answer["Payload"].read())["jobId"]
    assert creator.wait_for(job_id)["removed"] == {"projects": 1}
    [erased] = [
        item
        for item in creator.good("GET", "/creator/audit")["items"]
        if item["action"] == "creator.erase"
    ]
    assert erased["creatorId"] == creator.id


def test_a_deleted_project_takes_no_more(system: System, edge: LocalEdge, ann: Creator) -> None:
    project = ann.project(events=["death"])
    fill(system, project, sessions=2)
    job = ann.good("DELETE", f"/project/{project}")
    assert ann.ask("DELETE", f"/project/{project}").code == (404, "unknown_project")
    put = ann.ask("PUT", f"/project/{project}/env", {"key": "KEY", "value": "x"})
    assert put.code == (404, "unknown_project")
    done = ann.wait_for(job["id"])
    assert done["removed"]["sessions"] == 2
    assert about(system, project) == []
    assert project not in [each["id"] for each in ann.good("GET", "/projects")["projects"]]
    with pytest.raises(AssertionError, match="unknown_project"):
        Game(edge.url, project, "127.0.0.41").start()
