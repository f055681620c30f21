"""A page of another site, open in the developer's browser, tries everything it can send."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from local.cloud import Cloud
from local.edge.server import LocalEdge
from tests.browser.conftest import Visit
from tests.browser.visitor import FLAGS

_EVIL: Final = "evil.example"
_ATTACK: Final = """
async ({gets, posts, sockets}) => {
  const read = [];
  const attempt = async (url, options) => {
    try {
      const answer = await fetch(url, {...options, signal: AbortSignal.timeout(5000)});
      if (answer.type !== 'opaque') read.push(url + ' ' + answer.status);
    } catch { /* what a page sees of a refusal */ }
  };
  const element = (name, attributes) => new Promise((done) => {
    const made = Object.assign(document.createElement(name), attributes);
    made.onload = made.onerror = done;
    document.body.append(made);
    setTimeout(done, 3000);
  });
  for (const url of gets) {
    for (const mode of ['no-cors', 'cors']) await attempt(url, {mode, credentials: 'include'});
    await Promise.all([
      element('img', {src: url}),
      element('script', {src: url}),
      element('iframe', {src: url}),
      element('link', {rel: 'stylesheet', href: url}),
    ]);
  }
  for (const {url, body} of posts) {
    for (const mode of ['no-cors', 'cors']) {
      await attempt(url, {method: 'POST', mode, body});
      await attempt(url, {method: 'POST', mode, body, headers: {'content-type': 'text/plain'}});
    }
    await attempt(url, {method: 'POST', mode: 'cors', body, headers: {'x-amz-target': 'x'}});
    navigator.sendBeacon(url, body);
    const frame = document.createElement('iframe');
    frame.name = 'into' + Math.random();
    document.body.append(frame);
    const form = Object.assign(document.createElement('form'), {
      action: url, method: 'post', enctype: 'text/plain', target: frame.name,
    });
    form.append(Object.assign(document.createElement('input'), {name: body, value: ''}));
    document.body.append(form);
    const answered = new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
    form.submit();
    await answered;
  }
  for (const url of sockets) {
    await new Promise((done) => {
      const socket = new WebSocket(url);
      socket.onopen = () => { read.push(url + ' opened'); done(); };
      socket.onerror = done;
    });
  }
  return read;
}
"""


class _Twin(ThreadingHTTPServer):
    """Serves the page, and stands for a program that lets everybody in: it counts what arrives."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.seen: list[str] = []

    def handle_error(self, request: Any, client_address: Any) -> None: ...


class _Answers(BaseHTTPRequestHandler):
    server: _Twin

    def _serve(self) -> None:
        self.server.seen.append(f"{self.command} {self.path}")
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_OPTIONS = _serve

    def log_message(self, format: str, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[_Twin]:
    twin = _Twin()
    thread = threading.Thread(target=twin.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield twin
    twin.shutdown()
    twin.server_close()


@pytest.fixture(scope="module")
def foreign_page(elsewhere: _Twin, browser: Browser) -> Iterator[Page]:
    """On a name of its own, which resolves to this machine as a rebound one does."""
    rules = f"--host-resolver-rules=MAP {_EVIL} 127.0.0.1"
    own = browser.browser_type.launch(
        executable_path=shutil.which("chromium"), args=[*FLAGS, rules]
    )
    page = own.new_page()
    page.goto(f"http://{_EVIL}:{elsewhere.server_port}/page")
    yield page
    own.close()


def signed(cloud: Cloud, service: str, operation: str, **arguments: Any) -> str:
    """A request signed with today's credentials, for a page to send."""
    client = cloud.client(service)
    url: str = client.generate_presigned_url(operation, Params=arguments)
    client.close()
    return url


def reads(cloud: Cloud, edge: LocalEdge, twin: str) -> list[str]:
    """Every address that a page could try to read, and the twin's."""
    rebound = f"http://{_EVIL}:{cloud.port}"
    return [
        signed(cloud, "iam", "create_user", UserName="intruder"),
        signed(cloud, "s3", "create_bucket", Bucket="intruder"),
        signed(cloud, "sts", "get_caller_identity"),
        f"{cloud.url}/_ministack/health",
        f"{rebound}/_ministack/health",
        f"{edge.url}/status.json",
        f"http://{_EVIL}:{edge.port}/status.json",
        f"http://{_EVIL}:{edge.port}/",
        f"{cloud.issuer.url}/.well-known/jwks.json",
        f"{twin}/get",
    ]


def writes(cloud: Cloud, twin: str) -> list[dict[str, str]]:
    """Every request with a body that a page could try, and the twin's."""
    control = "/_ministack/reset"
    create = signed(cloud, "iam", "create_user", UserName="intruder")
    sign_in = json.dumps({"email": "victim@example.org", "password": "x"})
    posts = (
        (f"{cloud.url}{control}", ""),
        (f"http://localhost:{cloud.port}{control}?init=1", ""),
        (f"http://{_EVIL}:{cloud.port}{control}", ""),
        (f"http://any.execute-api.localhost:{cloud.port}{control}", ""),
        (f"{cloud.url}/_ministack/config", '{"cloudtrail._recording_enabled": "1"}'),
        (create, ""),
        (f"{cloud.url}/?{create.partition('?')[2]}", "Action=CreateUser&UserName=intruder"),
        (f"{cloud.issuer.url}/token?grant_type=password", sign_in),
        (f"{twin}/post", ""),
    )
    return [{"url": url, "body": body} for url, body in posts]


def test_a_foreign_page_creates_reads_and_resets_nothing(
    foreign_page: Page, elsewhere: _Twin, edge: LocalEdge, system: Any, visit: Visit
) -> None:
    cloud: Cloud = system.cloud
    stolen, users_before = cloud.credentials(), users(cloud)
    twin = f"http://{_EVIL}:{elsewhere.server_port}"
    sockets = [f"ws://localhost:{cloud.port}/_aws/execute-api/abcdef01/prod"]
    attack = {"gets": reads(cloud, edge, twin), "posts": writes(cloud, twin), "sockets": sockets}

    read = foreign_page.evaluate(_ATTACK, attack)

    # The browser did send the requests: the twin, which has no front door, received all of them.
    assert elsewhere.seen.count("GET /get") >= 6
    assert elsewhere.seen.count("POST /post") >= 4
    assert [url for url in read if twin not in url] == []
    assert users(cloud) == users_before
    assert "intruder" not in [each["Name"] for each in cloud.client("s3").list_buckets()["Buckets"]]
    assert system.parameter("/htmlgame/score-api/table-name")
    assert cloud.credentials() == stolen
    # Others are not affected: the site's own page reads, programs with the credentials work.
    ranking = "fetch('/api/ranking/snake/all?limit=3').then((answer) => answer.status)"
    assert visit("/snake.html").page.evaluate(ranking) == 200


def users(cloud: Cloud) -> list[str]:
    return [each["UserName"] for each in cloud.client("iam").list_users()["Users"]]


@pytest.mark.parametrize("path", ["/status.html", "/status.json"])
def test_a_foreign_page_frames_no_status(foreign_page: Page, edge: LocalEdge, path: str) -> None:
    answer = foreign_page.evaluate(
        """async (url) => {
          try { return (await fetch(url)).status; } catch { return 'refused'; }
        }""",
        f"{edge.url}{path}",
    )
    assert answer == "refused"
