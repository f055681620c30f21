"""Signs tokens as Privy does: ES256, by a key that is published as a JWKS."""

import hashlib
import json
import time
import uuid
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

APP: Final = "local"
ISSUER: Final = "privy.io"
TOKEN_SECONDS: Final = 3600
_KEY_ID: Final = "local-1"

Json = dict[str, Any]


class Privy:
    def __init__(self, key_file: Path) -> None:
        self._file = key_file

    @cached_property
    def _private(self) -> ec.EllipticCurvePrivateKey:
        if not self._file.exists():
            fresh = ec.generate_private_key(ec.SECP256R1())
            self._file.touch(mode=0o600)
            self._file.write_bytes(
                fresh.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        loaded = serialization.load_pem_private_key(self._file.read_bytes(), password=None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        return loaded

    @property
    def published(self) -> Json:
        public: Json = jwt.algorithms.ECAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
        return {"keys": [public | {"kid": _KEY_ID, "alg": "ES256", "use": "sig"}]}

    def token(self, email: str, **claims: Any) -> str:
        """An access token of the person with this address."""
        now = int(time.time())
        payload = {
            "iss": ISSUER,
            "aud": APP,
            "sub": subject(email),
            "sid": uuid.uuid4().hex,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        } | claims
        return jwt.encode(payload, self._private, algorithm="ES256", headers={"kid": _KEY_ID})

    def identity_token(self, email: str) -> str:
        """Has the linked accounts, of which one is a wallet."""
        accounts = [
            {"type": "email", "address": email},
            {"type": "wallet", "address": wallet(email)},
        ]
        return self.token(email, linked_accounts=json.dumps(accounts))


def subject(email: str) -> str:
    """The same for the same address, each time."""
    return f"did:privy:{uuid.uuid5(uuid.NAMESPACE_URL, f'mailto:{email.strip().lower()}').hex}"


def wallet(email: str) -> str:
    return "0x" + hashlib.sha256(email.strip().lower().encode()).hexdigest()[:40]
