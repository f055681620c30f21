"""The status page over HTTP, before a cloud that is really there."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from config import names
from local.access.credentials import Credentials
from local.cloud import Cloud, free_port
from local.edge import LocalEdge
from local.edge.policies import ALL_VIEWER_EXCEPT_HOST_HEADER
from local.status import StatusPage
from local.status.panels import with_panels
from tests.local.conftest import MANY, Site, behaviour, counted, runs

Json = dict[str, Any]
FOLDER = Path(__file__).parents[3] / "local" / "status" / "page"
CANARY = "canary-" + "0123456789abcdef" * 2
REFUSES = (
    "function handler(event) {"
    "  console.log('saw ' + event.request.headers['x-token-start'].value);"
    "  return { statusCode: 401, body: JSON.stringify({ error: { code: 'bad_token',"
    "    message: 'x-token-start: ' + event.request.headers['x-token-start'].value } }) };"
    "}"
)
ANSWERS = "function handler(event) { return { statusCode: 200, body: 'hello' }; }"
PASSES = (
    "import cf from 'cloudfront';"
    "async function handler(event) {"
    "  const there = await cf.kvs().exists('ban#ann');"
    "  console.log('banned: ' + there);"
    "  return event.request;"
    "}"
)


def status(site: Site) -> Json:
    site.edge.refresh()
    told: Json = site.ask("/status.json").json
    return told


def latest(site: Site) -> Json:
    told: Json = status(site)["requests"][0]
    return told


def test_the_page_is_answered_by_the_edge_itself_with_all_it_needs(site: Site) -> None:
    site.publish_distribution()
    page = site.ask("/status.html")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    links = re.findall(r'(?:href|src)="(/status/[^"]+)"', page.body.decode())
    scripts = {f"/status/{script.relative_to(FOLDER)}" for script in FOLDER.rglob("*.js")}
    assert scripts >= {f"/status/panels/{name}.js" for name in with_panels()}
    for link in {*links, *scripts}:
        assert site.ask(link).status == 200, link
    assert (site.origin.asked, site.edge.recent) == (0, [])


def test_the_page_runs_nothing_but_its_own_files(site: Site) -> None:
    page = site.ask("/status.html")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    text = page.body.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    for script in FOLDER.rglob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document\.write", script.read_text()
        )


@pytest.mark.parametrize("path", ["/status", "/status/", "/status/other.js", "/status.htm"])
def test_nothing_else_of_the_site_is_covered(site: Site, path: str) -> None:
    site.publish_distribution()
    assert site.ask(path).json["target"] == path


def test_this_machine_may_look(site: Site) -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000"):
        for path in ("/status.html", "/status.json"):
            assert site.ask(path, headers={"Host": host}).status == 200, host


_OF_THE_STATUS_PAGE: Final = ("/status.html", "/status.json", "/status/status.js")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "0.0.0.0:8000",
        "",
    ],
)
def test_a_foreign_name_that_resolves_to_this_machine_is_refused(site: Site, host: str) -> None:
    site.publish_distribution()
    for path in (*_OF_THE_STATUS_PAGE, "/", "/api/anything"):
        refused = site.ask(path, headers={"Host": host})
        assert refused.status == 421, path
        assert b"does not name this machine" in refused.body
    assert site.origin.asked == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-Host": "localhost"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 tunnel"},
    ],
)
def test_the_status_page_refuses_tunnels_and_proxies(site: Site, headers: dict[str, str]) -> None:
    for path in _OF_THE_STATUS_PAGE:
        refused = site.ask(path, headers=headers)
        assert refused.status == 403
        assert refused.body.startswith(b"the status page refuses tunnels and proxies")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/page"},
    ],
)
def test_no_other_sites_page_reads_the_status(site: Site, headers: dict[str, str]) -> None:
    for path in _OF_THE_STATUS_PAGE:
        reply = site.ask(path, headers=headers)
        assert reply.status == 403, path
        assert not [name for name in reply.headers if name.lower().startswith("access-control")]
        assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("site_says", ["same-origin", "none"])
def test_its_own_page_and_the_address_bar_read_the_status(site: Site, site_says: str) -> None:
    for path in _OF_THE_STATUS_PAGE:
        assert site.ask(path, headers={"Sec-Fetch-Site": site_says}).status == 200
    own = {"Origin": site.edge.url}
    assert site.ask("/status.json", headers=own).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_there_is_nothing_to_change(site: Site, method: str) -> None:
    assert site.ask("/status.json", method).status == 405


def test_a_request_that_a_function_answers(site: Site) -> None:
    arn = site.function(ANSWERS)
    site.publish_distribution(behaviour("/a/*", FunctionAssociations=runs(arn)))
    site.ask("/a/b?q=1")
    told = latest(site)
    assert (told["method"], told["path"], told["behaviour"]) == ("GET", "/a/b", "/a/*")
    assert (told["function"], told["verdict"]) == (arn.rpartition("/")[2], "answered")
    assert told["engine"] in ("njs", "node")
    assert (told["status"], told["origin"], told["originStatus"]) == (200, None, None)
    assert told["functionMs"] > 0


def test_a_request_that_a_function_refuses(site: Site) -> None:
    arn = site.function(REFUSES)
    site.publish_distribution(behaviour("/a/*", FunctionAssociations=runs(arn)))
    site.ask("/a/b", headers={"X-Token-Start": CANARY})
    told = latest(site)
    assert (told["verdict"], told["status"], told["code"]) == ("refused", 401, "bad_token")
    assert told["message"] == "x-token-start: (hidden)"
    assert told["logged"] == ["saw (hidden)"]


def test_a_request_that_goes_on_to_the_origin(site: Site) -> None:
    arn = site.function(PASSES, site.store({"ban#ann": "spam"}))
    site.publish_distribution(behaviour("/a/*", FunctionAssociations=runs(arn)))
    reply = site.ask("/a/b")
    told = latest(site)
    assert (told["verdict"], told["cache"]) == ("forwarded", "none")
    assert (told["origin"], told["originStatus"]) == ("stub", 200)
    assert (told["reads"], told["logged"]) == (["ban#ann"], ["banned: true"])
    assert told["id"] == reply.headers["X-Amz-Cf-Id"] == reply.json["headers"]["x-amz-cf-id"]


def test_a_refusal_by_the_origin(site: Site) -> None:
    site.publish_distribution(behaviour("/a/*", AllowedMethods=counted(MANY)))
    site.origin.status = 404
    site.ask("/a/b", "PUT", body=b"x")
    told = latest(site)
    assert (told["verdict"], told["status"], told["code"]) == ("forwarded", 404, None)


def test_miss_hit_and_stale(site: Site) -> None:
    site.origin.headers = {"Cache-Control": "s-maxage=600, stale-while-revalidate=120"}
    site.publish_distribution(behaviour("/a/*", CachePolicyId=site.cache_policy()))
    site.ask("/a/b")
    site.clock.now += 599
    site.ask("/a/b")
    site.clock.now += 2
    site.ask("/a/b")
    stale, hit, miss = status(site)["requests"]
    assert [each["cache"] for each in (miss, hit, stale)] == ["miss", "hit", "stale"]
    assert [each["verdict"] for each in (miss, hit, stale)] == ["forwarded", "cached", "cached"]
    assert (hit["age"], stale["age"]) == (599, 601)
    assert (hit["originStatus"], stale["originStatus"]) == (None, None)


def test_a_failure_shows_its_reason(site: Site) -> None:
    throws = site.function("function handler(event) { throw Error('on purpose'); }")
    dead = site.stub(Id="dead")
    dead["CustomOriginConfig"]["HTTPPort"] = 1
    site.publish_distribution(
        behaviour("/throws", FunctionAssociations=runs(throws)),
        behaviour("/dead", TargetOriginId="dead"),
        Origins=counted([site.stub(), dead]),
    )
    site.ask("/throws")
    site.ask("/dead")
    site.ask("/", "POST")
    site.ask("/", "PUT", body=b"x" * 1_000_001)
    large, method, unreached, thrown = status(site)["requests"]
    assert "on purpose" in thrown["message"]
    assert "origin dead" in unreached["message"]
    assert "allows GET, HEAD" in method["message"]
    assert "larger than" in large["message"]
    verdicts = [each["verdict"] for each in (thrown, unreached, method, large)]
    assert verdicts == ["failed", "failed", "refused", "refused"]
    assert [each["status"] for each in (thrown, unreached, method, large)] == [503, 502, 403, 413]


def test_the_latest_two_hundred_the_newest_first(site: Site) -> None:
    site.publish_distribution()
    for number in range(205):
        site.ask(f"/{number}")
    told = status(site)
    assert [each["path"] for each in told["requests"][:2]] == ["/204", "/203"]
    assert (len(told["requests"]), told["requests"][-1]["number"]) == (200, 6)
    assert told["edge"]["verdicts"] == {"forwarded": 205}
    assert told["edge"]["originRequests"] == 205


def test_a_pages_many_files_push_no_call_out_of_sight(site: Site) -> None:
    site.publish_distribution(behaviour("/api/*"))
    site.ask("/api/first")
    for number in range(201):
        site.ask(f"/{number}.js")
    requests = status(site)["requests"]
    assert (len(requests), requests[0]["path"]) == (201, "/200.js")
    assert (requests[-1]["path"], requests[-1]["number"]) == ("/api/first", 1)


def test_the_distribution_as_its_behaviours_are_tried(site: Site) -> None:
    arn = site.function(ANSWERS)
    lock = {"HeaderName": "X-Origin-Verify", "HeaderValue": CANARY}
    by_limit = {"QueryStringBehavior": "whitelist", "QueryStrings": counted(["limit"])}
    site.publish_distribution(
        behaviour("/z", FunctionAssociations=runs(arn)),
        behaviour("/a*", CachePolicyId=site.cache_policy(600, QueryStringsConfig=by_limit)),
        behaviour("/b", OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST_HEADER),
        Origins=counted([site.stub(CustomHeaders=counted([lock]), OriginPath="/prod")]),
    )
    told = status(site)["distribution"]
    assert told["id"] == site.id
    patterns = [each["pattern"] for each in told["behaviours"]]
    assert patterns == ["/z", "/a*", "/b", "default (*)"]
    first, second, third, _ = told["behaviours"]
    assert first["functions"] == [{"event": "viewer-request", "name": arn.rpartition("/")[2]}]
    assert first["cache"] == {"name": "CachingDisabled"}
    assert second["cache"]["ttl"] == [0, 0, 600]
    assert second["cache"]["by"] == {"headers": "none", "cookies": "none", "parameters": "limit"}
    assert third["originRequest"] == {"name": "AllViewerExceptHostHeader"}
    [origin] = told["origins"]
    assert (origin["path"], origin["addsHeaders"]) == ("/prod", ["X-Origin-Verify"])


def test_the_stores_that_its_functions_read(site: Site) -> None:
    store = site.store({"k_current": f"toubmj:{CANARY}", "ban#ann": "spam", "mine": CANARY})
    arn = site.function(PASSES, store)
    site.publish_distribution(behaviour("/a", FunctionAssociations=runs(arn)))
    [told] = status(site)["stores"]
    assert told["readers"] == [arn.rpartition("/")[2]]
    assert [each["kind"] for each in told["entries"]] == ["ban", "key", "other"]
    site.put(store, {"ban#bob": "spam"})
    [told] = status(site)["stores"]
    assert len(told["entries"]) == 4


def test_invalidations_the_latest_first(site: Site) -> None:
    site.publish_distribution()
    site.invalidate("/a/*", "/b")
    [told] = status(site)["invalidations"]
    assert (told["paths"], told["status"]) == (["/a/*", "/b"], "Completed")


def test_encrypted_parameters_are_shown_without_values(site: Site) -> None:
    name, ssm = f"/{names.PROJECT}/{uuid4().hex[:8]}-stack/canary", site.cloud.client("ssm")
    ssm.put_parameter(Name=name, Value=CANARY, Type="SecureString")
    told = status(site)
    parameters = [each for stack in told["stacks"] for each in stack["parameters"]]
    assert {"name": name, "value": None} in parameters
    assert CANARY not in json.dumps(told)
    ssm.delete_parameter(Name=name)


def test_a_part_that_cannot_be_seen_says_so_and_hides_no_other(site: Site) -> None:
    site.publish_distribution()
    site.cloud.client("ssm").delete_parameter(Name=names.DISTRIBUTION_ID)
    site.ask("/")
    told = status(site)
    assert "ParameterNotFound" in told["problems"]["distribution"]
    assert (told["distribution"], told["stores"], told["invalidations"]) == (None, None, None)
    assert isinstance(told["stacks"], list)
    assert names.DISTRIBUTION_ID in told["requests"][0]["message"]


_SECRET_NAMES: Final = (
    *("start", "end", "sig", "userkey", "cookie", "cookie2", "auth"),
    *("lock", "ours", "kvs", "own", "query", "body"),
)
SECRETS: Final = {name: f"canary-{name}-{uuid4().hex}" for name in _SECRET_NAMES}
"""Each differs, so that a failure names the way by which a secret got out."""
REVEALS_EVERYTHING: Final = (
    "import cf from 'cloudfront';"
    "async function handler(event) {"
    "  const key = await cf.kvs().get('k_current');"
    "  const own = await cf.kvs().get('mine');"
    "  const all = JSON.stringify(event.request) + key + own;"
    "  console.log(all);"
    "  const error = { code: all, message: all };"
    "  return { statusCode: 401, body: JSON.stringify({ error: error }) };"
    "}"
)


def revealing(site: Site) -> None:
    """A function that answers and logs its request and store, and an origin that echoes."""
    values = {"k_current": f"toubmj:{SECRETS['kvs']}", "mine": SECRETS["own"]}
    arn = site.function(REVEALS_EVERYTHING, site.store(values))
    lock = {"HeaderName": "X-Origin-Verify", "HeaderValue": SECRETS["ours"]}
    site.publish_distribution(
        behaviour("/told/*", FunctionAssociations=runs(arn)),
        behaviour(
            "/origin/*",
            AllowedMethods=counted(MANY),
            OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST_HEADER,
        ),
        Origins=counted([site.stub(CustomHeaders=counted([lock]))]),
    )
    site.origin.status = 500


def test_no_secret_gets_into_it_by_any_way(site: Site) -> None:
    revealing(site)
    token = f"{SECRETS['start']}.{'m' * 43}"
    headers = {
        "X-Token-Start": token,
        "X-Token-End": SECRETS["end"],
        "X-Sig": SECRETS["sig"],
        "X-User-Key": SECRETS["userkey"],
        "Cookie": f"game_sid={SECRETS['cookie']}; theme={SECRETS['cookie2']}",
        "Authorization": f"Bearer {SECRETS['auth']}",
        "X-Origin-Verify": SECRETS["lock"],
    }
    for path in ("/told/a", f"/told/{token}", "/origin/a", f"/origin/{SECRETS['cookie']}"):
        site.ask(f"{path}?token={SECRETS['query']}", headers=headers)
        site.ask(f"{path}?token={SECRETS['query']}", "PUT", headers, SECRETS["body"].encode())
    report = json.dumps(status(site))
    assert "/told/" in report
    assert [name for name, secret in SECRETS.items() if secret in report] == []
    assert [name for name, secret in SECRETS.items() if secret in repr(site.edge.recent)] == []


class Watched(Cloud):
    """Knows the clients that are made to look with."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud.directory, cloud.port)
        self.eyes: list[Any] = []

    def client(
        self, service: str, session: boto3.Session | None = None, config: Config | None = None
    ) -> Any:
        client = super().client(service, session, config)
        if session is not None:
            self.eyes.append(client)
        return client


