"""The issues and comments that workflows write, against a local GitHub."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from operations.ci import github
from operations.ci.github import GitHubError
from stacks.shared.packaging import ROOT

BOT = {"login": "github-actions[bot]"}


@dataclass
class Hub:
    """One repository's issues and their comments, as GitHub's API has them."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refuses: bool = False
    head: str = "0123abc"

    def answer(self, method: str, address: str, content: Any) -> tuple[int, Any]:
        split = urlsplit(address)
        path = split.path.removeprefix("/repos/octocat/my-games")
        self.asked.append(f"{method} {path}")
        if self.refuses:
            return 403, {"message": "Resource not accessible by integration"}
        match method, path.split("/")[1:]:
            case "GET", ["git", "ref", "heads", "main"]:
                return 200, {"ref": "refs/heads/main", "object": {"sha": self.head}}
            case "GET", ["issues"]:
                return 200, self._page([i for i in self.issues if i["state"] == "open"], split)
            case "GET", ["issues", _, "comments"]:
                return 200, self._page(self.comments, split)
            case "POST", ["issues"]:
                self.issues.append(
                    {"number": 40 + len(self.issues), "state": "open", "user": BOT} | content
                )
                return 201, self.issues[-1]
            case "POST", ["issues", _, "comments"]:
                self.comments.append({"id": len(self.comments), "user": BOT} | content)
                return 201, self.comments[-1]
            case "PATCH", ["issues", "comments", identity]:
                self.comments[int(identity)].update(content)
                return 200, {}
            case "PATCH", ["issues", number]:
                next(i for i in self.issues if i["number"] == int(number)).update(content)
                return 200, {}
        return 404, {"message": "Not Found"}

    def _page(self, items: list[Any], split: Any) -> list[Any]:
        query = parse_qs(split.query)
        each, page = int(query["per_page"][0]), int(query["page"][0])
        return items[(page - 1) * each : page * each]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def _serve(self) -> None:
        assert self.headers["Authorization"] == "Bearer t0ken"
        length = int(self.headers.get("Content-Length", 0))
        content = json.loads(self.rfile.read(length)) if length else None
        status, said = self.hub.answer(self.command, self.path, content)
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = _serve

    def log_message(self, format: str, *_: Any) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    for name, value in {
        "GITHUB_API_URL": f"http://127.0.0.1:{server.server_port}",
        "GITHUB_REPOSITORY": "octocat/my-games",
        "GITHUB_TOKEN": "t0ken",
        "GITHUB_SHA": "0123abc",
        "GITHUB_REF_NAME": "main",
        "GITHUB_RUN_ID": "77",
    }.items():
        monkeypatch.setenv(name, value)
    yield hub
    server.shutdown()
    thread.join()
    server.server_close()


def comment(monkeypatch: pytest.MonkeyPatch, diff: str, number: str = "7") -> None:
    monkeypatch.setenv("DIFF", diff)
    monkeypatch.setenv("PULL_REQUEST", number)
    github.main(["comment"])


