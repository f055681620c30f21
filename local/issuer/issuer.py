"""Signs creators in on this machine. It stands in for Supabase and is never deployed.

Any email address signs in, with any password. Tokens and answers have Supabase's shape, so
the code that verifies them here is the code that verifies them on AWS.
"""

import threading
import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import jwt

from config.settings import LOCAL_ISSUER
from local.issuer.keys import Keys
from local.issuer.server import PATH, Json, Refused, Server

AUDIENCE: Final = "authenticated"
TOKEN_SECONDS: Final = 3600
_REFRESH_AUDIENCE: Final = "refresh"
_REFRESH_SECONDS: Final = 30 * 24 * 3600
_POLL_SECONDS: Final = 0.05


class Issuer:
    """Its tokens name the same issuer for every local cloud, whatever its port.

    Each cloud resolves that name to the issuer that it was started with.
    """

    def __init__(self, key_file: Path) -> None:
        self.keys = Keys(key_file)
        self._server: Server | None = None

    def start(self, port: int = 0) -> None:
        """Listens on the port, or on any free one."""
        self._server = Server(port, self.published, self.granted)
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
        """The address where pages sign in; Supabase's is https://….supabase.co/auth/v1."""
        return f"http://localhost:{self.port}{PATH}"

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
                    "refresh_token: unknown or expired; sign in again",
                ) from None
            return self.session(claims["email"])
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "unsupported_grant_type",
            "grant_type: must be password or refresh_token",
        )

    def published(self, path: str) -> Json | None:
        documents: dict[str, Json] = {
            f"{PATH}/.well-known/openid-configuration": {
                "issuer": LOCAL_ISSUER,
                "jwks_uri": f"{LOCAL_ISSUER}/.well-known/jwks.json",
            },
            f"{PATH}/.well-known/jwks.json": {"keys": [self.keys.public]},
        }
        return documents.get(path)


def creator_id(email: str) -> str:
    """The same id for the same address, each time."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email.strip().lower()}"))


def _email(value: Any) -> str:
    if not isinstance(value, str) or "@" not in value or len(value) > 254:
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "validation_failed",
            "email: must be an address such as me@example.org",
        )
    return value.strip().lower()