@pytest.fixture
def watched(site: Site) -> Iterator[tuple[Watched, LocalEdge]]:
    site.publish_distribution()
    cloud = Watched(site.cloud)
    edge = LocalEdge(cloud, 0, pages=StatusPage)
    edge.start()
    yield cloud, edge
    edge.stop()


def ask(edge: LocalEdge, path: str) -> Json:
    pool = urllib3.PoolManager(retries=False)
    told: Json = json.loads(pool.request("GET", f"http://127.0.0.1:{edge.port}{path}").data)
    pool.clear()
    return told


def test_the_cloud_is_not_read_until_the_page_is_open(watched: tuple[Watched, LocalEdge]) -> None:
    cloud, edge = watched
    ask(edge, "/")
    assert cloud.eyes == []
    assert ask(edge, "/status.json")["cloud"]["at"] is not None
    assert cloud.eyes != []


def never_started(directory: Path, port: int) -> Cloud:
    cloud = Cloud(directory, port)
    Credentials.fresh().write(directory, cloud.url, "us-east-1")
    return cloud


def test_a_cloud_that_is_not_there(tmp_path: Path) -> None:
    edge = LocalEdge(never_started(tmp_path, free_port()), 0, pages=StatusPage)
    edge.start()
    told = ask(edge, "/status.json")
    assert "Could not connect" in told["cloud"]["unreachable"]
    assert (told["cloud"]["at"], told["stacks"], told["requests"]) == (None, None, [])
    edge.stop()


