"""A stand-in for AWS that answers what the score functions ask in their first requests.

It speaks TLS, because connections to AWS do, and each reads the bundle of trusted roots.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bench import handlers
from config.capabilities import scores
from config.manifest import Function
from lambdas.shared.http.origin_lock import hash_of

_LOCK: Final = "the-lock"
_SETTINGS: Final = {
    "ORIGIN_LOCK_PARAMETER": "/htmlgame/lock",
    "INVALIDATION_WINDOW_SECONDS": "60",
    "INVALIDATIONS_A_MONTH": "1000",
}
_ANSWERS: Final[dict[str, Any]] = {
    "GetParameter": {"Parameter": {"Value": hash_of(_LOCK)}},
    "Query": {"Items": [], "Count": 0, "ConsumedCapacity": {"CapacityUnits": 0.5}},
    "PutItem": {"ConsumedCapacity": {"CapacityUnits": 1}},
    "UpdateItem": {"ConsumedCapacity": {"CapacityUnits": 1}},
}
_INVALIDATION: Final = b"""<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
<Id>I1</Id><Status>InProgress</Status><CreateTime>2026-11-27T00:00:00Z</CreateTime>
<InvalidationBatch><Paths><Quantity>0</Quantity></Paths>
<CallerReference>1</CallerReference></InvalidationBatch></Invalidation>"""

_SCRIPT: Final = """
import {module} as function
class Context:
    aws_request_id = "request"
assert function.handler({event!r}, Context())["statusCode"] == {status}
"""


class Aws:
    """The stand-in's address, and where the bundle is that trusts it."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "certificate.pem"
        self.bundle = folder / "roots.pem"
        self.address = ""
        certify(self.certificate)
        roots = handlers.layer() / "botocore" / "cacert.pem"
        self.bundle.write_text(roots.read_text() + self.certificate.read_text())


def runs(aws: Aws) -> dict[str, tuple[list[str], dict[str, str]]]:
    accepted = _event("PUT", **{"x-score": "5", "x-player": "Ann", "x-play-ms": "60000"})
    accepted["headers"]["x-play-id"] = "sid.1"
    refused = _event("PUT", **{"x-score": "0", "x-play-ms": "1"})
    put, get = scores.PUT_SCORE, scores.GET_RANKING
    return {
        # Passes the lock and is refused for its fields.
        f"{put.name}, and a refused request": _run(aws, put, refused, 400),
        f"{put.name}, and an accepted one": _run(aws, put, accepted, 200),
        f"{get.name}, and a request": _run(aws, get, _event("GET"), 200),
    }


def _event(method: str, **headers: str) -> dict[str, Any]:
    return {
        "routeKey": f"{method} /x",
        "headers": {"x-origin-verify": _LOCK, **headers},
        "pathParameters": {"gameId": "snake", "period": "all", "userId": "x" * 22},
    }


def _run(
    aws: Aws, function: Function, event: dict[str, Any], status: int
) -> tuple[list[str], dict[str, str]]:
    paths = (handlers.package(function), handlers.layer())
    environment = handlers.environment(*paths, function=function) | _SETTINGS
    script = _SCRIPT.format(module=function.module, event=event, status=status)
    return handlers.command(script), environment | {
        "AWS_ENDPOINT_URL": aws.address,
        "AWS_CA_BUNDLE": str(aws.bundle),
    }


@contextmanager
def started(folder: Path) -> Iterator[Aws]:
    aws = Aws(folder)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(aws.certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = trust.wrap_socket(server.socket, server_side=True)
        aws.address = f"https://localhost:{server.server_port}"
        serving = Thread(target=server.serve_forever)
        serving.start()
        try:
            yield aws
        finally:
            server.shutdown()
            serving.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        answer = json.dumps(_ANSWERS[operation]).encode() if operation else _INVALIDATION
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def certify(path: Path) -> None:
    """The key and its certificate for localhost, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
