"""The findings of make preflight about an issuer that serves https on this machine."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from operations.creators.issuer import issuer

NO, NOTE, OK = "✗", "!", "✓"
DISCOVERY = "/auth/v1/.well-known/openid-configuration"
JWKS = "/auth/v1/keys"
_DAY = timedelta(days=1)


def number(bits: int) -> str:
    return base64.urlsafe_b64encode(b"\x80" + b"\x01" * (bits // 8 - 1)).rstrip(b"=").decode()


RSA = {"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", "n": number(2048), "e": "AQAB"}
EC = {"kty": "EC", "kid": "2", "use": "sig", "alg": "ES256", "crv": "P-256", "x": "x", "y": "y"}


@dataclass
class Site:
    """Answers what a test has published, path by path."""

    address: str = ""
    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def publish(self, path: str, content: Any, status: int = 200) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.pages[path] = status, body

    def told(self, address: str | None = None, *, deployed: bool = False) -> str:
        [finding] = issuer(address or f"{self.address}/auth/v1", deployed=deployed)
        return str(finding)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture
def site(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An issuer in good order, until a test changes it."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = site.pages.get(self.path, (404, b"not here"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    site.address = f"https://127.0.0.1:{server.server_port}"
    discover(site)
    site.publish(JWKS, {"keys": [EC, RSA]})
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


def discover(site: Site, **changes: Any) -> None:
    document = {"issuer": f"{site.address}/auth/v1", "jwks_uri": f"{site.address}{JWKS}"}
    site.publish(DISCOVERY, document | changes)


def test_an_issuer_with_an_rsa_key_is_fine(site: Site) -> None:
    assert site.told() == f"{OK} creators sign in with {site.address}/auth/v1, RS256 keys: 1"


def test_a_slash_at_the_end_is_part_of_its_name(site: Site) -> None:
    named = f"{site.address}/auth/v1/"
    refused = site.told(named)
    assert refused.startswith(f"{NO} telemetry.issuer {named}: its discovery document says it is")
    assert f"'{site.address}/auth/v1'" in refused
    assert "including a slash at the end" in refused
    discover(site, issuer=named)
    assert site.told(named).startswith(OK)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [EC],
        [RSA | {"use": "enc"}],
        [RSA | {"alg": "PS256"}],
        [RSA | {"alg": "RSA-OAEP"}],
        [RSA | {"n": number(2040)}],
        [RSA | {"n": 5}],
        [{name: value for name, value in RSA.items() if name != "kid"}],
        [{name: value for name, value in RSA.items() if name != "n"}],
        ["RSA"],
        None,
        {"kty": "RSA"},
    ],
)
def test_without_a_usable_key_every_token_would_be_refused(site: Site, keys: Any) -> None:
    site.publish(JWKS, {"keys": keys})
    told = site.told()
    assert told.startswith(NO)
    assert f"{site.address}{JWKS} has no RSA key of 2048 bits or more for RS256" in told
    assert "JWT signing keys" in told


@pytest.mark.parametrize("unsaid", ["use", "alg"])
def test_a_key_need_not_say_what_it_is_for(site: Site, unsaid: str) -> None:
    site.publish(JWKS, {"keys": [{name: v for name, v in RSA.items() if name != unsaid}]})
    assert site.told().startswith(OK)


@pytest.mark.parametrize("uri", [None, 7, "", "keys", "http://127.0.0.1/keys"])
def test_keys_that_are_not_published_over_https_are_reported(site: Site, uri: Any) -> None:
    discover(site, jwks_uri=uri)
    told = site.told()
    assert told.startswith(NO)
    assert f"the jwks_uri of its discovery document is {uri!r}" in told


@pytest.mark.parametrize("path", [DISCOVERY, JWKS])
@pytest.mark.parametrize(
    ("status", "content", "says"),
    [
        (404, b"no", "answers 404, not 200"),
        (302, b"", "answers 302, not 200"),
        (500, b"", "answers 500, not 200"),
        (200, b"<!doctype html>", "returns no JSON object"),
        (200, b"[]", "returns no JSON object"),
        (200, b"\xff\xfe\x00", "returns no JSON object"),
        (200, b'{"keys": "' + b"x" * 300_000 + b'"}', "returns no JSON object"),
    ],
)
def test_an_invalid_document_is_reported_by_its_address(
    site: Site, path: str, status: int, content: bytes, says: str
) -> None:
    site.publish(path, content, status)
    told = site.told()
    assert told.startswith(NO)
    assert f"{site.address}{path} {says}" in told
    assert "\n  fix: " in told


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1:9/auth", "https://issuer.invalid", "https://" + "a" * 70 + ".b"]
)
def test_an_issuer_that_does_not_answer_is_reported(site: Site, address: str) -> None:
    told = site.told(address)
    assert told.startswith(f"{NO} telemetry.issuer {address}: ")
    assert "does not answer: " in told


def test_an_untrusted_certificate_is_reported(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE")
    told = site.told()
    assert told.startswith(NO)
    assert "CERTIFICATE_VERIFY_FAILED" in told


def test_without_https_nothing_is_asked(site: Site) -> None:
    assert "is not https" in site.told(site.address.replace("https", "http"))


def test_an_outage_does_not_stop_the_deploy_of_what_is_there(site: Site) -> None:
    """The authorizer was made when the issuer answered, and is not made again."""
    site.publish(DISCOVERY, b"", 503)
    assert site.told(deployed=True).startswith(f"{NOTE} telemetry.issuer ")


def test_a_shell_behind_a_proxy_asks_through_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert "ProxyError" in site.told()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert site.told().startswith(OK)
