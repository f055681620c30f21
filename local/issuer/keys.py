"""The key pair that signs the local issuer's tokens."""

import threading
import uuid
from functools import cached_property
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from config.settings import LOCAL_ISSUER

Json = dict[str, Any]


class Keys:
    """Kept in a file, because API Gateway caches the public key for two hours.

    Tokens stay valid when the issuer restarts.
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