def test_a_pull_request_has_one_comment_that_keeps_up(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = {"id": 0, "user": {"login": "mallory"}, "body": "<!-- htmlgame diff --> mine"}
    hub.comments = [stranger, *({"id": n, "user": BOT, "body": "x"} for n in range(1, 130))]
    comment(monkeypatch, "[+] AWS::SNS::Topic")
    comment(monkeypatch, "[-] AWS::SNS::Topic")
    assert len(hub.comments) == 131
    assert "[-] AWS::SNS::Topic" in hub.comments[-1]["body"]
    assert "[+]" not in hub.comments[-1]["body"]
    assert "octocat/my-games/actions/runs/77" in hub.comments[-1]["body"]
    assert stranger["body"] == "<!-- htmlgame diff --> mine"


def test_a_diff_cannot_leave_its_fence(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    comment(monkeypatch, "a\n```\n@everyone <script>\n````\nb")
    body = hub.comments[0]["body"]
    assert body.count("`````") == 2
    assert body.index("`````") < body.index("@everyone") < body.rindex("`````")


def test_a_diff_that_failed_says_where_to_look(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    comment(monkeypatch, "")
    assert "the run says why" in hub.comments[0]["body"]


def test_a_number_that_is_none_goes_nowhere(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        comment(monkeypatch, "x", "7/../../other")
    assert hub.asked == []


def report(
    monkeypatch: pytest.MonkeyPatch,
    check: str,
    deploy: str,
    publish: str = "skipped",
    build: str = "success",
) -> None:
    monkeypatch.setenv("CHECK", check)
    monkeypatch.setenv("BUILD", build)
    monkeypatch.setenv("DEPLOY", deploy)
    monkeypatch.setenv("PUBLISH", publish)
    github.main(["report"])


def test_one_issue_reports_failing_deploys_until_one_succeeds(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(monkeypatch, "success", "success")
    assert hub.issues == []
    report(monkeypatch, "success", "failure")
    [issue] = hub.issues
    assert "deploy failed at 0123abc" in issue["body"]
    report(monkeypatch, "failure", "skipped")
    assert len(hub.issues) == 1
    assert "check failed" in hub.comments[-1]["body"]
    report(monkeypatch, "success", "success", "failure")
    assert (issue["state"], len(hub.comments)) == ("open", 2)
    assert "publish failed" in hub.comments[-1]["body"]
    report(monkeypatch, "success", "success", "success")
    assert issue["state"] == "closed"
    report(monkeypatch, "success", "failure")
    assert [each["state"] for each in hub.issues] == ["closed", "open"]


def test_a_build_that_fails_is_reported(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    report(monkeypatch, "success", "skipped", build="failure")
    assert "build failed at 0123abc" in hub.issues[0]["body"]


@pytest.mark.parametrize(
    ("check", "deploy", "publish", "told"),
    [
        ("cancelled", "skipped", "skipped", "check was cancelled or timed out at 0123abc"),
        ("success", "cancelled", "skipped", "deploy was cancelled or timed out at 0123abc"),
        ("success", "success", "cancelled", "publish was cancelled or timed out at 0123abc"),
    ],
)
def test_a_job_that_ran_out_of_time_is_reported_unless_a_later_push_takes_over(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, check: str, deploy: str, publish: str, told: str
) -> None:
    hub.head = "4567def"
    report(monkeypatch, check, deploy, publish)
    assert hub.issues == []
    hub.head = "0123abc"
    report(monkeypatch, check, deploy, publish)
    [issue] = hub.issues
    assert told in issue["body"]


def test_a_failed_deploy_is_reported_even_after_a_later_push(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.head = "4567def"
    report(monkeypatch, "success", "failure")
    assert "deploy failed" in hub.issues[0]["body"]


def test_a_refusal_by_github_is_reported_without_the_token(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.refuses = True
    with pytest.raises(GitHubError, match=r"403 .*not accessible") as refused:
        report(monkeypatch, "success", "failure")
    assert "t0ken" not in str(refused.value)


def as_a_step(arguments: list[str], said: str, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "-S", "-m", "operations.ci.github", *arguments],
        cwd=ROOT,
        env=environment,
        input=said,
        text=True,
        check=True,
    )


def test_an_output_ends_where_it_ends_whatever_it_says(tmp_path: Path) -> None:
    """Run as a step runs it, with nothing installed."""
    outputs = tmp_path / "outputs"
    said = "\x1b[31mred\x1b[0m\nEOF\nstolen=yes\n" + "é" * 50_000 + "\nlast"
    as_a_step(["output", "diff"], said, GITHUB_OUTPUT=str(outputs))
    written = outputs.read_text()
    head, _, end = written.partition("\n")[0].partition("<<")
    assert head == "diff"
    assert written.endswith(f"\nlast\n{end}\n")
    assert written.count(end) == 2
    assert len(written.encode()) < 65_536
    as_a_step(["output", "diff"], said[:40], GITHUB_OUTPUT=str(outputs))
    assert "\x1b" not in outputs.read_text()


def test_a_summary_shows_the_outcome(tmp_path: Path) -> None:
    (tmp_path / "deploy.txt").write_text("✅ ScoreApiStack")
    target = tmp_path / "summary.md"
    files = [str(tmp_path / "deploy.txt"), str(tmp_path / "smoke.txt")]
    as_a_step(["summary", *files], "", GITHUB_STEP_SUMMARY=str(target))
    assert target.read_text() == (
        "### Deploy\n\n```\n✅ ScoreApiStack\n```\n\n### Smoke\n\nnot reached\n\n"
    )


def test_a_word_it_does_not_know_is_answered_with_those_it_does() -> None:
    with pytest.raises(SystemExit, match="one of: output NAME"):
        github.main(["deploy"])
