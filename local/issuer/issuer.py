"""Who signs creators in on this machine: a stand-in for Supabase, never deployed.

Any e-mail address signs in, with any password. Tokens and answers have Supabase's shape, so
what is verified here is what is verified there.
"""

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from config.environments import LOCAL_ISSUER
from local.pages import foreign_host, foreign_page, is_loopback_origin

HOST: Final = str(urlsplit(LOCAL_ISSUER).hostname)
AUDIENCE: Final = "authenticated"
TOKEN_SECONDS: Final = 3600
_REFRESH_AUDIENCE: Final = "refresh"
_REFRESH_SECONDS: Final = 30 * 24 * 3600
_PATH: Final = urlsplit(LOCAL_ISSUER).path
_MOST_BODY_BYTES: Final = 10_000
_POLL_SECONDS: Final = 0.05

Json = dict[str, Any]


class Refused(Exception):
    """As Supabase refuses: a code and a sentence."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Keys:
    """A key pair that stays the same for as long as its file does.

    The cloud remembers the public half for two hours, so tokens must outlive a restart.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    @cached_property
    def private(self) -> rsa.RSAPrivateKey:
        with self._lock:
            if not self._file.exists():
                self._make()
            loaded = serialization.load_pem_private_key(self._file.read_bytes(), password=None)
            assert isinstance(loaded, rsa.RSAPrivateKey)
            return loaded

    def _make(self) -> None:
        fresh = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch(mode=0o600)
        self._file.write_bytes(
            fresh.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    @cached_property
    def public(self) -> Json:
        public: Json = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return public | {"alg": "RS256", "use": "sig", "kid": self.id}

    @cached_property
    def id(self) -> str:
        number = self.private.public_key().public_numbers().n
        return str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))

    def sign(self, claims: Json) -> str:
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": self.id})

    def verified(self, token: str, audience: str) -> Json:
        public = self.private.public_key()
        claims: Json = jwt.decode(
            token, public, algorithms=["RS256"], audience=audience, issuer=LOCAL_ISSUER
        )
        return claims


class Issuer:
    """Its tokens name an issuer that is the same for every local cloud, whatever its port:

    each cloud resolves that name to the issuer it was started with.
    """

    def __init__(self, key_file: Path) -> None:
        self.keys = Keys(key_file)
        self._server: _Server | None = None

    def start(self, port: int = 0) -> None:
        """On any free port, unless one is named."""
        self._server = _Server(self, port)
        thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="issuer", daemon=True
        )
        thread.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return self._server.server_port

    @property
    def url(self) -> str:
        """Where a page signs in: Supabase's would be https://….supabase.co/auth/v1."""
        return f"http://localhost:{self.port}{_PATH}"

    def token(self, email: str, **claims: Any) -> str:
        now = int(time.time())
        return self.keys.sign(
            {
                "iss": LOCAL_ISSUER,
                "sub": creator_id(email),
                "aud": AUDIENCE,
                "iat": now,
                "exp": now + TOKEN_SECONDS,
                "email": email,
                "role": "authenticated",
                "is_anonymous": False,
            }
            | claims
        )

    def session(self, email: str) -> Json:
        refresh = self.token(email, aud=_REFRESH_AUDIENCE, exp=int(time.time()) + _REFRESH_SECONDS)
        return {
            "access_token": self.token(email),
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
            "expires_at": int(time.time()) + TOKEN_SECONDS,
            "refresh_token": refresh,
            "user": {"id": creator_id(email), "email": email},
        }

    def granted(self, grant: str, asked: Mapping[str, Any]) -> Json:
        if grant == "password":
            return self.session(_email(asked.get("email")))
        if grant == "refresh_token":
            try:
                claims = self.keys.verified(str(asked.get("refresh_token")), _REFRESH_AUDIENCE)
            except jwt.InvalidTokenError:
                raise Refused(
                    HTTPStatus.BAD_REQUEST,
                    "refresh_token_not_found",
                    "refresh_token: not one of ours, or too old; sign in again",
                ) from None
            return self.session(claims["email"])
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "unsupported_grant_type",
            "grant_type: password or refresh_token",
        )

    def published(self, path: str) -> Json | None:
        documents: dict[str, Json] = {
            f"{_PATH}/.well-known/openid-configuration": {
                "issuer": LOCAL_ISSUER,
                "jwks_uri": f"{LOCAL_ISSUER}/.well-known/jwks.json",
            },
            f"{_PATH}/.well-known/jwks.json": {"keys": [self.keys.public]},
        }
        return documents.get(path)


def creator_id(email: str) -> str:
    """The same creator each time."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email.strip().lower()}"))


def _email(value: Any) -> str:
    if not isinstance(value, str) or "@" not in value or len(value) > 254:
        raise Refused(
            HTTPStatus.BAD_REQUEST, "validation_failed", "email: an address such as me@example.org"
        )
    return value.strip().lower()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, issuer: Issuer, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.issuer = issuer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, format: str, *_: Any) -> None:
        """Nothing: what is asked here has addresses and tokens in it."""

    def do_OPTIONS(self) -> None:
        self._serve(lambda: (HTTPStatus.NO_CONTENT, None))

    def do_GET(self) -> None:
        self._serve(self._published)

    def do_POST(self) -> None:
        self._serve(self._granted)

    def _serve(self, answer: Callable[[], tuple[HTTPStatus, Json | None]]) -> None:
        try:
            self._refuse_strangers()
            status, body = answer()
        except Refused as refused:
            status = refused.status
            body = {"code": status, "error_code": refused.code, "msg": str(refused)}
        self._answer(status, body)

    def _refuse_strangers(self) -> None:
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        problem = foreign_host(headers)
        if problem is not None:
            message = f"{problem}: call {LOCAL_ISSUER}"
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "not_here", message)
        page = foreign_page(headers, is_loopback_origin)
        if page is not None:
            message = f"pages of other sites may not sign in here ({page})"
            raise Refused(HTTPStatus.FORBIDDEN, "foreign_page", message)

    def _published(self) -> tuple[HTTPStatus, Json]:
        found = self.server.issuer.published(urlsplit(self.path).path)
        if found is None:
            raise Refused(HTTPStatus.NOT_FOUND, "not_found", "there is nothing here")
        return HTTPStatus.OK, found

    def _granted(self) -> tuple[HTTPStatus, Json | None]:
        asked = self._body()
        address = urlsplit(self.path)
        if address.path == f"{_PATH}/logout":
            return HTTPStatus.NO_CONTENT, None
        if address.path != f"{_PATH}/token":
            raise Refused(HTTPStatus.NOT_FOUND, "not_found", "there is nothing here")
        grant = parse_qs(address.query).get("grant_type", [""])[0]
        return HTTPStatus.OK, self.server.issuer.granted(grant, asked)

    def _body(self) -> Json:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MOST_BODY_BYTES:
            self.close_connection = True
            raise Refused(HTTPStatus.BAD_REQUEST, "bad_json", "the body: too long")
        content = self.rfile.read(int(length))
        try:
            body = json.loads(content) if content else {}
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "bad_json", "the body: not a JSON object")
        return body

    def _answer(self, status: HTTPStatus, body: Json | None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        origin = self.headers.get("Origin", "")
        if is_loopback_origin(origin):
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Headers", "content-type, authorization, apikey")
        self.send_header("Vary", "Origin")
        self.send_header("Cache-Control", "no-store")
        if body is not None:
            self.send_header("Content-Type", "application/json")
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