def test_a_cloud_that_does_not_answer_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = Config(connect_timeout=1, read_timeout=0.5, retries={"total_max_attempts": 1})
    monkeypatch.setattr("local.status.clients._IMPATIENT", hasty)
    monkeypatch.setattr("local.status.server._PATIENCE_SECONDS", 0.01)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        edge = LocalEdge(never_started(tmp_path, deaf.getsockname()[1]), 0, pages=StatusPage)
        edge.start()
        told = ask(edge, "/status.json")
        assert (told["cloud"]["at"], told["cloud"]["unreachable"]) == (None, None)
        while not ask(edge, "/status.json")["cloud"]["unreachable"]:
            pass
        edge.stop()


def test_the_last_state_stays_while_the_cloud_is_unreachable(
    watched: tuple[Watched, LocalEdge],
) -> None:
    cloud, edge = watched
    seen = ask(edge, "/status.json")
    for eye in cloud.eyes:
        eye.meta.events.register("before-send", _cut_off)
    edge.refresh()
    told = ask(edge, "/status.json")
    assert told["cloud"]["unreachable"]
    assert told["cloud"]["at"] == seen["cloud"]["at"]
    assert told["distribution"] == seen["distribution"] != None  # noqa: E711
    for eye in cloud.eyes:
        eye.meta.events.unregister("before-send", _cut_off)
    edge.refresh()
    assert ask(edge, "/status.json")["cloud"]["unreachable"] is None


def _cut_off(**_: Any) -> None:
    raise EndpointConnectionError(endpoint_url="the cloud")
