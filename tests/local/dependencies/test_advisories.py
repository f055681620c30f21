"""A vulnerability is reported, and silence of the service is not taken for an all-clear."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from local.dependencies.advisories import Advice, largest, of_node, read_pip_audit
from local.dependencies.locks import LOCKS, ROOT, pins

_FOLDER = ROOT / "bench" / "clients"


@dataclass
class Registry:
    """A registry of npm that answers audits."""

    status: int = 200
    advisories: Any = field(default_factory=dict)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    answer = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(answer.advisories).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, format: str, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path))
    yield answer
    server.shutdown()
    thread.join()
    server.server_close()


def test_npm_reports_a_vulnerability(registry: Registry) -> None:
    registry.advisories = {
        "esbuild-wasm": [
            {
                "id": 1,
                "url": "https://example.com",
                "title": "It reads files",
                "severity": "high",
                "vulnerable_versions": "<=0.28.2",
            }
        ]
    }
    advice = of_node(_FOLDER)
    [line] = advice.vulnerable
    assert line.startswith("esbuild-wasm")
    assert line.endswith(": high: It reads files")
    assert advice.not_checked == ""


@pytest.mark.usefixtures("registry")
def test_npm_has_nothing_to_report() -> None:
    assert of_node(_FOLDER) == Advice("bench/clients/package-lock.json")


def test_a_registry_that_does_not_audit_is_not_an_all_clear(registry: Registry) -> None:
    registry.status = 405
    advice = of_node(_FOLDER)
    assert advice.vulnerable == ()
    assert "405" in advice.not_checked


SAFE = {"name": "six", "version": "1.17.0", "vulns": []}
VULNERABLE = {
    "name": "six",
    "version": "1.17.0",
    "vulns": [
        {"id": "CVE-2026-1", "fix_versions": ["1.18"], "aliases": [], "description": ""},
        {"id": "CVE-2026-2", "fix_versions": [], "aliases": [], "description": ""},
    ],
}
UNKNOWN = {"name": "six", "skip_reason": "Dependency not found: six (1.17.0)"}


def said(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_pip_audit_reports_a_vulnerability() -> None:
    assert read_pip_audit("a.lock", said(SAFE, VULNERABLE), "Found 2 known vulnerabilities") == (
        Advice(
            "a.lock",
            (
                "six 1.17.0: CVE-2026-1; fixed in 1.18",
                "six 1.17.0: CVE-2026-2; fixed in no version",
            ),
        )
    )


def test_pip_audit_has_nothing_to_report() -> None:
    assert read_pip_audit("a.lock", said(SAFE), "") == Advice("a.lock")


@pytest.mark.parametrize(
    ("output", "complaint", "reason"),
    [
        (said(SAFE, UNKNOWN), "", "1 of 2 packages: Dependency not found: six (1.17.0)"),
        ("", "x\nERROR: no route to host\n", "ERROR: no route to host"),
        ("", "", "no answer"),
        ("[]", "", "[]"),
    ],
)
def test_a_package_that_pip_audit_cannot_judge_is_not_reported_as_safe(
    output: str, complaint: str, reason: str
) -> None:
    assert read_pip_audit("a.lock", output, complaint).not_checked == reason


def test_every_package_is_in_a_lock_that_is_audited() -> None:
    audited = {(pin.name, pin.version) for lock in largest(LOCKS) for pin in pins(lock.path)}
    assert len(largest(LOCKS)) < len(LOCKS)
    for lock in LOCKS:
        assert {(pin.name, pin.version) for pin in pins(lock.path)} <= audited
