"""JSON Web Tokens of a provider that signs with ES256, and the keys that it publishes."""

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from lambdas.players.errors import (
    ProofAlgorithm,
    ProofAudience,
    ProofExpired,
    ProofIssuer,
    ProofKeyUnknown,
    ProofMalformed,
    ProofSignature,
)

LONGEST_TOKEN: Final = 8_192
LEEWAY_SECONDS: Final = 30
REREAD_SECONDS: Final = 3600
REREAD_FOR_UNKNOWN_SECONDS: Final = 60
"""Whoever invents ids of keys must not make us ask the provider at each invention."""
_ALGORITHM: Final = "ES256"
_HALF: Final = 32

Json = dict[str, Any]
Key = ec.EllipticCurvePublicKey


class PublishedKeys:
    """A JWKS, read once an hour and once more for a key that is not in it."""

    def __init__(
        self, read: Callable[[], Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._read_at = self._doubted_at = float("-inf")

    def named(self, kid: str) -> Key | None:
        now = self._clock()
        if now - self._read_at >= REREAD_SECONDS:
            self._refresh(now)
        elif kid not in self._keys and now - self._doubted_at >= REREAD_FOR_UNKNOWN_SECONDS:
            self._doubted_at = now
            self._refresh(now)
        return self._keys.get(kid)

    def _refresh(self, now: float) -> None:
        """Keys that were good a moment ago are better than no sign-in."""
        try:
            self._keys = keys_in(self._read())
        except Exception:
            if not self._keys:
                raise
        self._read_at = now


def keys_in(document: Any) -> dict[str, Key]:
    """The document's keys that can sign with ES256; others are passed over."""
    listed = document.get("keys") if isinstance(document, dict) else None
    found = {}
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict) and isinstance(each.get("kid"), str):
            key = _key(each)
            if key is not None:
                found[each["kid"]] = key
    return found


def _key(jwk: Json) -> Key | None:
    if (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
        return None
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", _ALGORITHM) != _ALGORITHM:
        return None
    try:
        x, y = (int.from_bytes(_decoded(jwk[name]), "big") for name in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except (KeyError, TypeError, ValueError, ProofMalformed):
        return None


class Verifier:
    def __init__(self, keys: PublishedKeys, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    def claims(self, token: Any, now_s: int, field: str = "token") -> Json:
        """What the provider says, if all of it is as it must be."""
        if not isinstance(token, str) or not token.isascii() or len(token) > LONGEST_TOKEN:
            raise ProofMalformed(field)
        parts = token.split(".")
        if len(parts) != 3:
            raise ProofMalformed(field)
        header, claims = _object(parts[0], field), _object(parts[1], field)
        self._check_signature(token, header, parts[2], field)
        self._check_claims(claims, now_s, field)
        return claims

    def _check_signature(self, token: str, header: Json, encoded: str, field: str) -> None:
        if header.get("alg") != _ALGORITHM:
            raise ProofAlgorithm(field)
        kid = header.get("kid")
        if not isinstance(kid, str) or "crit" in header:
            raise ProofMalformed(field)
        signature = _decoded(encoded, field)
        if len(signature) != 2 * _HALF:
            raise ProofSignature(field)
        key = self._keys.named(kid)
        if key is None:
            raise ProofKeyUnknown(field)
        r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
        signed = token.rpartition(".")[0].encode()
        try:
            key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
        except InvalidSignature:
            raise ProofSignature(field) from None

    def _check_claims(self, claims: Json, now_s: int, field: str) -> None:
        if claims.get("iss") != self._issuer:
            raise ProofIssuer(field)
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise ProofAudience(field)
        expires = _moment(claims, "exp", field)
        if expires is None:
            raise ProofMalformed(field)
        if now_s >= expires + LEEWAY_SECONDS:
            raise ProofExpired(field)
        for name in ("nbf", "iat"):
            begins = _moment(claims, name, field)
            if begins is not None and begins > now_s + LEEWAY_SECONDS:
                raise ProofExpired(field)


def _moment(claims: Json, name: str, field: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProofMalformed(field)
    return value


def _object(encoded: str, field: str) -> Json:
    try:
        content = json.loads(_decoded(encoded, field))
    except (ValueError, RecursionError):
        raise ProofMalformed(field) from None
    if not isinstance(content, dict):
        raise ProofMalformed(field)
    return content


def _decoded(encoded: str, field: str = "token") -> bytes:
    """One spelling for each text: no padding, and no bits that are thrown away."""
    try:
        content = base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ProofMalformed(field) from None
    if base64.urlsafe_b64encode(content).rstrip(b"=").decode() != encoded:
        raise ProofMalformed(field)
    return content
