"""The services that players' functions call, on loopback: Privy, X, a model, and the boards."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

APP: Final = "app-of-the-tests"
CLIENT: Final = "client-of-the-tests"
X_SECRET: Final = "canary-x-client-secret"
X_TOKEN: Final = "canary-x-access-token"
REDIRECT: Final = "https://example.org/signed-in"

Json = dict[str, Any]


@dataclass
class Signer:
    kid: str = "key-1"
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def jwk(self) -> Json:
        public: Json = jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return public | {"kid": self.kid, "alg": "ES256", "use": "sig"}

    def token(self, now_s: int, *, headers: Json | None = None, **claims: Any) -> str:
        payload = {
            "iss": "privy.io",
            "aud": APP,
            "sub": "did:privy:ann",
            "sid": "session",
            "iat": now_s,
            "exp": now_s + 3600,
        } | claims
        payload = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(
            payload, self.private, algorithm="ES256", headers={"kid": self.kid} | (headers or {})
        )


@dataclass
class Twins:
    url: str = ""
    published: list[Signer] = field(default_factory=lambda: [Signer()])
    codes: dict[str, Json] = field(default_factory=dict)
    """X's codes that were granted and not exchanged, each with the user that it names."""
    exchanged: list[Json] = field(default_factory=list)
    boards: dict[str, Json] = field(default_factory=dict)
    lines: list[Json] = field(default_factory=list)
    """What the model says next; without one it answers kindly."""
    asked: list[Json] = field(default_factory=list)
    """What the model was sent."""
    statuses: dict[str, int] = field(default_factory=dict)
    """By the beginning of a path: refusals instead of answers."""
    fetched: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any]:
        self.fetched.append(path)
        for start, status in self.statuses.items():
            if path.startswith(start):
                return status, {"message": "a bad day"}
        if path == "/jwks.json":
            return 200, {"keys": [each.jwk for each in self.published]}
        if path == "/2/oauth2/token":
            return self._exchange(parse_qs(body.decode()), headers)
        if path == "/2/users/me":
            return self._user(headers)
        if path.startswith("/api/ranking/"):
            board = self.boards.get(path.removeprefix("/api/ranking/"))
            return (404, {}) if board is None else (200, board)
        if path.endswith("/converse") and method == "POST":
            return self._said(json.loads(body))
        return 404, {}

    def _exchange(self, form: dict[str, list[str]], headers: Any) -> tuple[int, Json]:
        self.exchanged.append({"authorization": headers.get("authorization"), **form})
        code = form["code"][0]
        if code not in self.codes:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": f"{X_TOKEN}-{code}", "token_type": "bearer"}

    def _user(self, headers: Any) -> tuple[int, Json]:
        code = headers.get("authorization", "").rpartition("-")[2]
        user = self.codes.pop(code, None)
        return (401, {}) if user is None else (200, {"data": user})

    def _said(self, request: Json) -> tuple[int, Json]:
        self.asked.append(request)
        line = (
            self.lines.pop(0)
            if self.lines
            else {"reply": f"answer {len(self.asked)}", "score": 80, "emotion": "happy"}
        )
        content = [{"toolUse": {"toolUseId": "1", "name": "answer", "input": line}}]
        return 200, {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": "tool_use",
            "usage": {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120},
            "metrics": {"latencyMs": 1},
        }


@contextmanager
def running_twins() -> Iterator[Twins]:
    twins = Twins()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content = twins.answer(
                self.command, urlsplit(self.path).path, self.headers, body
            )
            answer = json.dumps(content).encode()
            self.send_response_only(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _serve

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    twins.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield twins
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
