"""Whom the sign-in trusts: the roots of the operating system, and no others.

The layer's botocore has Amazon's roots alone, and X and Privy have certificates of other
authorities. Python's ssl takes the system's roots from OpenSSL's default path. Here the variable
SSL_CERT_FILE names that path.
"""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.first_request import certify
from lambdas.players.fetching import Fetched, Fetcher, Unreachable


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"keys": []}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def roots(tmp_path: Path) -> str:
    """The server's own certificate, with its key."""
    path = tmp_path / "certificate.pem"
    certify(path)
    return str(path)


@pytest.fixture
def url(roots: str) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(roots)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}/jwks.json"
    server.shutdown()
    server.server_close()


def test_it_trusts_the_roots_of_the_operating_system(
    url: str, roots: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", roots)
    assert Fetcher().get(url, {}) == Fetched(200, {"keys": []})


def test_the_bundle_of_the_layer_does_not_count(
    url: str, roots: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither to trust a server, nor to distrust one."""
    for variable in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(variable, roots)
    with pytest.raises(Unreachable):
        Fetcher().get(url, {})


def test_a_certificate_for_another_host_is_refused(
    url: str, roots: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", roots)
    with pytest.raises(Unreachable):
        Fetcher().get(url.replace("localhost", "127.0.0.1"), {})
