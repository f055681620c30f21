"""A stand-in for AWS that answers what put-score asks in its first request."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

from lambdas.shared.http.origin_lock import hash_of

LOCK_PARAMETER: Final = "/htmlgame/lock"
_LOCK: Final = "the-lock"
_ANSWERS: Final[dict[str, Any]] = {"GetParameter": {"Parameter": {"Value": hash_of(_LOCK)}}}

SCRIPT: Final = f"""
import {{module}} as function
class Context:
    aws_request_id = "request"
event = {{{{
    "routeKey": "PUT /x",
    "headers": {{{{"x-origin-verify": "{_LOCK}", "x-score": "0", "x-play-ms": "1"}}}},
    "pathParameters": {{{{"gameId": "snake", "period": "all", "userId": "x" * 22}}}},
}}}}
assert function.handler(event, Context())["statusCode"] == 400
"""
"""Passes the lock and is refused for its fields: what is measured is the lock, not DynamoDB."""


@contextmanager
def aws() -> Iterator[str]:
    """Yields its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            serving.join()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        answer = json.dumps(_ANSWERS[operation]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
